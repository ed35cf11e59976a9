//! Expressions: CEL over the variables of a flow, read once when the flow is loaded. Number literals with a point are
//! exact decimals. Knows nothing of steps; variables come from a [`Lookup`].

mod explain;
mod functions;
pub(crate) mod names;
mod operators;
mod rewrite;
mod template;
mod views;

use std::sync::Arc;

use cel::{
    Context, IdedExpr,
    common::{ast::Expr, value::CowVal},
    context::VariableResolver,
    objects::Value as CelValue,
};

pub(crate) use functions::known as known_functions;
pub(crate) use template::Template;

use crate::{suggestion::did_you_mean, value::Value};

/// The longest expression.
const LONGEST: usize = 4_096;
/// The deepest nesting of an expression.
const DEEPEST: u16 = 48;

/// Where an expression finds its variables.
pub(crate) trait Lookup: Sync {
    /// The value of the variable called `name`.
    fn find(&self, name: &str) -> Option<&Value>;
    /// The names of all variables.
    fn names(&self) -> Vec<&str>;
}

/// A call in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) arguments: usize,
}

/// An expression that has been read.
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    pub(crate) source: Arc<str>,
    pub(crate) tree: Arc<IdedExpr>,
    /// The variables it reads.
    pub(crate) variables: Arc<[String]>,
    /// The fields it reads of them, where it says so with a point: (variable, field).
    pub(crate) fields: Arc<[(String, String)]>,
    /// The functions it calls.
    pub(crate) calls: Arc<[Call]>,
    /// Its line and column, where it is the whole of a field.
    pub(crate) position: Option<(u64, u64)>,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn parse(source: &str) -> Result<Self, String> {
        if source.trim().is_empty() {
            return Err("the expression is empty".to_owned());
        }
        if source.len() > LONGEST {
            return Err(format!("the expression is longer than {LONGEST} bytes; compute it in several set steps"));
        }
        let ascii = names::to_ascii(source)?;
        rewrite::guard_depth(&ascii, usize::from(DEEPEST))?;
        let parser = functions::ENVIRONMENT.parser().max_recursion_depth(DEEPEST);
        let (tree, info) =
            parser.parse_with_source_info(&ascii).map_err(|errors| explain::parse_errors(&errors, &ascii))?;
        let rewritten = rewrite::rewrite(tree, &info)?;
        Ok(Self {
            source: source.trim().into(),
            tree: Arc::new(rewritten.tree),
            variables: rewritten.variables.into(),
            fields: rewritten.fields.into(),
            calls: rewritten.calls.into(),
            position: None,
        })
    }

    /// What it comes to.
    ///
    /// # Errors
    /// Why it comes to nothing, in words.
    pub(crate) fn evaluate(&self, variables: &dyn Lookup) -> Result<Value, String> {
        if let Some(segments) = path(&self.tree.expr)
            && let Some(found) = walk(variables, &segments)
        {
            return found.cloned();
        }
        functions::begin();
        let resolver = Resolver(variables);
        let mut context = Context::with_env(functions::ENVIRONMENT.clone());
        context.set_variable_resolver(&resolver);
        let result = CelValue::resolve_val(&self.tree, &context);
        match result {
            Ok(val) => views::value_of(&*val).map_err(|error| self.failed(&error)),
            Err(error) => Err(self.failed(&explain::execution_error(&error, &self.tree, variables))),
        }
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// It comes to nothing, or to something that is neither true nor false.
    pub(crate) fn holds(&self, variables: &dyn Lookup) -> Result<bool, String> {
        match self.evaluate(variables)? {
            Value::Boolean(value) => Ok(value),
            other => Err(format!("\"{}\" must come to true or false, but comes to {}", self.source, other.kind())),
        }
    }

    fn failed(&self, error: &str) -> String {
        format!("\"{}\" cannot be computed: {error}", crate::decimal::shorten(&self.source, 200))
    }
}

/// The names of `a.b.c`.
fn path(expression: &Expr) -> Option<Vec<&str>> {
    let mut segments = Vec::new();
    let mut at = expression;
    loop {
        match at {
            Expr::Ident(name) => {
                segments.push(name.as_str());
                segments.reverse();
                return Some(segments);
            }
            Expr::Select(select) if !select.test => {
                segments.push(&select.field);
                at = &select.operand.expr;
            }
            _ => return None,
        }
    }
}

/// Follows `a.b.c` from the variable `a`; `None` when there is no such variable.
fn walk<'a>(variables: &'a dyn Lookup, segments: &[&str]) -> Option<Result<&'a Value, String>> {
    let (root, fields) = segments.split_first()?;
    let mut value = variables.find(root)?;
    for (place, field) in fields.iter().enumerate() {
        let owner = segments[..=place].join(".");
        value = match value {
            Value::Object(object) => match object.fields().get(*field) {
                Some(value) => value,
                None => return Some(Err(missing_field(&owner, field, value))),
            },
            other => {
                let cause = format!("{owner} has no field \"{field}\": it is {}", other.kind());
                return Some(Err(cause));
            }
        };
    }
    Some(Ok(value))
}

/// Why `owner` has no `field`.
fn missing_field(owner: &str, field: &str, object: &Value) -> String {
    let Value::Object(object) = object else { return format!("{owner} has no field \"{field}\"") };
    let remedy = did_you_mean(field, object.fields().keys().map(String::as_str), "fields");
    format!("{owner} has no field \"{field}\"; {remedy}")
}

/// Hands variables to CEL. It asks for `a.b.c` first: only the cell is made into a CEL value, not the row around it.
struct Resolver<'a>(&'a dyn Lookup);

// The only borrow is of a `Lookup`, which is `Sync`.
impl VariableResolver for Resolver<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let segments: Vec<&str> = variable.trim_start_matches('.').split('.').collect();
        walk(self.0, &segments)?.ok().map(views::view)
    }
}

#[cfg(test)]
mod tests;

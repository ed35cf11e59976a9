//! Makes CEL's tree ours: names in their own script, number literals exact, operators ours. Collects the variables and
//! calls on the way, for the checks that come before any run.

use cel::{
    IdedExpr,
    common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue, SourceInfo},
};
use rust_decimal::Decimal;

use super::{
    Call,
    functions::{OPERATORS, ROUNDS},
    names,
};

/// A tree with what was found in it.
pub(crate) struct Rewritten {
    pub(crate) tree: IdedExpr,
    pub(crate) variables: Vec<String>,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) calls: Vec<Call>,
}

/// The most operators, points and brackets of one expression: they bound the depth of the tree.
const MOST_OPERATORS: usize = 256;

/// Refuses what is nested too deep before the parser sees it: the parser counts only its own kind of depth.
pub(crate) fn guard_depth(source: &str, deepest: usize) -> Result<(), String> {
    let (mut depth, mut highest, mut operators, mut at) = (0_usize, 0_usize, 0_usize, 0_usize);
    while let Some(next) = source[at..].chars().next() {
        if matches!(next, '"' | '\'')
            && let Some(end) = names::quoted_end(source, at)
        {
            at = end;
            continue;
        }
        match next {
            '(' | '[' | '{' | '?' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        operators += usize::from(next.is_ascii_punctuation() && !matches!(next, ',' | '_' | ')' | ']' | '}'));
        highest = highest.max(depth);
        at += next.len_utf8();
    }
    if highest > deepest {
        return Err(format!(
            "the expression is nested more than {deepest} levels deep; compute it in several set steps"
        ));
    }
    if operators > MOST_OPERATORS {
        return Err(format!(
            "the expression has more than {MOST_OPERATORS} operators; compute it in several set steps"
        ));
    }
    Ok(())
}

pub(crate) fn rewrite(tree: IdedExpr, info: &SourceInfo) -> Result<Rewritten, String> {
    let mut walk = Walk { info, bound: Vec::new(), variables: Vec::new(), fields: Vec::new(), calls: Vec::new() };
    let tree = walk.node(tree)?;
    Ok(Rewritten { tree, variables: walk.variables, fields: walk.fields, calls: walk.calls })
}

struct Walk<'a> {
    info: &'a SourceInfo,
    /// Names that `map`, `filter` and the like bind.
    bound: Vec<String>,
    variables: Vec<String>,
    fields: Vec<(String, String)>,
    calls: Vec<Call>,
}

/// The first word of functions with two: `lists.range(3)`.
const NAMESPACES: &[&str] = &["optional", "lists", "strings"];

impl Walk<'_> {
    fn node(&mut self, node: IdedExpr) -> Result<IdedExpr, String> {
        let expr = match node.expr {
            Expr::Ident(name) => Expr::Ident(self.variable(&name)),
            Expr::Select(mut select) => {
                select.field = names::from_ascii(&select.field);
                *select.operand = self.node(std::mem::take(&mut *select.operand))?;
                if !select.test
                    && let Expr::Ident(name) = &select.operand.expr
                    && !self.bound.contains(name)
                {
                    self.fields.push((name.trim_start_matches('.').to_owned(), select.field.clone()));
                }
                Expr::Select(select)
            }
            Expr::Literal(LiteralValue::Double(double)) => {
                let double = *double.inner();
                return Ok(decimal_literal(node.id, self.exact(node.id, double)?));
            }
            Expr::Call(call) => self.call(call)?,
            Expr::List(mut list) => {
                list.elements = self.nodes(list.elements)?;
                Expr::List(list)
            }
            Expr::Map(mut map) => {
                for entry in &mut map.entries {
                    if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                        entry.key = self.node(std::mem::take(&mut entry.key))?;
                        entry.value = self.node(std::mem::take(&mut entry.value))?;
                    }
                }
                Expr::Map(map)
            }
            Expr::Comprehension(comprehension) => Expr::Comprehension(Box::new(self.comprehension(*comprehension)?)),
            Expr::Struct(object) => {
                let name = names::from_ascii(&object.type_name);
                return Err(format!("\"{name}{{…}}\" has no meaning here; an object is written {{\"name\": value}}"));
            }
            other @ (Expr::Literal(_) | Expr::Unspecified) => other,
        };
        Ok(IdedExpr { id: node.id, expr })
    }

    fn nodes(&mut self, nodes: Vec<IdedExpr>) -> Result<Vec<IdedExpr>, String> {
        nodes.into_iter().map(|node| self.node(node)).collect()
    }

    fn variable(&mut self, name: &str) -> String {
        let name = names::from_ascii(name);
        let plain = name.trim_start_matches('.');
        let ours = !plain.starts_with('@') && !self.bound.iter().any(|bound| bound == plain);
        if ours && !self.variables.iter().any(|known| known == plain) {
            self.variables.push(plain.to_owned());
        }
        name
    }

    fn call(&mut self, mut call: CallExpr) -> Result<Expr, String> {
        // What the macros add up for themselves stays CEL's own, which is quick at it.
        let accumulates =
            matches!(call.args.first(), Some(IdedExpr { expr: Expr::Ident(name), .. }) if name.starts_with('@'));
        if !accumulates && let Some((_, ours)) = OPERATORS.iter().find(|(theirs, _)| *theirs == call.func_name) {
            (*ours).clone_into(&mut call.func_name);
        }
        call.func_name = names::from_ascii(&call.func_name);
        let is_word = call.func_name.starts_with(char::is_alphabetic);
        let arguments = call.args.len() + usize::from(call.target.is_some());
        if is_word {
            self.calls.push(Call { name: call.func_name.clone(), arguments });
        }
        if let Some(target) = call.target.take() {
            let is_namespace = matches!(&target.expr, Expr::Ident(name) if NAMESPACES.contains(&name.as_str()));
            call.target = Some(if is_namespace { target } else { Box::new(self.node(*target)?) });
        }
        call.args = self.nodes(call.args)?;
        Ok(Expr::Call(call))
    }

    fn comprehension(&mut self, mut it: ComprehensionExpr) -> Result<ComprehensionExpr, String> {
        let range = self.node(it.iter_range)?;
        let counted = CallExpr { func_name: ROUNDS.to_owned(), target: None, args: vec![range] };
        it.iter_range = IdedExpr { id: 0, expr: Expr::Call(counted) };
        it.accu_init = self.node(it.accu_init)?;
        it.iter_var = names::from_ascii(&it.iter_var);
        it.accu_var = names::from_ascii(&it.accu_var);
        it.iter_var2 = it.iter_var2.map(|name| names::from_ascii(&name));
        let before = self.bound.len();
        self.bound.extend([it.iter_var.clone(), it.accu_var.clone()]);
        self.bound.extend(it.iter_var2.clone());
        it.loop_cond = self.node(it.loop_cond)?;
        it.loop_step = self.node(it.loop_step)?;
        it.result = self.node(it.result)?;
        self.bound.truncate(before);
        Ok(it)
    }

    /// The decimal that a literal shows, from its own text: 1.20 stays 1.20. CEL leaves the sign out of the place.
    fn exact(&self, id: u64, double: f64) -> Result<Decimal, String> {
        let written = self.info.offset_for(id).and_then(|(start, last)| {
            let (start, last) = (usize::try_from(start).ok()?, usize::try_from(last).ok()?);
            self.info.source.get(start..=last)
        });
        let sign = if double.is_sign_negative() { "-" } else { "" };
        let shortest = double.to_string();
        let text = written.map(|text| format!("{sign}{}", text.trim_start_matches('-')));
        let text = text.filter(|text| text.parse::<f64>() == Ok(double)).unwrap_or(shortest);
        crate::decimal::parse_decimal(&text).map_err(|error| format!("the number {error}"))
    }
}

/// A call that makes the literal's exact value.
fn decimal_literal(id: u64, value: Decimal) -> IdedExpr {
    let text = LiteralValue::String(value.to_string().into());
    let argument = IdedExpr { id, expr: Expr::Literal(text) };
    IdedExpr { id, expr: Expr::Call(CallExpr { func_name: "decimal".to_owned(), target: None, args: vec![argument] }) }
}

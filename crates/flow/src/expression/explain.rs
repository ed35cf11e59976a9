//! CEL's errors in words that whoever writes a flow can act on. Our own functions write their words themselves.

use cel::{
    ExecutionError, IdedExpr, ParseErrors,
    common::ast::{EntryExpr, Expr},
};

use super::{Lookup, functions::known, missing_field, names, path, walk};
use crate::{suggestion::did_you_mean, value::Value};

/// Why an expression cannot be read.
pub(crate) fn parse_errors(errors: &ParseErrors, source: &str) -> String {
    let Some(first) = errors.errors.first() else { return "it cannot be read".to_owned() };
    let message = first.msg.split(" expecting {").next().unwrap_or_default();
    if message.ends_with("input '<EOF>'") {
        return "the expression ends too early: something is missing at its end".to_owned();
    }
    let message = message.replace("'<EOF>'", "its end");
    let message = message.trim_start_matches("Syntax error: ").replace("mismatched input", "unexpected");
    let message =
        message.replace("extraneous input", "unexpected").replace("no viable alternative at input", "unexpected");
    let hint = if source.contains('=')
        && !source.contains("==")
        && !source.contains("!=")
        && !source.contains("<=")
        && !source.contains(">=")
    {
        "; to compare, write == with two signs"
    } else if source.contains(" and ") || source.contains(" or ") || source.starts_with("not ") {
        "; write && for and, || for or, ! for not"
    } else {
        ""
    };
    format!("{message}{hint}")
}

/// Why an expression came to nothing.
pub(crate) fn execution_error(error: &ExecutionError, tree: &IdedExpr, variables: &dyn Lookup) -> String {
    match error {
        ExecutionError::FunctionError { message, .. } => message.clone(),
        ExecutionError::NoSuchKey(key) => no_such_key(key, tree, variables),
        ExecutionError::UndeclaredReference(name) => {
            let name = names::from_ascii(name);
            let mut candidates: Vec<&str> = variables.names();
            known().for_each(|word| candidates.push(word));
            format!("there is no variable or function \"{name}\"; {}", did_you_mean(&name, candidates, "variables"))
        }
        ExecutionError::NoSuchOverload(overload) => {
            let kinds: Vec<&str> = overload.argument_types().iter().map(|kind| kind_word(kind)).collect();
            let remedy = if kinds.contains(&"a text") && kinds.iter().any(|kind| is_number(kind)) {
                "; write decimal(…) around a text to calculate with it, text(…) around a number to use it as a text"
            } else {
                ""
            };
            format!("{} cannot take {}{remedy}", operator_word(overload.function()), kinds.join(" and "))
        }
        ExecutionError::InvalidArgumentCount { expected, actual } => {
            format!("a function needs {expected} values and gets {actual}")
        }
        ExecutionError::IndexOutOfBounds(place) => format!("the list has no such place ({place:?})"),
        ExecutionError::DuplicateKey(_) => "an object names the same field twice".to_owned(),
        other => other.to_string(),
    }
}

fn kind_word(kind: &str) -> &str {
    match kind {
        "string" => "a text",
        "int" | "uint" => "a whole number",
        "double" => "an inexact number",
        "decimal" => "a decimal",
        "bool" => "true or false",
        "list" => "a list",
        "map" => "an object",
        "null_type" => "nothing (null)",
        other => other,
    }
}

fn is_number(kind: &str) -> bool {
    matches!(kind, "a whole number" | "a decimal" | "an inexact number")
}

fn operator_word(function: &str) -> String {
    let word = match function {
        "_&&_" => "&&",
        "_||_" => "||",
        "!_" => "!",
        "_?_:_" => "? :",
        "_[_]" => "[ ]",
        other => other,
    };
    format!("\"{word}\"")
}

/// Finds the place of the tree that asks for the missing field, and what its owner offers instead.
fn no_such_key(key: &str, tree: &IdedExpr, variables: &dyn Lookup) -> String {
    let mut waiting = vec![tree];
    while let Some(node) = waiting.pop() {
        let operand = match &node.expr {
            Expr::Select(select) if select.field == key => Some(&*select.operand),
            Expr::Call(call) if call.func_name == "_[_]" => call.args.first(),
            _ => None,
        };
        if let Some(segments) = operand.and_then(|operand| path(&operand.expr))
            && let Some(Ok(object @ Value::Object(fields))) = walk(variables, &segments)
            && !fields.fields().contains_key(key)
        {
            return missing_field(&segments.join("."), key, object);
        }
        waiting.extend(children(node));
    }
    format!("there is no field \"{key}\"")
}

fn children(node: &IdedExpr) -> Vec<&IdedExpr> {
    match &node.expr {
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => map
            .entries
            .iter()
            .flat_map(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
                EntryExpr::StructField(field) => vec![&field.value],
            })
            .collect(),
        Expr::Comprehension(it) => vec![&it.iter_range, &it.loop_cond, &it.loop_step, &it.result],
        _ => Vec::new(),
    }
}

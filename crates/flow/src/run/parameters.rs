//! The in- and out-parameters of a flow: texts outside, typed values inside.

use baigong_model::Parameter;
use indexmap::IndexMap;

use super::FlowError;
use crate::{
    convert::{described, from_text, is_none_given, to_type},
    document::{Flow, ParameterDeclaration},
    problem::Place,
    suggestion::did_you_mean,
    value::Value,
};

fn error(flow: &Flow, code: &str, messages: &[String]) -> Box<FlowError> {
    let place = Place { file: flow.file.clone(), line: 0, column: 0 };
    Box::new(FlowError {
        place,
        step: None,
        path: flow.file.clone(),
        code: code.to_owned(),
        message: messages.join("; "),
    })
}

/// The in-parameters a task carries, as the types the flow declares. All that is wrong is told at once.
pub(super) fn from_texts(flow: &Flow, given: &[Parameter]) -> Result<IndexMap<String, Value>, Box<FlowError>> {
    let mut values = IndexMap::new();
    let mut wrong = Vec::new();
    for parameter in given {
        let Some(declared) = flow.in_parameters.iter().find(|declared| declared.name == parameter.name) else {
            wrong.push(unknown(flow, &parameter.name));
            continue;
        };
        if is_none_given(&parameter.value, declared.parameter_type) {
            continue;
        }
        match from_text(&parameter.value, declared.parameter_type) {
            Ok(value) => {
                if values.insert(parameter.name.clone(), value).is_some() {
                    wrong.push(format!("the in-parameter \"{}\" is given twice", parameter.name));
                }
            }
            Err(cause) => wrong.push(format!("the in-parameter \"{}\" {cause}", parameter.name)),
        }
    }
    complete(flow, values, wrong).map_err(|wrong| error(flow, "invalidInput", &wrong))
}

/// The in-parameters another flow gives.
pub(super) fn from_values(flow: &Flow, given: &IndexMap<String, Value>) -> Result<IndexMap<String, Value>, String> {
    let mut values = IndexMap::new();
    let mut wrong = Vec::new();
    for (name, value) in given {
        match flow.in_parameters.iter().find(|declared| declared.name == *name) {
            None => wrong.push(unknown(flow, name)),
            Some(_) if matches!(value, Value::Null) => {}
            Some(declared) => match to_type(value, declared.parameter_type) {
                Ok(value) => {
                    values.insert(name.clone(), value);
                }
                Err(cause) => wrong.push(format!("the in-parameter \"{name}\" {cause}")),
            },
        }
    }
    complete(flow, values, wrong).map_err(|wrong| wrong.join("; "))
}

fn unknown(flow: &Flow, name: &str) -> String {
    let known = flow.in_parameters.iter().map(|declared| declared.name.as_str());
    format!("the flow has no in-parameter \"{name}\" ({})", did_you_mean(name, known, "in-parameters"))
}

/// Puts in the defaults, and finds what is missing.
fn complete(
    flow: &Flow,
    mut values: IndexMap<String, Value>,
    mut wrong: Vec<String>,
) -> Result<IndexMap<String, Value>, Vec<String>> {
    for declared in &flow.in_parameters {
        let was_wrong = || wrong.iter().any(|text| text.contains(&format!("in-parameter \"{}\" ", declared.name)));
        if values.contains_key(&declared.name) || was_wrong() {
            continue;
        }
        if declared.required {
            let kind = described(declared.parameter_type);
            let what =
                if declared.description.is_empty() { String::new() } else { format!(": {}", declared.description) };
            wrong.push(format!("the in-parameter \"{}\" is missing ({kind}{what})", declared.name));
        }
        values.insert(declared.name.clone(), declared.default.clone().unwrap_or_default());
    }
    if wrong.is_empty() { Ok(values) } else { Err(wrong) }
}

/// The out-parameters as the types the flow declares.
pub(super) fn checked(
    flow: &Flow,
    values: &IndexMap<String, Value>,
) -> Result<IndexMap<String, Value>, Box<FlowError>> {
    let mut typed = IndexMap::new();
    let mut wrong = Vec::new();
    for declared in &flow.out_parameters {
        match typed_output(declared, values.get(&declared.name).unwrap_or(&Value::Null)) {
            Ok(value) => {
                typed.insert(declared.name.clone(), value);
            }
            Err(cause) => wrong.push(format!("the out-parameter \"{}\" {cause}", declared.name)),
        }
    }
    if wrong.is_empty() { Ok(typed) } else { Err(error(flow, "invalidOutput", &wrong)) }
}

fn typed_output(declared: &ParameterDeclaration, value: &Value) -> Result<Value, String> {
    match value {
        Value::Null if declared.required => Err("has no value: set it before the flow ends".to_owned()),
        Value::Null => Ok(Value::Null),
        value => to_type(value, declared.parameter_type),
    }
}

/// The out-parameters as texts; one without a value is empty.
pub(super) fn to_texts(values: IndexMap<String, Value>) -> Vec<Parameter> {
    values.into_iter().map(|(name, value)| Parameter::new(name, value.to_string())).collect()
}

//! Every row of the printed contract is served with the printed names, types and required flags.

use std::{collections::BTreeSet, fs, path::PathBuf};

use baigong_api_kit::{Operation, Shape};
use baigong_api_tsac::{Tsac, table};
use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/contract")
}

/// The rows the platform serves.
pub(crate) fn rows() -> Vec<Value> {
    let text = fs::read_to_string(folder().join("tsac.json")).unwrap();
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    rows.into_iter().filter(|row| row["server"] == "platform").collect()
}

fn fields<'r>(row: &'r Value, key: &str) -> &'r [Value] {
    row[key].as_array().map_or(&[], Vec::as_slice)
}

fn name(field: &Value) -> &str {
    field["name"].as_str().unwrap()
}

#[test]
fn every_row_is_served() {
    let table = table();
    let served: BTreeSet<&str> = table.operations().map(|operation| operation.path).collect();
    let rows = rows();
    let printed: BTreeSet<&str> = rows.iter().map(|row| row["path"].as_str().unwrap()).collect();
    assert_eq!(printed.len(), 72);
    for path in &printed {
        assert!(served.contains(path), "{path} is printed but not served");
    }
}

#[test]
fn requests_take_the_printed_fields() {
    let table = table();
    let mut problems = Vec::new();
    for row in rows() {
        let Some(operation) = table.operations().find(|it| row["path"] == it.path) else { continue };
        let mut say = |what: String| problems.push(format!("{}: {what}", operation.path));
        if row["method"] != operation.method.as_str() || row["section"] != operation.clause {
            say(format!("is {} of clause \"{}\"", operation.method, operation.clause));
        }
        let is_form = row["content_type"] == "multipart/form-data";
        if is_form != operation.file.is_some() {
            say(format!("must take {}", row["content_type"]));
        }
        check_request(&row, operation, &mut say);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn check_request(row: &Value, operation: &Operation<Tsac>, say: &mut impl FnMut(String)) {
    let printed = fields(row, "body");
    for field in printed {
        let (name, is_required) = (name(field), field["required"] == true);
        if field["type"] == "file" {
            if operation.file != Some(name) {
                say(format!("takes the file {:?} instead of {name}", operation.file));
            }
            continue;
        }
        match operation.shape.object_fields().iter().find(|it| it.name == name) {
            None => say(format!("does not take {name}")),
            Some(ours) if ours.is_required != is_required => say(format!("{name}: required must be {is_required}")),
            Some(ours) => {
                check_shape(field, &ours.shape, say);
                check_bounds(name, &ours.shape, say);
            }
        }
    }
    for ours in operation.shape.object_fields() {
        if ours.is_required && !printed.iter().any(|it| name(it) == ours.name) {
            say(format!("{} is an extension and must not be required", ours.name));
        }
    }
}

/// A number that is no id has a range, so that the table refuses what is out of it and the document shows it.
fn check_bounds(name: &str, ours: &Shape, say: &mut impl FnMut(String)) {
    if matches!(ours, Shape::Integer { least: i64::MIN, .. }) && !name.ends_with("Id") {
        say(format!("{name} has no range: give its field #[schemars(range(min = …))]"));
    }
}

pub(crate) fn json_type(printed: &Value) -> &str {
    // The remark of an asset is printed as a number: a misprint.
    if printed["name"] == "remark" {
        return "string";
    }
    match printed["type"].as_str().unwrap() {
        "int" => "integer",
        "json" => "object",
        other => other,
    }
}

fn check_shape(printed: &Value, ours: &Shape, say: &mut impl FnMut(String)) {
    let name = name(printed);
    if ours.type_name() != json_type(printed) {
        say(format!("{name} must be {}, is {}", json_type(printed), ours.type_name()));
    }
    let Shape::Array(item) = ours else { return };
    for field in fields(printed, "fields") {
        match item.object_fields().iter().find(|it| it.name == self::name(field)) {
            None => say(format!("{name}[] has no {}", self::name(field))),
            Some(inner) => check_shape(field, &inner.shape, say),
        }
    }
}

#[test]
fn answers_have_the_printed_fields() {
    let document = table().openapi();
    let mut problems = Vec::new();
    for row in rows() {
        let operation = &document["paths"][row["path"].as_str().unwrap()]["post"];
        if operation.is_null() {
            continue;
        }
        let answers = operation["responses"].as_object().unwrap();
        let (_, answer) = answers.iter().find(|(status, _)| status.starts_with('2')).unwrap();
        let data = &answer["content"]["application/json"]["schema"]["properties"]["data"];
        check_answer(&document, data, fields(&row, "data"), row["path"].as_str().unwrap(), &mut problems);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn check_answer(document: &Value, schema: &Value, printed: &[Value], place: &str, problems: &mut Vec<String>) {
    let schema = resolve(document, schema);
    for field in printed {
        let ours = &schema["properties"][name(field)];
        if ours.is_null() {
            problems.push(format!("{place}: the answer has no {}", name(field)));
            continue;
        }
        let ours = resolve(document, ours);
        let types = match &ours["type"] {
            Value::Array(types) => types.clone(),
            single => vec![single.clone()],
        };
        if !types.contains(&json_type(field).into()) {
            problems.push(format!("{place}: {} must be {}, is {}", name(field), json_type(field), ours["type"]));
        }
        let inner = if ours["type"] == "array" { &ours["items"] } else { ours };
        check_answer(document, inner, fields(field, "fields"), &format!("{place} {}", name(field)), problems);
    }
}

fn resolve<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

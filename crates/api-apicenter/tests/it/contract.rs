//! Every row of the printed contract is served with the printed names, types and required flags.

use std::{fs, path::PathBuf};

use baigong_api_apicenter::{ApiCenter, table};
use baigong_api_kit::{Field, Operation, Shape};
use serde_json::Value;

fn rows() -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/contract/apicenter.json");
    let rows: Vec<Value> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(rows.len(), 64);
    rows
}

fn text<'r>(row: &'r Value, key: &str) -> &'r str {
    row[key].as_str().unwrap()
}

fn find<'t>(operations: &'t [&Operation<ApiCenter>], row: &Value) -> Option<&'t Operation<ApiCenter>> {
    operations.iter().find(|it| it.path == row["path"] && it.method.as_str() == row["method"]).copied()
}

#[test]
fn every_row_is_served() {
    let table = table();
    let operations: Vec<_> = table.operations().collect();
    for row in rows() {
        let path = text(&row, "path");
        let operation = find(&operations, &row);
        let operation =
            operation.unwrap_or_else(|| panic!("{} {path} is printed but not served", text(&row, "method")));
        let sections = row["sections"].as_array().unwrap();
        assert!(sections.contains(&operation.clause.into()), "{path} is of the clauses {sections:?}");
    }
    assert_eq!(operations.len(), 64, "an operation is no row");
}

#[test]
fn requests_take_the_printed_fields() {
    let table = table();
    let operations: Vec<_> = table.operations().collect();
    let mut problems = Vec::new();
    for row in rows() {
        let Some(operation) = find(&operations, &row) else { panic!("{} is not served", row["path"]) };
        let printed = row["params"].as_array().unwrap();
        let mut say = |what: String| problems.push(format!("{}: {what}", operation.path));
        let fields = match (&*operation.shape, text(&row, "params_in")) {
            (Shape::Array(item), "json-array") => match &**item {
                Shape::Object(fields) => fields.as_slice(),
                Shape::Integer { .. } if printed.len() == 1 && printed[0]["type"] == "Long" => continue,
                other => panic!("{}: {other:?}", operation.path),
            },
            (Shape::Object(fields), "multipart") => {
                assert!(operation.file.is_some());
                fields.as_slice()
            }
            (Shape::Object(fields), place) if place != "json-array" => fields.as_slice(),
            (shape, place) => panic!("{}: {} in {place}", operation.path, shape.type_name()),
        };
        for field in printed {
            check(field, fields, operation, &mut say);
        }
        for ours in fields.iter().filter(|ours| ours.is_required) {
            if !printed.iter().any(|it| it["name"] == *ours.name) {
                say(format!("{} is an extension and must not be required", ours.name));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn check(printed: &Value, fields: &[Field], operation: &Operation<ApiCenter>, say: &mut impl FnMut(String)) {
    let name = text(printed, "name");
    if printed["type"] == "MultipartFile" {
        if operation.file != Some(name) {
            say(format!("takes the file {:?} instead of {name}", operation.file));
        }
        return;
    }
    let Some(ours) = fields.iter().find(|it| it.name == name) else { return say(format!("does not take {name}")) };
    if ours.is_required != (printed["required"] == true) {
        say(format!("{name}: required must be {}", printed["required"]));
    }
    let expected = match printed["type"].as_str() {
        None => return,
        Some("String") => "string",
        Some("Integer" | "Long" | "int" | "long") => "integer",
        Some("Boolean") => "boolean",
        Some(list) if list.starts_with("List<") => "array",
        Some(other) => panic!("{name}: {other}"),
    };
    if ours.shape.type_name() != expected {
        say(format!("{name} must be {expected}, is {}", ours.shape.type_name()));
    }
}

#[test]
fn answers_have_the_printed_fields() {
    let table = table();
    let operations: Vec<_> = table.operations().collect();
    let document = table.openapi();
    let mut problems = Vec::new();
    for row in rows() {
        let Some(operation) = find(&operations, &row) else { panic!("{} is not served", row["path"]) };
        let method = text(&row, "method").to_lowercase();
        let success = &document["paths"][operation.path][&method]["responses"]["200"];
        // What went wrong is the other.
        let schema = &success["content"]["application/json"]["schema"]["anyOf"][0];
        let is_list = row["returns"].as_array().unwrap().contains(&"total".into());
        for printed in row["returns"].as_array().unwrap() {
            let printed = printed.as_str().unwrap();
            // The fields of rows are printed as those of data here and there.
            let printed = if is_list { printed.replace("data.", "rows.") } else { printed.to_owned() };
            if !has(&document, schema, &printed) {
                problems.push(format!("{method} {}: the answer has no {printed}", operation.path));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Whether a schema has a field, whatever lists lie on the way.
fn has(document: &Value, schema: &Value, path: &str) -> bool {
    let mut schema = resolve(document, schema);
    for name in path.split('.') {
        // Printed as the columns of a table here, as camelCase in the examples.
        let name: String = {
            let mut parts = name.split('_');
            let first = parts.next().unwrap_or_default().to_owned();
            parts.fold(first, |whole, part| whole + &part[..1].to_uppercase() + &part[1..])
        };
        let field = &schema["properties"][&name];
        if field.is_null() {
            return false;
        }
        schema = resolve(document, field);
        if schema["type"] == "array" {
            schema = resolve(document, &schema["items"]);
        }
    }
    true
}

fn resolve<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

//! Every row of the printed contract is served: with the printed names, types and required flags, and with answers that have
//! every printed field.

use std::{collections::BTreeSet, fs, path::PathBuf};

use baigong_api_kit::{Operation, Shape};
use baigong_api_oapi::{Oapi, table};
use serde_json::{Value, json};

use crate::{
    bodies::goods,
    fixture::Things,
    server::{Server, on_both},
};

fn rows() -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/contract/oapi.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn fields<'r>(row: &'r Value, key: &str) -> &'r [Value] {
    row[key].as_array().map_or(&[], Vec::as_slice)
}

fn is_row(row: &Value, operation: &Operation<Oapi>) -> bool {
    row["path"] == operation.path && row["method"] == operation.method.as_str()
}

/// What is a misprint: the name of a parameter, as it is read.
fn meant<'n>(path: &str, name: &'n str) -> &'n str {
    if path == "/oapi/v1/asset" && name == "agentName" { "assetName" } else { name }
}

#[test]
fn every_row_is_served_with_the_printed_parameters() {
    let table = table();
    let rows = rows();
    assert_eq!(rows.len(), 43);
    let mut problems = Vec::new();
    for row in &rows {
        let Some(operation) = table.operations().find(|it| is_row(row, it)) else {
            problems.push(format!("{} {} is not served", row["method"], row["path"]));
            continue;
        };
        let mut say = |what: String| problems.push(format!("{} {}: {what}", operation.method, operation.path));
        let is_token = operation.path == "/oapi/v1/token";
        if row["section"] != operation.clause && !is_token {
            say(format!("clause {} is {}", row["section"], operation.clause));
        }
        for printed in fields(row, "params") {
            let name = meant(operation.path, printed["name"].as_str().unwrap());
            if operation.file == Some(name) {
                continue;
            }
            let Some(ours) = operation.shape.object_fields().iter().find(|it| it.name == name) else {
                say(format!("does not take {name}"));
                continue;
            };
            // Of a token either the one or the other is required: the function says so.
            if printed["required"] != ours.is_required && !is_token {
                say(format!("{name}: required must be {}", printed["required"]));
            }
            if !fits(printed["type"].as_str().unwrap(), &ours.shape) {
                say(format!("{name} must be {}, is {}", printed["type"], ours.shape.type_name()));
            }
        }
        for ours in operation.shape.object_fields().iter().filter(|ours| ours.is_required) {
            let mut printed =
                fields(row, "params").iter().map(|it| meant(operation.path, it["name"].as_str().unwrap()));
            if !printed.any(|name| name == ours.name) {
                say(format!("{} is an extension and must not be required", ours.name));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn fits(printed: &str, shape: &Shape) -> bool {
    match printed.to_ascii_lowercase().as_str() {
        "int" | "long" | "number" => matches!(shape, Shape::Integer { .. }),
        "string" | "date" => matches!(shape, Shape::String { .. } | Shape::Any),
        "object" => *shape == Shape::Any,
        other => panic!("{other} is no type"),
    }
}

/// What the examples print beyond the tables.
const ONLY_IN_EXAMPLES: [(&str, &[&str]); 3] = [
    (
        "/oapi/v1/user",
        &[
            "pwdModifyDate",
            "LastLoginTime",
            "loginSource",
            "loginFailureTimes",
            "handLock",
            "isReceMail",
            "administrators",
            "lodePass",
            "newPass",
        ],
    ),
    ("/oapi/v1/schedule/list", &["isHolidayExcept", "priority", "script"]),
    ("/oapi/v1/share/file", &["fileDesc"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_examples_print_is_answered_too() {
    let server = Server::start().await;
    Things::below_root(&server.tsac, "north").await;
    for (path, names) in ONLY_IN_EXAMPLES {
        let answer = server.admin.ok("GET", path, json!({ "page": 1, "size": 10 })).await;
        let item = answer["items"][0].as_object().unwrap();
        for name in names {
            assert!(item.contains_key(*name), "{path} does not answer {name}");
        }
        assert!(["lodePass", "newPass"].iter().all(|it| item.get(*it).is_none_or(Value::is_null)), "{item:?}");
    }
}

/// Whether a value is of the printed type; what is not known yet is null.
fn is_of(printed: &Value, value: &Value) -> bool {
    // The name of a file is printed as a number: a misprint.
    let kind = if printed["name"] == "fileName" { "string" } else { printed["type"].as_str().unwrap() };
    match kind.to_ascii_lowercase().as_str() {
        "int" | "long" | "number" => value.is_i64() || value.is_null(),
        "string" => value.is_string() || (value.is_null() && printed["name"] == "policyName"),
        "boolean" => value.is_boolean(),
        "date" | "datetime" => value.is_string() || value.is_i64() || value.is_null(),
        "object" => value.is_object() || value.is_null(),
        other => panic!("{other} is no type"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_succeeds_and_answers_with_every_printed_field() {
    on_both(async |server| {
        let it = Things::below_root(&server.tsac, "north").await;
        let (rows, mut problems, mut served) = (rows(), Vec::new(), BTreeSet::new());
        for good in goods(&it) {
            let row = rows.iter().find(|row| row["path"] == good.path && row["method"] == good.method).unwrap();
            served.insert(row["section"].to_string());
            let answer = good.send(&server.admin).await;
            if answer["code"] != 0 || answer["msg"] == "" {
                problems.push(format!("{} {}: {answer}", good.method, good.path));
                continue;
            }
            let printed = fields(row, "result");
            if printed.is_empty() {
                continue;
            }
            let result = &answer["result"];
            let shown = if row["paged"] == true { &result["items"][0] } else { result };
            for field in printed {
                let value = &shown[field["name"].as_str().unwrap()];
                let is_there = shown.get(field["name"].as_str().unwrap()).is_some();
                if !is_there || !is_of(field, value) {
                    problems.push(format!(
                        "{} {}: {} must be {}: {value}",
                        good.method, good.path, field["name"], field["type"]
                    ));
                }
            }
            if row["paged"] == true && !result["total"].is_i64() {
                problems.push(format!("{} {}: no total", good.method, good.path));
            }
        }
        // The two rows of the token are those that every test signs in with.
        assert_eq!(served.len() + 2, 43, "each row needs a good body");
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_and_what_is_wrong_is_said() {
    let server = Server::start().await;
    let it = Things::below_root(&server.tsac, "north").await;
    let table = table();
    for good in goods(&it).into_iter().filter(|good| good.path != "/oapi/v1/share/file" || good.method != "POST") {
        let operation = table.operations().find(|it| it.path == good.path && it.method == good.method).unwrap();
        for field in operation.shape.object_fields() {
            let mut bad = good.clone();
            if field.is_required {
                bad.body.as_object_mut().unwrap().remove(&field.name);
                assert_eq!(bad.send(&server.admin).await["code"], 4001, "{bad:?} without {}", field.name);
                bad.body[&field.name] = "".into();
                assert_eq!(bad.send(&server.admin).await["code"], 4001, "{bad:?} with an empty {}", field.name);
            }
            if matches!(field.shape, Shape::Integer { .. }) {
                bad.body[&field.name] = "many".into();
                assert_eq!(bad.send(&server.admin).await["code"], 4002, "{bad:?}");
            }
        }
    }
    for missing in [json!({}), json!({ "accessKey": "admin" }), json!({ "secretKey": "x" })] {
        let query = crate::server::texts(&missing);
        let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(server.admin.token(&query).await["code"], 4001, "{missing}");
    }
    for (method, path, body) in [
        ("DELETE", "asset", json!({})),
        ("DELETE", "queue", json!({})),
        ("PUT", "queue/clear", json!({ "queueId": "" })),
    ] {
        let answer = server.admin.call(method, &format!("/oapi/v1/{path}"), body).await;
        assert_eq!(answer["code"], 4001, "{method} {path}: {answer}");
    }
    let nothing = server.admin.call("GET", "/oapi/v1/nothing", json!({})).await;
    assert_eq!(nothing["code"], 10002, "{nothing}");
    let file = json!({ "fileName": "none.txt", "userId": it.employee });
    assert_eq!(server.admin.call("GET", "/oapi/v1/share/file/download", file).await["code"], 10001);
}

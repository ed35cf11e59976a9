//! Every operation that is served answers as printed, success and failure alike, on a running server.

use std::collections::BTreeMap;

use baigong_api_kit::{Access, Operation, Problem, ProblemKind, Shape};
use baigong_api_tsac::{Tsac, table};
use baigong_testkit::on_both;
use serde_json::{Value, json};

use crate::{
    fixture::{Fixture, Good},
    server::{Answer, Server},
};

fn is(answer: &Answer, status: u16, code: &str) -> bool {
    answer.status == status && answer.body["resultCode"] == code
}

/// Headers, and the status and code that answer them.
type Case<'a> = (&'a [(&'a str, &'a str)], u16, &'a str);

/// The paths of the JSON operations, with their shapes and whether they need a caller.
fn operations() -> Vec<(&'static str, Shape, bool)> {
    let table = table();
    let json = table.operations().filter(|it| it.path.starts_with("/api/") && it.file.is_none());
    json.map(|it| (it.path, it.shape.clone(), it.access != Access::Open)).collect()
}

#[tokio::test]
async fn the_headers_are_asked_for_as_printed() {
    let server = Server::start().await;
    let token = server.token.as_str();
    // What is got, a screen or a download, brings what it needs in its address or its first message.
    let posted = |it: &&Operation<Tsac>| it.path.starts_with("/api/") && it.method.as_str() == "POST";
    for operation in table().operations().filter(posted) {
        let (path, needs_caller) = (operation.path, operation.access != Access::Open);
        let kind = (
            "content-type",
            if operation.file.is_some() { "multipart/form-data; boundary=B" } else { "application/json" },
        );
        let send = async |headers: &[(&str, &str)]| server.send(path, &[headers, &[kind]].concat(), "{}".into()).await;
        let cases: [Case; 5] = [
            (&[("token", token)], 400, "10006"),
            (&[("token", token), ("version", "")], 400, "10005"),
            (&[("token", token), ("version", "2.0.0")], 400, "10002"),
            (&[("token", token), ("version", "1.0")], 400, "10002"),
            (&[("token", token), ("version", "latest")], 400, "10002"),
        ];
        for (headers, status, code) in cases {
            let answer = send(headers).await;
            assert!(is(&answer, status, code), "{path} with {headers:?}: {answer:?}");
        }
        if needs_caller {
            let version = ("version", "1.9.3");
            let cases: [Case; 3] = [
                (&[version], 400, "10006"),
                (&[version, ("token", " ")], 400, "10005"),
                (&[version, ("token", "0123456789abcdef")], 401, "10001"),
            ];
            for (headers, status, code) in cases {
                let answer = send(headers).await;
                assert!(is(&answer, status, code), "{path} with {headers:?}: {answer:?}");
                assert_eq!(answer.body["data"], json!({}), "{path}: data is an object, whatever happens");
            }
        }
    }
}

#[tokio::test]
async fn every_field_that_is_wrong_is_answered_by_its_code_and_its_name() {
    let server = Server::start().await;
    for (path, shape, _) in operations() {
        for (body, Problem { field, kind }) in shape.faults() {
            let code = match kind {
                ProblemKind::Absent => "10006",
                ProblemKind::Empty => "10005",
                ProblemKind::Mistyped { .. } => "10007",
                other => panic!("{other:?} is not a fault of shape"),
            };
            let answer = server.call(path, &body).await;
            assert!(is(&answer, 400, code), "{path} {body}: {answer:?}");
            let message = answer.body["message"].as_str().unwrap();
            assert!(message.contains(&field), "{path} {body}: \"{message}\" does not name {field}");
        }
    }
}

#[tokio::test]
async fn every_operation_succeeds_with_its_printed_answer() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let fixture = Fixture::make(&server).await;
        let rows: BTreeMap<String, Value> =
            crate::contract::rows().into_iter().map(|row| (row["path"].as_str().unwrap().to_owned(), row)).collect();
        for good in fixture.goods() {
            let path = good.path.as_str();
            let noisy = Good { body: with_noise(path, &good.body), ..good.clone() };
            let answer = server.try_good(&server.token, &noisy).await;
            let expected = table().operations().find(|it| it.path == path).unwrap().status.as_u16();
            assert!(is(&answer, expected, "00000"), "{good:?}: {answer:?}");
            assert_eq!(answer.body["message"], "无业务异常。");
            if let Some(row) = rows.get(path) {
                check_values(path, &answer.body["data"], &row["data"]);
            }
        }
    })
    .await;
}

/// The same body with what must change nothing: a field that nobody knows, and null for every optional field it leaves out.
fn with_noise(path: &str, body: &Value) -> Value {
    let mut body = body.clone();
    body["fieldOfTheNextVersion"] = json!({ "deep": [1] });
    for (_, shape, _) in operations().into_iter().filter(|(it, ..)| *it == path) {
        for field in shape.object_fields().iter().filter(|field| !field.is_required) {
            let fields = body.as_object_mut().unwrap();
            fields.entry(&field.name).or_insert(Value::Null);
        }
    }
    body
}

/// Every printed field is there and has its printed type, or null where there is nothing to say.
pub(crate) fn check_values(place: &str, data: &Value, printed: &Value) {
    for field in printed.as_array().into_iter().flatten() {
        let name = field["name"].as_str().unwrap();
        let value = data.get(name).unwrap_or_else(|| panic!("{place}: {name} is missing in {data}"));
        let fits = match crate::contract::json_type(field) {
            "integer" => value.is_i64(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            other => panic!("{place}: unknown type {other}"),
        };
        assert!(fits, "{place}: {name} is {value}, printed as {}", field["type"]);
        if let (Some(items), true) = (value.as_array(), field["fields"].is_array()) {
            assert!(
                !items.is_empty() || name.ends_with("Parameters") || name == "logs" || name == "recordFileInfos",
                "{place}: {name} shows nothing"
            );
            items.iter().for_each(|item| check_values(&format!("{place} {name}"), item, &field["fields"]));
        }
    }
}

#[tokio::test]
async fn what_does_not_exist_is_answered_as_such() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let fixture = Fixture::make(&server).await;
        let mut tried = 0;
        for (path, body) in fixture.good_bodies() {
            for (name, value) in body.as_object().unwrap() {
                let unknown = match value {
                    // A filter that fits no task gives an empty list.
                    _ if (path, name.as_str()) == ("/api/platform/task/list", "processId") => continue,
                    Value::Number(_) if name.ends_with("Id") => json!(987_654_321),
                    Value::Array(_) if name == "robotIds" => json!([987_654_321]),
                    _ => continue,
                };
                let mut wrong = body.clone();
                wrong[name] = unknown;
                let answer = server.call(path, &wrong).await;
                let code = if name == "fileId" { "10203" } else { "10008" };
                assert!(is(&answer, 404, code), "{path} {wrong}: {answer:?}");
                tried += 1;
            }
        }
        let robots =
            json!({ "processId": fixture.process, "robotIds": [987_654_321], "priority": 0, "isRecord": false });
        let robots = server.call("/api/platform/task/create", &robots).await;
        assert!(is(&robots, 404, "10008"), "{robots:?}");
        assert!(tried > 25, "only {tried} ids were tried");
        let nowhere = server.call("/api/platform/robot/dance", &json!({})).await;
        assert!(is(&nowhere, 404, "10008"), "{nowhere:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_out_of_range_is_answered_by_the_fields_name() {
    let server = Server::start().await;
    let fixture = Fixture::make(&server).await;
    let good: BTreeMap<_, _> = fixture.good_bodies().into_iter().collect();
    let mut cases = vec![
        ("/api/platform/task/create", "priority", json!(1e30), "10011"),
        ("/api/platform/robot/create", "logLevel", json!("loud"), "10401"),
        ("/api/platform/task-log/query", "logLevel", json!("loud"), "10401"),
        ("/api/platform/task/list", "runningStartTimeRange_startTime", json!("2026-11-21"), "10301"),
        ("/api/platform/task/list", "runningStartTimeRange_endTime", json!("2026-11-21T08:00:00"), "10301"),
        ("/api/platform/department/create", "depName", json!("a\0b"), "10011"),
    ];
    let listed = operations();
    for (path, shape, _) in listed.iter().filter(|(path, ..)| good.contains_key(path)) {
        for field in shape.object_fields() {
            let Shape::Integer { least, most } = field.shape else { continue };
            let beyond = [(least > i64::MIN).then(|| least - 1), (most < i64::MAX).then(|| most + 1)];
            cases.extend(beyond.into_iter().flatten().map(|value| (*path, field.name.as_str(), json!(value), "10011")));
        }
    }
    assert!(cases.len() > 100, "only {} values were tried", cases.len());
    for (path, field, value, code) in cases {
        let mut body = good[path].clone();
        body[field] = value;
        let answer = server.call(path, &body).await;
        assert!(is(&answer, 400, code), "{path} {body}: {answer:?}");
        let named = answer.body["message"].as_str().unwrap().contains(field);
        let message = answer.body["message"].as_str().unwrap();
        assert!(!message.contains("must"), "{path} {body}: \"{message}\" needs a line in crates/phrases");
        assert!(named || code == "10401", "{path} {body}: {answer:?} does not name {field}");
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_answered_in_the_envelope() {
    let server = Server::start().await;
    let headers = [("token", server.token.as_str()), ("version", "1.0.0"), ("content-type", "application/json")];
    let path = "/api/platform/department/list";
    for body in ["{", "[]", "{\"pageNum\":1,\"pageNum\":2}", "\u{feff}{}", &"[".repeat(100)] {
        let answer = server.send(path, &headers, body.into()).await;
        assert!(is(&answer, 400, "10012"), "{body}: {answer:?}");
    }
    let large = format!("{{\"keyword\":\"{}\"}}", "x".repeat(1024 * 1024));
    assert!(is(&server.send(path, &headers, large).await, 400, "10012"));
    let form = [headers[0], headers[1], ("content-type", "application/x-www-form-urlencoded")];
    let form = server.send(path, &form, "a=1".into());
    assert!(is(&form.await, 400, "10012"));
    assert!(is(&server.send(path, &headers[..2], "{}".into()).await, 400, "10006"));
    assert_eq!(
        server.send(path, &headers, String::new()).await.status,
        200,
        "an empty body asks for nothing in particular"
    );
}

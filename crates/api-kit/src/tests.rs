//! The kit on a toy dialect: every way a request can go wrong has its own answer, and the right one.

use std::path::PathBuf;

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{Method, Response, StatusCode, request::Parts},
};
use baigong_model::{Error, Permission, PermissionSet, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::*;

/// A dialect whose callers are known by the header `key`, and whose errors show the failure as it is.
struct Toy;

impl Dialect for Toy {
    type Context = &'static str;
    type Caller = PermissionSet;
    const NAME: &'static str = "toy";
    const PREFIX: &'static str = "/api";

    fn check(parts: &Parts) -> Result<(), Failure> {
        let version = parts.headers.get("version").and_then(|it| it.to_str().ok());
        let absent = Failure::Header { name: "version", kind: ProblemKind::Absent };
        version.map_or(Err(absent), |_| Ok(()))
    }

    async fn authenticate(_: &&'static str, parts: &Parts, body: &[u8]) -> Result<PermissionSet, Failure> {
        match parts.headers.get("key").and_then(|it| it.to_str().ok()) {
            Some("all") => Ok(PermissionSet::all()),
            Some("none") => Ok(PermissionSet::default()),
            Some("signed") if body == b"{ }" => Ok(PermissionSet::all()),
            _ => Err(Error::Unauthenticated.into()),
        }
    }

    fn upload_folder(context: &&'static str) -> PathBuf {
        if *context == "full" { "/dev/null/nowhere".into() } else { std::env::temp_dir() }
    }

    fn may(caller: &PermissionSet, permission: Permission) -> bool {
        caller.has(permission)
    }

    fn ok(status: StatusCode, data: &dyn Answer) -> serde_json::Result<Response<Body>> {
        let mut body = br#"{"data":"#.to_vec();
        data.write_json(&mut body)?;
        body.push(b'}');
        let mut response = Response::new(body.into());
        *response.status_mut() = status;
        Ok(response)
    }

    fn err(failure: &Failure) -> Response<Body> {
        let status = match failure {
            Failure::Error(Error::Unauthenticated) => 401,
            Failure::Error(Error::Forbidden(_)) => 403,
            Failure::NoSuchOperation => 404,
            Failure::WrongMethod => 405,
            Failure::TooLarge(_) => 413,
            Failure::Fault { .. } => 500,
            _ => 400,
        };
        let text = match failure {
            Failure::Shape(problem) => problem.to_string(),
            other => format!("{other:?}"),
        };
        let mut response = Response::new(text.into());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        response
    }

    fn describe() -> Description {
        Description {
            title: "Toy",
            about: "For tests",
            version: "1",
            headers: &[
                Header { name: "version", about: "Any", is_credential: false },
                Header { name: "key", about: "Who", is_credential: true },
            ],
            codes: &[Code { code: "no", status: 401, meaning: "unknown" }],
        }
    }

    fn envelope(data: Value) -> Value {
        json!({ "type": "object", "properties": { "data": data } })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Create {
    /// Its name.
    #[schemars(length(max = 5))]
    name: String,
    size: i64,
    is_big: bool,
    remark: Option<String>,
    #[serde(default)]
    labels: Vec<i32>,
    #[serde(default)]
    parameters: Vec<Pair>,
    owner: Option<Pair>,
}

#[derive(Deserialize, JsonSchema)]
struct Pair {
    key: String,
    #[serde(default)]
    value: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Created {
    new_id: i64,
    remark: Option<String>,
}

async fn create(context: &'static str, _: PermissionSet, body: Create) -> Result<Created> {
    assert!(body.is_big, "only big ones");
    let parts = body.labels.len() + body.parameters.iter().map(|it| it.key.len() + it.value.len()).sum::<usize>();
    let owner = body.owner.map_or(0, |it| it.key.len());
    let new_id = body.size + i64::try_from(context.len() + body.name.len() + parts + owner).unwrap();
    Ok(Created { new_id, remark: body.remark })
}

#[derive(Deserialize, JsonSchema)]
struct Part {
    name: String,
    size: i64,
}

async fn take(_: &'static str, _: PermissionSet, part: Part, file: Upload) -> Result<(String, i64, String, u64)> {
    let text = tokio::fs::read_to_string(&file.path).await.map_err(Error::internal)?;
    assert!(!file.path.to_string_lossy().contains("secret"));
    Ok((part.name, part.size, text, file.size))
}

async fn break_down(_: &'static str, _: Origin, _: Nothing) -> Result<Nothing> {
    Err(Error::internal("password=hunter2"))
}

async fn download(_: &'static str, caller: Option<PermissionSet>, request: Request) -> Result<Response<Body>> {
    assert!(caller.is_some());
    Ok(Response::new(request.uri().path().to_owned().into()))
}

fn table() -> Table<Toy> {
    Table::new()
        .post("/api/thing/create", Permission::RobotWrite, "Create a thing", create)
        .created()
        .clause("1.2")
        .multipart("/api/thing/upload", Permission::RobotWrite, "Upload a thing", "file", take)
        .public("/api/thing/break", "Break", break_down)
        .raw(Method::GET, "/files/{id}", Access::Known, "Download", download)
        .raw(Method::GET, "/open/{id}", Access::Open, "Download without a caller", async |_, caller, _| {
            assert!(caller.is_none());
            Ok(Response::new("open".into()))
        })
}

fn good() -> Value {
    json!({ "name": "abc", "size": 40, "isBig": true })
}

async fn send(request: Request) -> (u16, String) {
    send_to("toy", request).await
}

async fn send_to(context: &'static str, request: Request) -> (u16, String) {
    let app: Router = table().router(&context).merge(documentation([("toy", (|| table().openapi()) as fn() -> Value)]));
    let response = app.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn request(path: &str, key: &str, kind: &str, body: impl Into<Body>) -> Request {
    let request = Request::post(path).header("version", "1").header("key", key).header("content-type", kind);
    request.body(body.into()).unwrap()
}

async fn create_with(body: impl ToString) -> (u16, String) {
    send(request("/api/thing/create", "all", "application/json;charset=UTF-8", body.to_string())).await
}

fn answer(status: u16, text: &str) -> (u16, String) {
    (status, text.to_owned())
}

#[tokio::test]
async fn a_good_request_gets_its_answer_in_the_envelope() {
    assert_eq!(create_with(good()).await, answer(201, r#"{"data":{"newId":46,"remark":null}}"#));
}

#[tokio::test]
async fn an_optional_field_that_is_null_counts_as_absent_and_unknown_fields_are_passed_over() {
    let mut body = good();
    let extra = json!({ "remark": null, "labels": null, "parameters": [{ "key": "k", "value": null }], "other": 1 });
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    assert_eq!(create_with(body).await, answer(201, r#"{"data":{"newId":47,"remark":null}}"#));
}

#[tokio::test]
async fn every_way_a_field_can_be_wrong_is_answered_by_its_name() {
    let table = table();
    let shape = &table.operations().next().unwrap().shape;
    let faults = shape.faults();
    assert!(faults.len() > 40, "only {} faults", faults.len());
    for (body, problem) in faults {
        assert_eq!(create_with(&body).await, answer(400, &problem.to_string()), "{body}");
    }
    for field in ["parameters[0].key", "owner.key", "name", "size", "isBig"] {
        assert!(shape.faults().iter().any(|(_, it)| it.field == field && it.kind == ProblemKind::Absent), "{field}");
    }
}

#[tokio::test]
async fn values_beyond_their_limits_are_named() {
    let cases = [
        ("name", json!("abcdef"), "name must have at most 5 characters"),
        ("name", json!("a\0b"), "name must not hold the character U+0000"),
        ("labels", json!([1, 2_147_483_648_i64]), "labels[1] must be between -2147483648 and 2147483647"),
        ("size", json!(1e30), "size must be between -9223372036854775808 and 9223372036854775807"),
        ("size", json!(1.0), "size must be of type integer"),
    ];
    for (field, value, expected) in cases {
        let mut body = good();
        body[field] = value;
        assert_eq!(create_with(body).await, answer(400, expected));
    }
    let five_wide = json!({ "name": "一二三四五", "size": 1, "isBig": true });
    assert_eq!(create_with(five_wide).await.0, 201);
}

#[tokio::test]
async fn a_body_that_is_not_a_plain_object_is_refused() {
    let deep = format!("{}{}", "{\"a\":".repeat(33), "1".to_owned() + &"}".repeat(33));
    let cases = [
        ("{", "EOF"),
        ("[]", "must be a JSON object"),
        ("{} {}", "trailing"),
        ("{\"name\":\"a\",\"name\":\"b\"}", "stands twice"),
        (deep.as_str(), "deeper than 32"),
        ("{\"name\":\"\\ud800\"}", "hex escape"),
    ];
    for (body, expected) in cases {
        let (status, text) = create_with(body).await;
        assert!(status == 400 && text.contains("MalformedBody") && text.contains(expected), "{body}: {text}");
    }
    assert_eq!(create_with("").await, answer(400, "isBig is required"));
    let not_utf8 = request("/api/thing/create", "all", "application/json", b"{\"name\":\"\xff\"}".to_vec());
    assert!(send(not_utf8).await.1.contains("MalformedBody"));
}

#[tokio::test]
async fn the_content_type_must_be_json_in_utf8() {
    for (kind, fits) in [
        ("application/json", true),
        ("Application/JSON; charset=\"utf-8\"", true),
        ("application/json;charset=gbk", false),
        ("text/plain", false),
    ] {
        let (_, text) = send(request("/api/thing/create", "all", kind, good().to_string())).await;
        assert_eq!(!text.contains("ContentType"), fits, "{kind}: {text}");
    }
    let bare = Request::post("/api/thing/create").header("version", "1").header("key", "all");
    let (_, text) = send(bare.body(Body::empty()).unwrap()).await;
    assert_eq!(text, "Header { name: \"content-type\", kind: Absent }");
}

#[tokio::test]
async fn the_caller_is_asked_for_before_the_body_is_judged_and_the_permission_after() {
    let to = |key, body: &str| send(request("/api/thing/create", key, "application/json", body.to_owned()));
    assert_eq!(to("wrong", "{").await.0, 401);
    assert_eq!(to("none", "{").await.0, 400);
    assert_eq!(to("none", &good().to_string()).await, answer(403, "Error(Forbidden(\"robot:write\"))"));
    assert_eq!(to("signed", "{ }").await.1, "isBig is required", "the body must reach the dialect exactly as sent");
    let no_version = Request::post("/api/thing/break").body(Body::empty()).unwrap();
    assert_eq!(send(no_version).await.1, "Header { name: \"version\", kind: Absent }");
}

#[tokio::test]
async fn bodies_are_bounded_whether_their_length_is_told_or_not() {
    let mut large = good();
    large["remark"] = "x".repeat(MAX_JSON_BYTES).into();
    assert_eq!(create_with(&large).await.0, 413);
    let chunks: Vec<_> = large.to_string().into_bytes().chunks(60_000).map(<[u8]>::to_vec).collect();
    let stream = |chunks: Vec<Vec<u8>>| {
        Body::from_stream(futures_util::stream::iter(chunks.into_iter().map(std::io::Result::Ok)))
    };
    assert_eq!(send(request("/api/thing/create", "all", "application/json", stream(chunks))).await.0, 413);
    let pieces = good().to_string().into_bytes().chunks(3).map(<[u8]>::to_vec).collect();
    assert_eq!(send(request("/api/thing/create", "all", "application/json", stream(pieces))).await.0, 201);
}

#[tokio::test]
async fn a_panic_and_an_internal_error_show_an_id_and_nothing_else() {
    let mut small = good();
    small["isBig"] = false.into();
    let (status, text) = create_with(small).await;
    assert!(status == 500 && text.starts_with("Fault { id: ") && !text.contains("big"), "{text}");
    let (status, text) = send(request("/api/thing/break", "", "application/json", "")).await;
    assert!(status == 500 && text.starts_with("Fault { id: ") && !text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn what_is_not_served_is_answered_in_the_dialects_words() {
    assert_eq!(send(request("/api/thing/unknown", "all", "", "")).await, answer(404, "NoSuchOperation"));
    let get = Request::get("/api/thing/create").body(Body::empty()).unwrap();
    assert_eq!(send(get).await, answer(405, "WrongMethod"));
}

#[tokio::test]
async fn a_raw_operation_is_checked_like_any_other() {
    let get =
        |key: &str| Request::get("/files/7").header("version", "1").header("key", key).body(Body::empty()).unwrap();
    assert_eq!(send(get("none")).await, answer(200, "/files/7"));
    assert_eq!(send(get("wrong")).await.0, 401);
    let open = Request::get("/open/7").body(Body::empty()).unwrap();
    assert_eq!(send(open).await, answer(200, "open"), "an address in anyone's hands needs no header");
}

fn form(parts: &[(&str, &str)]) -> String {
    let part = |(disposition, text): &(&str, &str)| {
        format!("--B\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{text}\r\n")
    };
    parts.iter().map(part).collect::<String>() + "--B--\r\n"
}

#[tokio::test]
async fn an_upload_arrives_with_its_fields_as_their_printed_types() {
    let file = ("name=\"file\"; filename=\"../../secret\"", "hello");
    let (name, size) = (("name=\"name\"", "12"), ("name=\"size\"", "12"));
    type Case<'a> = (&'a [(&'a str, &'a str)], u16, &'a str);
    let cases: [Case; 7] = [
        (&[name, size, file], 200, r#"{"data":["12",12,"hello",5]}"#),
        (&[file, name, size], 200, r#"{"data":["12",12,"hello",5]}"#),
        (&[name, file], 400, "size is required"),
        (&[name, ("name=\"size\"", "twelve"), file], 400, "size must be of type integer"),
        (&[name, ("name=\"size\"", ""), file], 400, "size must not be empty"),
        (&[name, size], 400, "file is required"),
        (&[name, size, ("name=\"file\"; filename=\"a\"", "")], 400, "file must not be empty"),
    ];
    for (parts, status, text) in cases {
        let request = request("/api/thing/upload", "all", "multipart/form-data; boundary=B", form(parts));
        assert_eq!(send(request).await, answer(status, text));
    }
    let fits = request("/api/thing/upload", "all", "multipart/form-data; boundary=B", form(&[name, size, file]));
    assert_eq!(send_to("full", fits).await, answer(400, "NotStored"));
    let large = "x".repeat(3 * 1024 * 1024);
    let parts = [name, size, ("name=\"file\"; filename=\"a\"", large.as_str())];
    let request_of_three = request("/api/thing/upload", "all", "multipart/form-data; boundary=B", form(&parts));
    assert_eq!(send(request_of_three).await.0, 200, "an upload may be larger than axum's usual limit of 2 MiB");
    let wide = ("name=\"name\"", large.as_str());
    let too_wide = request("/api/thing/upload", "all", "multipart/form-data; boundary=B", form(&[wide]));
    assert_eq!(send(too_wide).await.0, 413, "the text parts are held in memory and bounded like JSON");
    let twice = request("/api/thing/upload", "all", "multipart/form-data; boundary=B", form(&[name, name]));
    assert!(send(twice).await.1.contains("stands twice"));
    let broken = request("/api/thing/upload", "all", "multipart/form-data; boundary=B", "--B\r\nnonsense");
    assert!(send(broken).await.1.contains("MalformedBody"));
    let json = request("/api/thing/upload", "all", "application/json", "{}");
    assert!(send(json).await.1.contains("ContentType"));
    let unread = request("/api/thing/upload", "none", "multipart/form-data; boundary=B", "not read at all");
    assert_eq!(send(unread).await.0, 403);
}

#[tokio::test]
async fn the_document_holds_what_the_table_says() {
    let get = Request::get("/openapi/toy.json").body(Body::empty()).unwrap();
    let (status, text) = send(get).await;
    let document: Value = serde_json::from_str(&text).unwrap();
    let create = &document["paths"]["/api/thing/create"]["post"];
    assert_eq!((status, &document["openapi"]), (200, &json!("3.1.0")));
    assert_eq!((&create["x-permission"], &create["x-clause"]), (&json!("robot:write"), &json!("1.2")));
    assert_eq!(create["operationId"], "thing.create");
    assert_eq!(
        create["responses"]["201"]["content"]["application/json"]["schema"]["properties"]["data"]["$ref"],
        "#/components/schemas/Created"
    );
    assert_eq!(document["components"]["schemas"]["Create"]["required"], json!(["name", "size", "isBig"]));
    assert_eq!(document["paths"]["/api/thing/break"]["post"]["security"], json!([]));
    let upload = &document["paths"]["/api/thing/upload"]["post"]["requestBody"]["content"]["multipart/form-data"];
    assert_eq!(upload["schema"]["allOf"][1]["required"], json!(["file"]));
}

#[tokio::test]
async fn the_page_runs_nothing_but_its_own_script_and_writes_no_markup() {
    let app = documentation([("toy", (|| json!({})) as fn() -> Value)]);
    let response = app.oneshot(Request::get("/docs").body(Body::empty()).unwrap()).await.unwrap();
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let script = include_str!("page/docs.js");
    for markup in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
        assert!(!script.contains(markup), "docs.js must write text, not markup: {markup}");
    }
    let html = include_str!("page/docs.html");
    assert!(!html.contains("://") && !html.contains("<style") && !html.contains(" onclick"));
}

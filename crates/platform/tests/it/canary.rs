//! Secrets are planted through every door of the interfaces beside T/TSAC, everything is used and misused, and then all that the
//! platform has written is searched for them: log, answers, metrics, database, files. (The standard's own interface has such a
//! test in its crate.) A field whose type is `Secret` without a line in [`DOORS`] fails.

mod asker;

use std::collections::BTreeSet;

use baigong_background::notifier;
use baigong_testkit::{Canary, Log, PASSWORD, TestServer, files_below, on_both};
use serde_json::{Value, json};

use crate::credentials::Side;
use asker::{Asked, Asker};

/// Where a secret may be found: nowhere, or where it is kept to be read again by whoever may.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Nowhere,
    /// In the database, and in the answer to this path.
    ToBeRead(&'static str),
}

/// A field that holds a secret, and where that may be found.
struct Door {
    side: Side,
    method: &'static str,
    path: &'static str,
    field: &'static str,
    kept: Kept,
}

const fn door(side: Side, method: &'static str, path: &'static str, field: &'static str) -> Door {
    Door { side, method, path, field, kept: Kept::Nowhere }
}

const CENTER: &str = "/api/apicenter/api";
const OPERATION_LOG: Kept = Kept::ToBeRead("/api/apicenter/api/operlog/list");

/// Every field whose type is `Secret`, and some whose texts are nobody else's all the same.
const DOORS: &[Door] = &[
    door(Side::Console, "POST", "/api/console/login", "password"),
    door(Side::Console, "POST", "/api/console/bridges", "secret"),
    door(Side::Console, "PUT", "/api/console/bridges/{id}", "secret"),
    door(Side::ApiCenter, "POST", "/api/apicenter/api/message/sendEmail", "content"),
    door(Side::ApiCenter, "POST", "/api/apicenter/api/message/sendEmailBatch", "content"),
    door(Side::ApiCenter, "GET", "/api/apicenter/api/message/sendSMSCaptcha", "content"),
    door(Side::ApiCenter, "POST", "/api/apicenter/api/message/sendSMSContent", "content"),
    Door { kept: OPERATION_LOG, ..door(Side::ApiCenter, "POST", "/api/apicenter/api/operlog", "operParam") },
    Door { kept: OPERATION_LOG, ..door(Side::ApiCenter, "POST", "/api/apicenter/api/operlog", "jsonResult") },
    door(Side::Oapi, "GET", "/oapi/v1/token", "secretKey"),
    door(Side::Oapi, "GET", "/oapi/v1/token", "refreshToken"),
    door(Side::Oapi, "POST", "/oapi/v1/user", "userPassword"),
    door(Side::Oapi, "PUT", "/oapi/v1/user", "newPass"),
    door(Side::Oapi, "PUT", "/oapi/v1/user", "lodePass"),
    door(Side::Oapi, "POST", "/oapi/v1/asset", "assetValue"),
    door(Side::Oapi, "PUT", "/oapi/v1/asset", "assetValue"),
];

/// What the operations of the doors take beside their secrets.
fn beside(door: &Door, things: &Value) -> Value {
    let path = door.path.strip_prefix(CENTER).unwrap_or(door.path);
    match (door.method, path) {
        (_, "/api/console/login") => json!({ "username": "admin" }),
        ("POST", "/api/console/bridges") => json!({ "name": "east", "kind": "robot", "url": "http://127.0.0.1:9" }),
        (_, "/message/sendEmail") => json!({ "sendTo": ["a@b.cn"], "subject": "s" }),
        (_, "/message/sendEmailBatch") => json!([{ "sendTo": ["a@b.cn"], "subject": "s" }]),
        (_, "/message/sendSMSCaptcha") => json!({ "sendTo": "13000000000" }),
        (_, "/message/sendSMSContent") => json!({ "sendToList": ["13000000000"] }),
        ("GET", "/oapi/v1/token") if door.field == "secretKey" => json!({ "accessKey": "admin" }),
        ("POST", "/oapi/v1/user") => {
            json!({ "userName": "li", "roleId": things["role"], "orgCode": things["department"] })
        }
        ("PUT", "/oapi/v1/user") => {
            let (other, password) =
                if door.field == "newPass" { ("lodePass", PASSWORD) } else { ("newPass", "another-Passw0rd") };
            json!({
                "userName": "wang", "roleId": things["role"], "orgCode": things["department"], "id": things["user"],
                other: password,
            })
        }
        ("POST", "/oapi/v1/asset") => json!({ "assetName": "key", "assetType": "passwd", "robotNo": things["robot"] }),
        ("PUT", "/oapi/v1/asset") => json!({ "assetName": "key" }),
        _ => json!({}),
    }
}

/// A secret unlike anything else: letters and digits, with 8 to 128 of them a password too.
fn core(number: usize) -> String {
    format!("N31ghb0r{number:02}Xq7zKw9vT3mBp5")
}

/// Puts `secret` into the field of a body, or of the first object of a list.
fn planted(mut body: Value, field: &str, secret: Value) -> Value {
    let object = if body.is_array() { &mut body[0] } else { &mut body };
    object[field] = secret;
    body
}

/// All that was answered, and the secrets that were planted or given out.
struct Stage {
    server: TestServer,
    asker: Asker,
    answers: Vec<(String, String)>,
    canaries: Vec<(Canary, Kept)>,
}

impl Stage {
    async fn ask(&mut self, asked: Asked<'_>) -> (u16, Value) {
        let (status, body) = self.asker.ask(&asked).await;
        self.answers.push((format!("the answer to {asked:?}"), body.to_string()));
        (status, body)
    }

    /// A call that must succeed, and what of its answer is given out on purpose.
    async fn good(&mut self, side: Side, method: &str, path: &str, body: Value, given: &[&str]) -> Value {
        let asked = Asked { side, method, path, body: body.to_string() };
        let (status, mut answer) = self.asker.ask(&asked).await;
        assert!(asker::is_good(side, status, &answer), "{asked:?}: {status} {answer}");
        let whole = answer.clone();
        for place in given {
            let secret = answer.pointer_mut(place).unwrap_or_else(|| panic!("{path} gives no {place}: {whole}")).take();
            self.canaries.push((Canary::new(format!("what {path} gave"), secret.as_str().unwrap()), Kept::Nowhere));
        }
        self.answers.push((format!("the answer to {asked:?}"), answer.to_string()));
        whole
    }

    /// Plants a secret through a door, and then in ways that make an error speak of what it was given.
    async fn plant(&mut self, number: usize, door: &Door, things: &Value) {
        let core = core(number);
        self.canaries.push((Canary::new(format!("{} {}", door.path, door.field), &core), door.kept));
        let path = door.path.replace("{id}", &things["bridge"].to_string());
        let body = beside(door, things);
        let good = planted(body.clone(), door.field, core.clone().into());
        let mut wrong = vec![
            planted(body.clone(), door.field, json!([core])).to_string(),
            planted(body.clone(), door.field, json!({ "value": core })).to_string(),
            planted(body.clone(), door.field, format!("{core}\0").into()).to_string(),
            planted(body, &format!("{}X", door.field), core.clone().into()).to_string(),
        ];
        wrong.push(good.to_string().trim_end_matches(['}', ']', '"']).to_owned());
        wrong.push(format!("{good}{core}"));
        let is_wrong_anyway =
            door.path.ends_with("/token") || door.path.ends_with("/login") || door.field == "lodePass";
        for body in wrong {
            self.ask(Asked { side: door.side, method: door.method, path: &path, body }).await;
        }
        let (status, answer) =
            self.ask(Asked { side: door.side, method: door.method, path: &path, body: good.to_string() }).await;
        let is_good = asker::is_good(door.side, status, &answer);
        assert!(is_good != is_wrong_anyway, "{} {} with {}: {status} {answer}", door.method, door.path, door.field);
    }

    /// Where secrets are searched for.
    async fn places(&self) -> Vec<(String, Vec<u8>)> {
        let answers = self.answers.iter();
        let mut places: Vec<_> = answers.map(|(place, text)| (place.clone(), text.clone().into_bytes())).collect();
        for path in ["/metrics", "/readyz"] {
            places.push((path.to_owned(), self.asker.read(path).await));
        }
        let rows = baigong_testkit::dump::rows(&self.server.platform().store).await.unwrap();
        places.push(("the database".to_owned(), rows.join("\n").into_bytes()));
        let mut files = Vec::new();
        files_below(&self.server.platform().config.data_folder, &mut files);
        self.server.database().folder().into_iter().for_each(|folder| files_below(folder, &mut files));
        places.extend(files);
        places
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_of_the_neighbours_is_found_where_it_does_not_belong() {
    on_both(async |database| {
        let log = Log::listen();
        let server = TestServer::on(database).settings(|it| it.warn_allowed_networks = "127.0.0.0/8".parse().unwrap());
        let server = server.start().await.unwrap();
        let asker = Asker::sign_in(&server).await;
        let mut stage = Stage { server, asker, answers: Vec::new(), canaries: Vec::new() };
        for (what, secret) in stage.asker.secrets() {
            stage.canaries.push((Canary::new(what, &secret), Kept::Nowhere));
        }
        let things = things(&mut stage).await;
        for (number, door) in DOORS.iter().enumerate() {
            stage.plant(number, door, &things).await;
        }
        use_everything(&mut stage).await;
        let platform = stage.server.platform().clone();
        notifier::run_once(&platform).await.unwrap();
        let told = stage.asker.tsac("notice/list", json!({ "kind": "message" })).await;
        assert!(told["total"].as_i64() >= Some(4), "the letters are in the outbox, and were tried: {told}");
        stage.answers.push(("the answer to notice/list".into(), told.to_string()));
        let mut places = stage.places().await;
        let written = log.text();
        assert!(written.contains("/api/apicenter/api/message/sendEmail"), "the log must be one of calls");
        places.push(("the log".to_owned(), written.into_bytes()));
        for (place, found) in &places {
            for (canary, kept) in &stage.canaries {
                let is_let_be = match kept {
                    Kept::Nowhere => false,
                    Kept::ToBeRead(path) => {
                        place == "the database" || place.starts_with("the file ") || place.contains(path)
                    }
                };
                assert!(is_let_be || !canary.is_in(found), "{} is in {place}: {}", canary.what, canary.around(found));
            }
        }
    })
    .await;
}

/// What requests name.
async fn things(stage: &mut Stage) -> Value {
    let (asker, address) = (&stage.asker, core(90));
    let root = asker.tsac("department/list", json!({})).await["departments"][0]["depId"].clone();
    let url = format!("http://127.0.0.1:9/{address}");
    asker.tsac("warn-channel/create", json!({ "depId": root, "channelName": "sms", "warnType": 1, "url": url })).await;
    let mail = json!({
        "depId": root, "channelName": "mail", "warnType": 0, "smtpHost": "127.0.0.1", "smtpPort": 9,
        "smtpSecurity": "starttls", "smtpUsername": "rpa", "secret": core(91), "mailFrom": "rpa@b.cn", "mailTo": ["a@b.cn"],
    });
    asker.tsac("warn-channel/create", mail).await;
    for (number, what) in [(90, "the gateway's address"), (91, "the mail server's password")] {
        stage.canaries.push((Canary::new(what, &core(number)), Kept::Nowhere));
    }
    let machine = stage.asker.tsac("machine/create", json!({ "machineName": "m" })).await["machineId"].clone();
    let robot = json!({
        "depId": root, "robotName": "r", "robotType": 1, "machineId": machine, "machineName": "m", "machineUsername": "u",
    });
    stage.asker.tsac("robot/create", robot).await;
    let robots = stage.good(Side::Oapi, "GET", "/oapi/v1/robot", json!({ "page": 1, "size": 10 }), &[]).await;
    let roles = stage.good(Side::Oapi, "GET", "/oapi/v1/role/list", json!({ "page": 1, "size": 10 }), &[]).await;
    let departments =
        stage.good(Side::Oapi, "GET", "/oapi/v1/orgDef/list", json!({ "page": 1, "size": 10 }), &[]).await;
    let user = |name: &str| json!({ "employeeName": name, "username": name, "password": PASSWORD, "depId": root });
    stage.asker.tsac("employee/create", user("chen")).await;
    let user = stage.asker.tsac("employee/create", user("wang")).await["employeeId"].clone();
    let bridge = json!({ "name": "west", "kind": "robot", "url": "http://127.0.0.1:9", "secret": core(92) });
    stage.canaries.push((Canary::new("the bridge's secret", &core(92)), Kept::Nowhere));
    let bridge = stage.good(Side::Console, "POST", "/api/console/bridges", bridge, &[]).await;
    json!({
        "bridge": bridge["id"], "user": user, "robot": first(&robots, "agentNo"), "role": first(&roles, "id"),
        "department": first(&departments, "orgCode"),
    })
}

/// A field of the first row of a list of OAPI.
fn first(answer: &Value, field: &str) -> Value {
    fn find(value: &Value, field: &str) -> Option<Value> {
        match value {
            Value::Object(fields) => {
                fields.get(field).cloned().or_else(|| fields.values().find_map(|it| find(it, field)))
            }
            Value::Array(items) => items.iter().find_map(|it| find(it, field)),
            _ => None,
        }
    }
    find(answer, field).unwrap_or_else(|| panic!("no {field} in {answer}"))
}

/// What gives secrets out, to whom they belong, and what lists the things that hold them.
async fn use_everything(stage: &mut Stage) {
    const SECRET: &[&str] = &["/accessKeySecret"];
    let made = stage.good(Side::Console, "POST", "/api/console/applications", json!({ "name": "b" }), SECRET).await;
    let application = format!("/api/console/applications/{}", made["id"]);
    stage.good(Side::Console, "POST", &format!("{application}/rotate"), json!({ "graceSeconds": 60 }), SECRET).await;
    let login = json!({ "username": "chen", "password": PASSWORD });
    stage.good(Side::Console, "POST", "/api/console/login", login, &["/token"]).await;
    stage.good(Side::Oapi, "POST", "/oapi/v1/asset/list", json!({ "page": 1, "size": 10 }), &[]).await;
    let pair = json!({ "accessKey": made["accessKeyId"], "secretKey": made["accessKeySecret"] });
    const TOKENS: &[&str] = &["/result/access_token", "/result/refresh_token"];
    stage.good(Side::Oapi, "GET", "/oapi/v1/token", pair, TOKENS).await;
    for (side, path, body) in [
        (Side::Console, application.as_str(), json!({})),
        (Side::Console, "/api/console/applications", json!({})),
        (Side::Console, "/api/console/bridges", json!({})),
        (Side::Console, "/api/console/me", json!({})),
        (Side::Oapi, "/oapi/v1/user", json!({ "page": 1, "size": 10 })),
        (Side::ApiCenter, "/api/apicenter/api/operlog/list", json!({})),
        (Side::ApiCenter, "/api/apicenter/api/message/channel/listAll", json!({})),
        (Side::ApiCenter, "/api/apicenter/api/user/userinfo", json!({ "userName": "admin" })),
        (Side::Km, "/api/v1/apps", json!({ "pageNum": 1, "pageSize": 10 })),
        (Side::Km, "/api/v1/robots", json!({ "appID": made["accessKeyId"] })),
    ] {
        stage.good(side, "GET", path, body, &[]).await;
    }
    // Last: what is signed with the one before is signed no more.
    let open = "/api/console/me/open-api-token";
    stage.good(Side::Console, "POST", open, json!({ "renew": true }), &["/openApiToken"]).await;
}

#[test]
fn every_field_that_holds_a_secret_is_a_door() {
    let doors: BTreeSet<(&str, String, &str)> =
        DOORS.iter().map(|door| (door.path, door.method.to_lowercase(), door.field)).collect();
    let mut found = 0;
    for document in [
        baigong_api_oapi::table().openapi(),
        baigong_api_apicenter::table().openapi(),
        baigong_api_console::table().openapi(),
        baigong_api_km::table().openapi(),
    ] {
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                for field in secret_fields(&document, operation) {
                    found += 1;
                    let is_door = doors.contains(&(path.as_str(), method.clone(), field.as_str()));
                    assert!(is_door, "{method} {path} takes the secret {field}: give it a line in DOORS");
                }
            }
        }
    }
    assert!(found >= DOORS.len() - 2, "only {found} secret fields were found: has x-sensitive moved?");
}

/// The fields and parameters of an operation that hold secrets.
fn secret_fields(document: &Value, operation: &Value) -> Vec<String> {
    let is_secret = |it: &Value| it.to_string().contains("x-sensitive");
    let parameters = operation["parameters"].as_array().into_iter().flatten().filter(|it| is_secret(it));
    let mut found: Vec<String> = parameters.map(|it| it["name"].as_str().unwrap().to_owned()).collect();
    let contents = operation["requestBody"]["content"].as_object().into_iter().flat_map(|it| it.values());
    let mut open: Vec<&Value> = contents.map(|content| &content["schema"]).collect();
    while let Some(schema) = open.pop() {
        if let Some(reference) = schema["$ref"].as_str() {
            open.push(document.pointer(reference.trim_start_matches('#')).unwrap());
        }
        open.extend(schema["allOf"].as_array().into_iter().flatten());
        open.extend(schema.get("items"));
        let fields = schema["properties"].as_object().into_iter().flatten();
        found.extend(fields.filter(|(_, field)| is_secret(field)).map(|(name, _)| name.clone()));
    }
    found
}

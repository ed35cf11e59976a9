//! What a signature has to fit, and that only what it fits is read.

use baigong_protocol::request_signature::{Encoding, Source, sign};
use baigong_testkit::{Settings, TestDatabase};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    fixture::Things,
    server::{Asked, NOW, Server, Signer, texts},
};

const MINUTE: i64 = 60_000;

/// Sends `asked` with the signature of `parameters`.
async fn with(signer: &Signer, asked: &Asked, parameters: &Value, encoding: Encoding) -> Value {
    let (timestamp, parameters) = (signer.timestamp(), texts(parameters));
    let signature = sign(&signer.token, &timestamp, Source::Parameters(&parameters), encoding);
    signer.send(asked, &timestamp, &signature).await
}

fn asked(method: &str, path: &str, query: &Value, body: &str, content_type: Option<&'static str>) -> Asked {
    let mut query = texts(query);
    // As a client may write them: not in order.
    query.reverse();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    Asked { method, path: path.to_owned(), query, body: body.as_bytes().to_vec(), content_type }
}

const FORM: Option<&str> = Some("application/x-www-form-urlencoded; charset=utf-8");
const JSON: Option<&str> = Some("application/json");

#[tokio::test(flavor = "multi_thread")]
async fn queries_forms_and_bodies_are_signed_in_either_encoding() {
    let server = Server::start().await;
    let admin = &server.admin;
    for encoding in [Encoding::Printed, Encoding::Quote] {
        let list = json!({ "page": "1", "size": "10", "userName": "李/~*+ &=%" });
        let answer = with(admin, &asked("GET", "/oapi/v1/user", &list, "", None), &list, encoding).await;
        assert_eq!(answer["code"], 0, "{encoding:?}: {answer}");
        let name = format!("{encoding:?}/~ 部");
        let new = json!({ "curCode": name.replace(' ', ""), "curName": name });
        let form: String = texts(&new).iter().map(|(name, value)| format!("{name}={}&", percent(value))).collect();
        let sent = asked("POST", "/oapi/v1/orgDef/addOrg", &json!({}), form.trim_end_matches('&'), FORM);
        let answer = with(admin, &sent, &new, encoding).await;
        assert_eq!(answer["code"], 0, "a form, {encoding:?}: {answer}");
        let new = json!({ "curCode": format!("q{encoding:?}"), "curName": format!("q~/{encoding:?}") });
        let answer = with(admin, &asked("POST", "/oapi/v1/orgDef/addOrg", &new, "", None), &new, encoding).await;
        assert_eq!(answer["code"], 0, "a query alone, {encoding:?}: {answer}");
        let body = format!("{{\"curCode\":\"j{encoding:?}\", \"curName\":\"j~/ {encoding:?}\"}}");
        let sent = asked("POST", "/oapi/v1/orgDef/addOrg", &json!({}), &body, JSON);
        let timestamp = admin.timestamp();
        let signature = sign(&admin.token, &timestamp, Source::Body(body.as_bytes()), encoding);
        let answer = admin.send(&sent, &timestamp, &signature).await;
        assert_eq!(answer["code"], 0, "a body, {encoding:?}: {answer}");
    }
}

/// The example of the document as it stands, at its time, which is in 1970: the base64 that it prints has errors of
/// scanning, the hexadecimal digits beside it have none.
#[tokio::test(flavor = "multi_thread")]
async fn the_printed_example_is_taken_by_a_whole_platform_at_its_time() {
    const TOKEN: &str = "d0f462f8-73d3-4cec-8d7d-11367c264fa6";
    const DIGITS: &str = "c63017ee79bd6b8947c353b2e7f7ec9a466e4ae70bc906aa7bc42eca4eacb133";
    // The other engine goes by the database's own clock.
    let server = Server::whose(TestDatabase::sqlite().unwrap(), 15_748_219_023, |_| ()).await;
    let hash = Sha256::digest(TOKEN).iter().map(|byte| format!("{byte:02x}")).collect();
    server.whole.give_token(1, hash).await.unwrap();
    let printed = json!({ "top": 30, "robotNo": "2d3d833bd2e711e997ae6c0b84d60408" });
    let robots = asked("GET", "/oapi/v1/robot", &printed, "", None);
    let call = async |asked: &Asked, timestamp: &str, digits: &str| {
        server.admin.send_as(TOKEN, asked, timestamp, &BASE64.encode(digits)).await
    };
    let answer = call(&robots, "15748219023", DIGITS).await;
    assert_eq!(answer["code"], 4001, "it is believed, and told that a list has pages: {answer}");
    assert!(answer["msg"].as_str().unwrap().contains("page"), "{answer}");
    let detail = asked("GET", "/oapi/v1/user", &printed, "", None);
    assert_eq!(call(&detail, "15748219023", DIGITS).await["code"], 4001, "the path is not signed");
    assert_eq!(call(&robots, "15748219024", DIGITS).await["code"], 4003);
    assert_eq!(call(&robots, "15748219023", &DIGITS.replace("c6", "c7")).await["code"], 4003);
    let more = json!({ "top": 30, "robotNo": "2d3d833bd2e711e997ae6c0b84d60408", "page": 1, "size": 1 });
    assert_eq!(call(&asked("GET", "/oapi/v1/robot", &more, "", None), "15748219023", DIGITS).await["code"], 4003);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_signatures_are_counted_by_address_and_true_ones_are_not() {
    let limited = |settings: &mut Settings| settings.public_calls_per_second = 5;
    let server = Server::whose(TestDatabase::sqlite().unwrap(), NOW, limited).await;
    let admin = &server.admin;
    let list = Asked::new("GET", "/oapi/v1/role/list", &json!({ "page": 1, "size": 10 }));
    let upload = texts(&json!({ "userId": 1 }));
    let (timestamp, good) = admin.sign(&list);
    for is_upload in [false, true] {
        let mut codes = std::collections::BTreeSet::new();
        for _ in 0..30 {
            let answer = match is_upload {
                true => {
                    admin.send_upload("/oapi/v1/share/file", &upload, ("a.txt", b"x"), (&timestamp, "made up")).await
                }
                false => admin.send(&list, &timestamp, "made up").await,
            };
            codes.insert(answer["code"].as_i64().unwrap());
            assert_eq!(admin.send(&list, &timestamp, &good).await["code"], 0, "whoever signs is not held up");
        }
        assert!(codes.contains(&4010), "{codes:?}");
    }
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_detail_is_asked_for_by_query_or_by_body() {
    let server = Server::start().await;
    let it = Things::below_root(&server.tsac, "north").await;
    let (admin, path, id) = (&server.admin, "/oapi/v1/robot/detail", json!({ "id": it.robot.to_string() }));
    let by_query = with(admin, &asked("GET", path, &id, "", None), &id, Encoding::Printed).await;
    let body = id.to_string();
    let sent = asked("GET", path, &json!({}), &body, JSON);
    let by_fields = with(admin, &sent, &id, Encoding::Quote).await;
    let timestamp = admin.timestamp();
    let signature = sign(&admin.token, &timestamp, Source::Body(body.as_bytes()), Encoding::Printed);
    let by_body = admin.send(&sent, &timestamp, &signature).await;
    for answer in [by_query, by_fields, by_body] {
        assert_eq!(answer["result"]["id"], it.robot.to_string(), "{answer}");
    }
    // Signed as if nothing was asked: then nothing is.
    let nothing = with(admin, &sent, &json!({}), Encoding::Printed).await;
    assert_eq!(nothing["code"], 4003, "{nothing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_stale_truncated_and_oversized_signatures_are_refused() {
    let server = Server::start().await;
    let admin = &server.admin;
    let list = Asked::new("GET", "/oapi/v1/role/list", &json!({ "page": 1, "size": 10 }));
    let (timestamp, good) = admin.sign(&list);
    let forged = sign("another token", &timestamp, Source::Parameters(&list.query), Encoding::Printed);
    let upper = good.to_ascii_uppercase();
    let long = "A".repeat(6000);
    let padded = format!("{good}=");
    for wrong in [&forged, &good[..87], &good[1..], &upper, &long, &padded, "x"] {
        assert_eq!(admin.send(&list, &timestamp, wrong).await["code"], 4003, "{wrong:.100}");
    }
    let at = |offset: i64| (NOW + offset).to_string();
    for (timestamp, code) in [
        (at(-10 * MINUTE), 0),
        (at(10 * MINUTE), 0),
        (at(-10 * MINUTE - 1), 4004),
        (at(10 * MINUTE + 1), 4004),
        ("soon".to_owned(), 4004),
        ("99999999999999999999999999".to_owned(), 4004),
        (format!("-{NOW}"), 4004),
    ] {
        let signature = sign(&admin.token, &timestamp, Source::Parameters(&list.query), Encoding::Printed);
        assert_eq!(admin.send(&list, &timestamp, &signature).await["code"], code, "{timestamp}");
    }
    assert_eq!(admin.send(&list, &at(1), &good).await["code"], 4003, "signed for another time");
    for (token, timestamp, signature, code) in [
        ("", timestamp.as_str(), good.as_str(), 4001),
        (admin.token.as_str(), "", &good, 4001),
        (admin.token.as_str(), &timestamp, "", 4001),
        (&"0".repeat(64), &timestamp, &good, 4007),
        (admin.refresh.as_str(), &timestamp, &good, 4007),
    ] {
        assert_eq!(admin.send_as(token, &list, timestamp, signature).await["code"], code);
    }
    server.clock.advance(30 * MINUTE);
    assert_eq!(admin.call("GET", "/oapi/v1/role/list", json!({ "page": 1, "size": 1 })).await["code"], 4008);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_signed_is_not_read() {
    let server = Server::start().await;
    let it = Things::below_root(&server.tsac, "north").await;
    let admin = &server.admin;
    // A query with one parameter more than is signed.
    let more = json!({ "page": 1, "size": 10, "userName": "li" });
    let answer = with(
        admin,
        &asked("GET", "/oapi/v1/user", &more, "", None),
        &json!({ "page": 1, "size": 10 }),
        Encoding::Printed,
    )
    .await;
    assert_eq!(answer["code"], 4003, "{answer}");
    // A body is signed: the query beside it says something else, and counts for nothing.
    let body = json!({ "assetName": it.named("rate"), "assetValue": "1" }).to_string();
    let beside = json!({ "assetName": it.named("spare-rate"), "assetValue": "2" });
    let sent = asked("PUT", "/oapi/v1/asset", &beside, &body, JSON);
    let timestamp = admin.timestamp();
    let signature = sign(&admin.token, &timestamp, Source::Body(body.as_bytes()), Encoding::Printed);
    assert_eq!(admin.send(&sent, &timestamp, &signature).await["code"], 0);
    // The other way round.
    let sent = asked(
        "PUT",
        "/oapi/v1/asset",
        &beside,
        &json!({ "assetName": it.named("rate"), "assetValue": "3" }).to_string(),
        JSON,
    );
    assert_eq!(with(admin, &sent, &beside, Encoding::Printed).await["code"], 0);
    let values = admin.ok("POST", "/oapi/v1/asset/list", json!({ "page": 1, "size": 10 })).await;
    let values: Vec<_> =
        values["items"].as_array().unwrap().iter().map(|it| it["assetValue"].as_str().unwrap()).collect();
    assert_eq!(values, ["1", "2"]);
    // A field twice is nobody's.
    let sent = Asked {
        query: vec![("page".into(), "1".into()), ("page".into(), "2".into()), ("size".into(), "1".into())],
        ..asked("GET", "/oapi/v1/user", &json!({}), "", None)
    };
    assert_eq!(with(admin, &sent, &json!({ "page": 1, "size": 1 }), Encoding::Printed).await["code"], 4002);
    // An upload's headers over what is none: its signature is not looked at later, but at once.
    let sent =
        asked("POST", "/oapi/v1/job/stop", &json!({ "id": it.task }), "x", Some("multipart/form-data; boundary=B"));
    let answer = admin.send(&sent, &admin.timestamp(), "nothing").await;
    assert_eq!(answer["code"], 4003, "{answer}");
    assert_eq!(
        admin.ok("GET", "/oapi/v1/job", json!({ "id": it.process, "page": 1, "size": 10 })).await["items"][2]["STATUS"],
        "pending"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uploads_texts_are_signed_with_or_without_its_name() {
    let server = Server::start().await;
    let it = Things::below_root(&server.tsac, "north").await;
    let (admin, path) = (&server.admin, "/oapi/v1/share/file");
    let fields = |name: &str| texts(&json!({ "userId": it.employee, "uploadFile": name }));
    let plain = texts(&json!({ "userId": it.employee }));
    let at = admin.timestamp();
    let signature = sign(&admin.token, &at, Source::Parameters(&fields("named.txt")), Encoding::Quote);
    let answer = admin.send_upload(path, &plain, ("named.txt", b"x"), (&at, &signature)).await;
    assert_eq!(answer["code"], 0, "{answer}");
    // A text that is not signed.
    let (at, more) = (admin.timestamp(), texts(&json!({ "userId": it.employee, "isOverwrite": "yes" })));
    let signature = sign(&admin.token, &at, Source::Parameters(&plain), Encoding::Printed);
    let answer = admin.send_upload(path, &more, ("named.txt", b"y"), (&at, &signature)).await;
    assert_eq!(answer["code"], 4003, "{answer}");
    // The same signature over another file.
    let at = admin.timestamp();
    let signature = sign(&admin.token, &at, Source::Parameters(&plain), Encoding::Printed);
    let upload = async |bytes: &[u8]| admin.send_upload(path, &plain, ("b.txt", bytes), (&at, &signature)).await;
    assert_eq!(upload(b"one").await["code"], 0);
    assert_eq!(upload(b"one").await["code"], 0, "again");
    assert_eq!(upload(b"two").await["code"], 4009);
    let file = json!({ "fileName": "b.txt", "userId": it.employee });
    assert_eq!(admin.ok("GET", "/oapi/v1/share/file/download", file).await, "one");
}

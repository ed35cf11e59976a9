//! Secrets are planted through every door of the interface, everything is used, and then all that the platform has written
//! is searched for them: log, answers, metrics, database, files. A new secret needs a line in [`PLANTS`], and a field whose
//! type is `Secret` without a line fails.

use std::collections::{BTreeMap, BTreeSet};

use axum::{body::Body, http::Request};
use baigong_api_kit::Shape;
use baigong_api_tsac::table;
use baigong_testkit::{Canary, Log, files_below, on_both};
use serde_json::{Value, json};

use crate::{
    fixture::{Fixture, Good},
    server::{Answer, PASSWORD, Server},
};

/// Operation, where in its body the secret stands, and what else of the body must be so that it is one.
const PLANTS: &[(&str, &str, &str)] = &[
    ("employee/create", "/password", "{}"),
    ("employee/update", "/password", "{}"),
    ("robot/create", "/machinePassword", "{}"),
    ("robot/update", "/machinePassword", "{}"),
    ("credential/create", "/credentialPassword", "{}"),
    ("credential/update", "/credentialPassword", "{}"),
    ("asset/create", "/assetValue", r#"{ "dataType": 3 }"#),
    ("file/create", "/filePassword", "{}"),
    ("data-queue/item/push", "/payload", r#"{ "secret": true }"#),
    ("warn-channel/create", "/url", "{}"),
    ("warn-channel/create", "/secret", "{}"),
    ("warn-channel/update", "/url", "{}"),
    ("warn-channel/update", "/secret", "{}"),
];

/// Fields of secrets that must be what they are: the administrator's password, that of a file; an asset that is shown.
const USED_AS_THEY_ARE: &[(&str, &str)] = &[
    ("account/authenticate", "password"),
    ("account/register-key", "password"),
    ("asset/update", "assetValue"),
    ("file/update", "filePassword"),
    ("file/update", "newFilePassword"),
    ("file/query", "filePassword"),
    ("file/version/list", "filePassword"),
];

/// Where a secret is given out, once, to whom it belongs.
const GIVEN_OUT: &[(&str, &str)] = &[
    ("account/authenticate", "/data/token"),
    ("robot/create", "/data/robotSecret"),
    ("robot/reset-secret", "/data/robotSecret"),
];

/// The secret of a plant: its core is unlike anything else, what surrounds it must be escaped somewhere.
fn core(number: usize) -> String {
    format!("C4n4ry{number:02}Zq7xKw9vT3mBp5")
}

/// A good request with its secrets in it, and the secrets.
fn planted(good: &Good) -> (Good, Vec<Canary>) {
    let (mut planted, mut canaries) = (good.clone(), Vec::new());
    for (number, (path, place, others)) in PLANTS.iter().enumerate() {
        if good.path != format!("/api/platform/{path}") {
            continue;
        }
        let others: Value = serde_json::from_str(others).unwrap();
        planted.body.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        let core = core(number);
        put(
            &mut planted.body,
            place,
            match place.ends_with("url") {
                true => format!("https://hooks.example/{core}"),
                false => format!("p+/ü=\"{core}"),
            },
        );
        canaries.push(Canary::new(format!("{path} {place}"), &core));
    }
    (planted, canaries)
}

fn put(body: &mut Value, place: &str, secret: String) {
    if body.pointer(place).is_none() {
        let (parent, name) = place.rsplit_once('/').unwrap();
        body.pointer_mut(parent).and_then(Value::as_object_mut).unwrap().insert(name.to_owned(), Value::Null);
    }
    *body.pointer_mut(place).unwrap() = secret.into();
}

/// Everything that was answered, and what was given out on purpose.
#[derive(Default)]
struct Seen {
    answers: Vec<(String, String)>,
    canaries: Vec<Canary>,
}

impl Seen {
    fn answer(&mut self, request: &Good, mut answer: Answer) {
        for (path, place) in GIVEN_OUT {
            if request.path == format!("/api/platform/{path}") && answer.status < 300 {
                let given = answer.body.pointer_mut(place).unwrap_or_else(|| panic!("{path} gives no {place}"));
                self.canaries.push(Canary::new(format!("what {path} gave"), given.take().as_str().unwrap()));
            }
        }
        self.answers.push((format!("the answer to {request:?}"), answer.body.to_string()));
    }
}

/// The same request, wrong in ways that make an error speak of what it was given.
fn spoilt(good: &Good) -> Vec<Good> {
    let mut all = Vec::new();
    let table = table();
    let operation = table.operations().find(|it| it.path == good.path).unwrap();
    // A text part of an upload is text, whatever stands in it; a payload may be anything.
    let fields =
        operation.shape.object_fields().iter().filter(|field| good.file.is_none() && field.shape != Shape::Any);
    for field in fields {
        let given = good.body[&field.name].clone();
        for wrong in [json!([given]), json!({ "value": given }), json!(format!("\0{given}"))] {
            let mut body = good.body.clone();
            body[&field.name] = wrong;
            all.push(Good { body, ..good.clone() });
        }
        if field.is_required {
            let mut body = good.body.clone();
            body.as_object_mut().unwrap().remove(&field.name);
            all.push(Good { body, ..good.clone() });
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_found_where_it_does_not_belong() {
    on_both(async |database| {
        let log = Log::listen();
        let server = Server::whole(database).await;
        let mut seen = Seen::default();
        seen.canaries.push(Canary::new("the administrator's password", PASSWORD));
        seen.canaries.push(Canary::new("the administrator's token", &server.token));
        let fixture = Fixture::make(&server).await;
        let mut planted_in = BTreeSet::new();
        for good in fixture.goods() {
            let (good, canaries) = planted(&good);
            for wrong in spoilt(&good) {
                let answer = server.try_good(&server.token, &wrong).await;
                assert!(matches!(answer.status, 400 | 404), "{wrong:?}: {answer:?}");
                seen.answer(&wrong, answer);
            }
            let answer = server.try_good(&server.token, &good).await;
            assert!(answer.status < 300, "{good:?}: {answer:?}");
            planted_in.extend(canaries.iter().map(|canary| canary.what.clone()));
            seen.canaries.extend(canaries);
            seen.answer(&good, answer);
        }
        assert_eq!(planted_in.len(), PLANTS.len(), "every plant needs its operation");
        let mut places: Vec<(String, Vec<u8>)> =
            seen.answers.into_iter().map(|(place, text)| (place, text.into_bytes())).collect();
        for path in ["/metrics", "/readyz"] {
            let (_, _, body) = server.raw(Request::get(path).body(Body::empty()).unwrap()).await;
            places.push((path.to_owned(), body.to_vec()));
        }
        places.push(("the database".to_owned(), server.stored().await.join("\n").into_bytes()));
        files_below(&server.platform.config.data_folder, &mut places);
        server.database_folder().into_iter().for_each(|folder| files_below(folder, &mut places));
        places.push(("the log".to_owned(), log.text().into_bytes()));
        for (place, found) in &places {
            for canary in &seen.canaries {
                assert!(!canary.is_in(found), "{} is in {place}: {}", canary.what, canary.around(found));
            }
        }
    })
    .await;
}

#[test]
fn every_field_that_holds_a_secret_is_planted() {
    let document = table().openapi();
    let planted: BTreeMap<String, ()> =
        PLANTS.iter().map(|(path, place, _)| (format!("{path}{}", place.replace("/data", "")), ())).collect();
    let mut found = 0;
    for operation in table().operations() {
        let Some(path) = operation.path.strip_prefix("/api/platform/") else { continue };
        let contents = &document["paths"][operation.path]["post"]["requestBody"]["content"];
        for content in contents.as_object().into_iter().flat_map(|it| it.values()) {
            for field in sensitive(&document, &content["schema"]) {
                found += 1;
                let is_used = USED_AS_THEY_ARE.contains(&(path, &field));
                let is_planted = planted.contains_key(&format!("{path}/{field}"));
                assert!(is_used || is_planted, "{path} takes the secret {field}: give it a line in PLANTS");
            }
        }
    }
    assert!(found >= PLANTS.len().min(5), "only {found} secret fields were found: has x-sensitive moved?");
}

/// The fields of a schema that hold secrets.
fn sensitive(document: &Value, schema: &Value) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return sensitive(document, document.pointer(reference.trim_start_matches('#')).unwrap());
    }
    let parts = schema["allOf"].as_array().into_iter().flatten().flat_map(|part| sensitive(document, part));
    let own = schema["properties"].as_object().into_iter().flatten();
    let own = own.filter(|(_, field)| field.to_string().contains("x-sensitive")).map(|(name, _)| name.clone());
    parts.chain(own).collect()
}

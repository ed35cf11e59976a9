//! Input that no honest client sends: every operation answers it with the printed code, changes nothing and logs nothing of
//! what was sent.

use axum::{body::Body, http::Request};
use baigong_api_kit::{MAX_DEPTH, Shape};
use baigong_api_tsac::table;
use baigong_testkit::{Log, on_both};
use serde_json::{Value, json};

use crate::{
    fixture::{Fixture, Good},
    server::{Answer, Server, form},
};

/// Stands in every text that is sent here: where it is found later, something was kept that should not be.
const MARK: &str = "b4d-1nput-M4rk";

/// A server, its fixture, and what is stored and logged before anything bad is sent.
struct Before {
    server: Server,
    fixture: Fixture,
    stored: Vec<String>,
    log: Log,
}

impl Before {
    async fn on(server: Server) -> Self {
        let fixture = Fixture::make(&server).await;
        let stored = stored(&server).await;
        Self { server, fixture, stored, log: Log::listen() }
    }

    /// Fails if anything was changed, or what was sent has been logged.
    async fn nothing_happened(self) {
        let now = stored(&self.server).await;
        let new: Vec<_> = now.iter().filter(|row| !self.stored.contains(row)).collect();
        assert!(now == self.stored, "bad input has changed something: {new:#?}");
        self.log.has_none_of(&[MARK]);
    }
}

/// All rows but those of tokens, whose last use is written down, and of pools: that of a list of robots is kept for the next
/// who names the same robots, whatever became of the request.
async fn stored(server: &Server) -> Vec<String> {
    let rows = server.stored().await;
    let passed_over = ["token:", "robot_pool:", "robot_pool_member:"];
    rows.into_iter().filter(|row| !passed_over.iter().any(|it| row.starts_with(it))).collect()
}

#[track_caller]
fn is(answer: &Answer, status: u16, codes: &[&str], what: &dyn std::fmt::Display) {
    let code = answer.body["resultCode"].as_str().unwrap_or_default();
    assert!(answer.status == status && codes.contains(&code), "{what}: {status} {codes:?} is due: {answer:?}");
}

/// The requests with a JSON body that need a caller.
fn jsons(fixture: &Fixture) -> impl Iterator<Item = Good> {
    let open = ["/api/platform/account/authenticate", "/api/platform/account/public-key"];
    fixture.goods().into_iter().filter(move |good| good.file.is_none() && !open.contains(&good.path.as_str()))
}

fn shape(path: &str) -> Shape {
    table().operations().find(|it| it.path == path).unwrap().shape.clone()
}

#[tokio::test]
async fn bodies_that_are_no_json_object_are_refused_everywhere() {
    let before = Before::on(Server::start().await).await;
    let server = &before.server;
    for good in jsons(&before.fixture) {
        let text = good.body.to_string();
        let inner = &text[1..text.len() - 1];
        let deep = usize::from(MAX_DEPTH) + 1;
        let bodies = [
            format!("{{\"{MARK}\":"),
            text[..text.len() - 1].to_owned(),
            format!("{text}{text}"),
            format!("[{text}]"),
            format!("\"{MARK}\""),
            "null".to_owned(),
            format!("\u{feff}{text}"),
            text.replace('"', "'"),
            format!("{{\"{MARK}\":1,\"{MARK}\":2}}"),
            format!("{{\"{MARK}\":NaN}}"),
            format!("{{\"{MARK}\":\"\\ud800\"}}"),
            format!("{{\"{MARK}\":\"\\udc00\\ud800\"}}"),
            format!("{{\"{MARK}\":1e999}}"),
            format!("{{\"deep\":{}{}}}", "[".repeat(deep), "]".repeat(deep)),
            format!("{{\"deep\":{}}}", "[".repeat(100_000)),
            format!("{{{inner}{}\"large\":\"{}\"}}", if inner.is_empty() { "" } else { "," }, "x".repeat(10_000_000)),
        ];
        let headers = [("token", &*server.token), ("version", "1.0.0"), ("content-type", "application/json")];
        for body in bodies.iter().filter(|body| **body != text) {
            let shown = body.get(..200).unwrap_or(body).to_owned();
            let answer = server.send(&good.path, &headers, body.clone()).await;
            is(&answer, 400, &["10012"], &format_args!("{} {shown}", good.path));
        }
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=B",
            "application/json;charset=gbk",
        ] {
            let headers = [headers[0], headers[1], ("content-type", kind)];
            let answer = server.send(&good.path, &headers, text.clone()).await;
            is(&answer, 400, &["10012"], &format_args!("{} as {kind}", good.path));
        }
        let answer = server.send(&good.path, &headers[..2], text).await;
        is(&answer, 400, &["10006"], &format_args!("{} without a content type", good.path));
    }
    before.nothing_happened().await;
}

#[tokio::test]
async fn texts_with_nul_and_numbers_beyond_all_bounds_are_refused_everywhere() {
    on_both(async |database| {
        let before = Before::on(Server::on(database).await).await;
        let server = &before.server;
        let mut tried = 0;
        for good in jsons(&before.fixture) {
            for field in shape(&good.path).object_fields() {
                let wrong = match &field.shape {
                    Shape::String { .. } => vec![json!(format!("{MARK}\0"))],
                    Shape::Integer { .. } => vec![json!(i128::from(i64::MAX) + 1), json!(1e300), json!(-1e300)],
                    _ => continue,
                };
                for value in wrong {
                    let mut bad = good.clone();
                    bad.body[&field.name] = value;
                    let answer = server.try_good(&server.token, &bad).await;
                    is(&answer, 400, &["10011"], &format_args!("{bad:?}"));
                    tried += 1;
                }
            }
        }
        assert!(tried > 100);
        before.nothing_happened().await;
    })
    .await;
}

#[tokio::test]
async fn ids_of_other_kinds_and_the_largest_ids_are_not_there() {
    on_both(async |database| {
        let server = Server::on(database).await;
        // So many that the last one's id is nothing else's.
        let mut machine = Value::Null;
        for number in 0..60 {
            let new = json!({ "machineName": format!("m{number}") });
            machine = server.get("/api/platform/machine/create", new).await["machineId"].take();
        }
        let before = Before::on(server).await;
        let server = &before.server;
        for good in before.fixture.goods() {
            let fields = shape(&good.path);
            let ids =
                fields.object_fields().iter().filter(|it| it.name.ends_with("Id") && !good.body[&it.name].is_null());
            for field in ids.filter(|it| matches!(it.shape, Shape::Integer { .. }) && it.name != "machineId") {
                for id in [machine.clone(), json!(-1), json!(i64::MAX), json!(i64::MIN)] {
                    let mut bad = good.clone();
                    bad.body[&field.name] = id;
                    let answer = server.try_good(&server.token, &bad).await;
                    is(&answer, 404, &["10008", "10203"], &format_args!("{bad:?}"));
                }
            }
        }
        before.nothing_happened().await;
    })
    .await;
}

#[tokio::test]
async fn pages_beyond_the_last_are_empty_and_impossible_ones_refused() {
    on_both(async |database| {
        let before = Before::on(Server::on(database).await).await;
        let server = &before.server;
        let lists = jsons(&before.fixture)
            .filter(|good| shape(&good.path).object_fields().iter().any(|field| field.name == "pageNum"));
        let mut tried = 0;
        for good in lists {
            for (number, size) in
                [(i64::MAX, 1000), (i64::MAX / 1000, 1000), (9_223_372_036_854_776, 1000), (1_000_000, 1)]
            {
                let mut far = good.clone();
                (far.body["pageNum"], far.body["pageSize"]) = (number.into(), size.into());
                let answer = server.try_good(&server.token, &far).await;
                let is_refused = answer.status == 400 && answer.body["resultCode"] == "10011";
                let mut arrays = answer.body["data"].as_object().unwrap().values().filter_map(Value::as_array);
                let is_empty = answer.status == 200 && arrays.all(Vec::is_empty);
                assert!(is_refused || is_empty, "{far:?}: {answer:?}");
                tried += 1;
            }
        }
        assert!(tried > 30);
        before.nothing_happened().await;
    })
    .await;
}

#[tokio::test]
async fn multipart_bodies_that_are_wrong_are_refused_and_leave_no_file() {
    let before = Before::on(Server::start().await).await;
    let server = &before.server;
    let mut tried = 0;
    for good in before.fixture.goods().into_iter().filter(|good| good.file.is_some()) {
        let table = table();
        let file = table.operations().find(|it| it.path == good.path).and_then(|it| it.file).unwrap();
        let whole = form(&good.body, file, good.file.as_ref().unwrap());
        let many = (0..100).map(|number| (format!("{MARK}{number}"), json!("x"))).collect::<serde_json::Map<_, _>>();
        let text = |name: &str, value: &str| {
            format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes()
        };
        let first = good.body.as_object().unwrap().keys().next().cloned().unwrap_or_default();
        let bodies = [
            Vec::new(),
            b"--B\r\nnonsense".to_vec(),
            whole[..whole.len() / 2].to_vec(),
            form(&many.into(), file, b"x"),
            [text(&first, MARK), text(&first, MARK), whole.clone()].concat(),
            [text(MARK, &"x".repeat(10_000_000)), whole.clone()].concat(),
            [text(MARK, "\u{1}").as_slice(), b"\xff\xfe", &whole].concat(),
        ];
        for body in bodies {
            let shown = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
            let request = Request::post(&good.path)
                .header("token", &server.token)
                .header("version", "1.0.0")
                .header("content-type", "multipart/form-data; boundary=B");
            let (status, headers, body) = server.raw(request.body(Body::from(body)).unwrap()).await;
            let answer = Answer::read(status, &headers, &body);
            is(&answer, 400, &["10012", "10006"], &format_args!("{} {shown}", good.path));
            tried += 1;
        }
        for (name, _) in good.body.as_object().unwrap() {
            let mut nul = good.clone();
            nul.body[name] = json!(format!("{MARK}\0"));
            let answer = server.try_good(&server.token, &nul).await;
            is(&answer, 400, &["10011", "10007"], &format_args!("{nul:?}"));
        }
    }
    assert!(tried > 0);
    let uploads = std::fs::read_dir(server.platform.config.data_folder.join("uploads"));
    assert_eq!(uploads.map_or(0, Iterator::count), 0, "an upload that was refused stays behind");
    before.nothing_happened().await;
}

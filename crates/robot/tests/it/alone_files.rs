//! Files in the robot's folder: where they lie, who may change them, and what leads nowhere else.

use base64::Engine;
use serde_json::json;

use crate::alone::Alone;

async fn bring(robot: &Alone, folder: &str, name: &str, text: &str) -> String {
    let fields = [("folderPath", folder), ("fileName", name)];
    let answer = robot.upload("file/create", Some(("file", text.as_bytes().to_vec())), &fields).await;
    assert_eq!((answer.status, answer.code()), (201, "00000"), "{answer:?}");
    answer.data()["fileId"].as_str().expect("the id is text in this answer").to_owned()
}

fn on_disk(robot: &Alone, path: &str) -> Option<String> {
    std::fs::read_to_string(robot.folder.path().join("robot/files").join(path)).ok()
}

#[tokio::test]
async fn a_file_lies_where_it_was_put_and_moves_and_goes() {
    let robot = Alone::start().await;
    let id = bring(&robot, "/对账/2026", "a.csv", "1,2").await;
    assert_eq!(on_disk(&robot, "对账/2026/a.csv").as_deref(), Some("1,2"));
    let number: i64 = id.parse().unwrap();
    for id in [json!(id), json!(number)] {
        let file = robot.data("file/query", json!({ "fileId": id })).await;
        assert_eq!((&file["fileName"], &file["folderPath"]), (&json!("a.csv"), &json!("/对账/2026")));
        assert_eq!(file["updateTime"], "2026-11-22 08:00:00");
    }
    let taken = robot.upload(
        "file/create",
        Some(("file", b"x".to_vec())),
        &[("folderPath", "对账/2026/"), ("fileName", "a.csv")],
    );
    assert_eq!(taken.await.code(), "10201");
    robot.clock.advance(1000);
    let moved = [("fileId", id.as_str()), ("folderPath", "/"), ("fileName", "b.csv")];
    let answer = robot.upload("file/update", Some(("file", b"3,4".to_vec())), &moved).await;
    assert_eq!(answer.code(), "00000", "{answer:?}");
    assert_eq!((on_disk(&robot, "b.csv").as_deref(), on_disk(&robot, "对账/2026/a.csv")), (Some("3,4"), None));
    let answer = robot.upload("file/update", None, &[("fileId", &id), ("folderPath", "/x")]).await;
    assert_eq!(answer.code(), "00000", "{answer:?}");
    assert_eq!((on_disk(&robot, "x/b.csv").as_deref(), on_disk(&robot, "b.csv")), (Some("3,4"), None));
    let file = robot.data("file/query", json!({ "fileId": number })).await;
    assert_eq!((&file["updateTime"], &file["size"]), (&json!("2026-11-22 08:00:01"), &json!(3)));

    robot.data("file/delete", json!({ "fileId": number })).await;
    assert_eq!(on_disk(&robot, "x/b.csv"), None);
    assert_eq!(robot.call("file/delete", json!({ "fileId": number })).await.code(), "10203");
    assert_eq!(robot.data("file/query", json!({ "fileId": number })).await["isDeleted"], true);
    assert_eq!(robot.data("file/list", json!({})).await["files"], json!([]));
    let all = robot.data("file/list", json!({ "includeDeleted": true })).await;
    assert_eq!((&all["files"][0]["fileId"], &all["files"][0]["isDeleted"]), (&json!(number), &json!(true)));
    bring(&robot, "/x", "b.csv", "again").await;
}

#[tokio::test]
async fn a_file_with_a_password_is_changed_only_with_it() {
    let robot = Alone::start().await;
    let fields = [("folderPath", "/"), ("fileName", "p.txt"), ("filePassword", "geheim")];
    let answer = robot.upload("file/create", Some(("file", b"one".to_vec())), &fields).await;
    let id = answer.data()["fileId"].as_str().unwrap().to_owned();
    let change = async |password: &str| {
        let fields = [("fileId", id.as_str()), ("folderPath", "/"), ("filePassword", password)];
        robot.upload("file/update", Some(("file", b"two".to_vec())), &fields).await.code().to_owned()
    };
    let none = robot.upload("file/update", None, &[("fileId", &id), ("folderPath", "/y")]).await;
    assert_eq!(none.code(), "10203");
    assert_eq!(change("wrong").await, "10203");
    assert_eq!(on_disk(&robot, "p.txt").as_deref(), Some("one"));
    assert_eq!(change("geheim").await, "00000");
    for _ in 0..5 {
        assert_eq!(change("guess").await, "10203");
    }
    assert_eq!(change("geheim").await, "10203", "after too many guesses it opens to nobody");
    robot.clock.advance(15 * 60_000);
    let mut robot = robot;
    robot.sign_in().await;
    let fields = [("fileId", id.as_str()), ("folderPath", "/"), ("filePassword", "geheim")];
    assert_eq!(robot.upload("file/update", None, &fields).await.code(), "00000");
}

#[tokio::test]
async fn no_path_and_no_link_leads_out_of_the_folder() {
    let robot = Alone::start().await;
    let outside = robot.folder.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    let files = robot.folder.path().join("robot/files");
    std::os::unix::fs::symlink(&outside, files.join("link")).unwrap();
    std::os::unix::fs::symlink(outside.join("target"), files.join("file-link")).unwrap();
    let create = async |folder: &str, name: &str| {
        let fields = [("folderPath", folder), ("fileName", name)];
        let answer = robot.upload("file/create", Some(("file", b"x".to_vec())), &fields).await;
        (answer.status, answer.code().to_owned())
    };
    for (folder, name) in [
        ("../outside", "a"),
        ("/a/../../outside", "a"),
        ("..", "a"),
        ("/link", "a"),
        ("C:\\x", "a"),
        ("/", "../a"),
        ("/", ".."),
        ("/", "a/b"),
        ("/", "a\\b"),
        ("/a//b", "c"),
    ] {
        assert_eq!(create(folder, name).await, (400, "10011".to_owned()), "{folder} {name}");
    }
    assert_eq!(create("/", "file-link").await, (409, "10201".to_owned()), "a link is in the way");
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    let id = bring(&robot, "/real", "a", "x").await;
    std::fs::rename(files.join("real"), files.join("moved")).unwrap();
    std::os::unix::fs::symlink(&outside, files.join("real")).unwrap();
    std::fs::write(outside.join("a"), "theirs").unwrap();
    let fields = [("fileId", id.as_str()), ("folderPath", "/real")];
    let update = robot.upload("file/update", Some(("file", b"y".to_vec())), &fields).await;
    assert_eq!(update.code(), "10011");
    assert_eq!(robot.call("file/delete", json!({ "fileId": id })).await.code(), "10011");
    assert_eq!(std::fs::read_to_string(outside.join("a")).unwrap(), "theirs");
}

#[tokio::test]
async fn an_encrypted_password_is_read_once_and_for_its_purpose() {
    let robot = Alone::start().await;
    let key = robot.call_as(None, "public-key", json!({})).await.data().clone();
    let point = hex::decode(key["publicKey"].as_str().unwrap()).unwrap();
    let sent = |purpose: &str, nonce: &str, at: i64| {
        let document = json!({ "p": "密码 geheim", "t": at, "n": nonce, "u": purpose }).to_string();
        let random = baigong_model::SystemRandom;
        let ciphertext = baigong_protocol::sealing::encrypt(&random, &point, document.as_bytes()).unwrap();
        format!(
            "sm2:v1:{}:{}",
            key["kid"].as_str().unwrap(),
            base64::engine::general_purpose::STANDARD.encode(ciphertext)
        )
    };
    let now = 1_795_305_600_000;
    let create = async |name: &str, password: &str| {
        let fields = [("folderPath", "/"), ("fileName", name), ("filePassword", password)];
        robot.upload("file/create", Some(("file", b"x".to_vec())), &fields).await
    };
    for (wrong, why) in [
        (sent("machine", "1", now), "it was made for something else"),
        (sent("file", "2", now - 300_001), "it is too old"),
        (sent("file", "3", now).replace("sm2:v1:", "sm2:v1:0"), "it was made for another key"),
    ] {
        assert_eq!(create("a", &wrong).await.code(), "10011", "{why}");
    }
    let good = sent("file", "4", now);
    let made = create("a", &good).await;
    assert_eq!(made.code(), "00000", "{made:?}");
    assert_eq!(create("b", &good).await.code(), "10011", "it is good once");
    let id = made.data()["fileId"].as_str().unwrap();
    for (password, code) in [("geheim", "10203"), ("密码 geheim", "00000")] {
        let fields = [("fileId", id), ("folderPath", "/x"), ("filePassword", password)];
        assert_eq!(robot.upload("file/update", None, &fields).await.code(), code, "{password}");
    }
}

//! `baigong bridge`, as the document writes it: on the data of a platform that runs, whose other side is another platform, and
//! on that of one that is stopped.

use std::{path::Path, process::Output};

use baigong_testkit::{TestClient, TestDatabase};
use serde_json::json;

use crate::{
    ground::until,
    processes::{PASSWORD, platform},
    program::{all, baigong, path, run, text},
};

/// `baigong bridge …` with the secret in the environment.
fn bridge(data: &Path, arguments: &[&str], secret: Option<&str>) -> Output {
    let mut command = baigong();
    command.arg("bridge").args(arguments).args(["--data", path(data)]);
    if let Some(secret) = secret {
        command.env("BAIGONG_BRIDGE_SECRET", secret);
    }
    command.output().expect("the binary runs")
}

#[tokio::test]
async fn a_bridge_is_registered_listed_and_removed_while_the_platform_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (east_folder, west_folder) = (folder.path().join("east"), folder.path().join("west"));
    let (east_data, west_data) = (TestDatabase::sqlite().unwrap(), TestDatabase::sqlite().unwrap());
    let east = platform(&east_folder, &east_data, "127.0.0.1:0");
    let url = format!("http://{}", east.said["address"].as_str().unwrap());
    let admin = TestClient::sign_in(&url, "admin", PASSWORD).await.unwrap();
    let group = json!({ "depId": 1, "robotGroupName": "g" });
    let group = admin.create("robot-group/create", "robotGroupId", group).await.unwrap();
    let process = json!({ "depId": 1, "processName": "对账", "robotGroupId": group, "isRecord": false });
    admin.create("process/create", "processId", process).await.unwrap();
    let west = platform(&west_folder, &west_data, "127.0.0.1:0");
    let here = format!("http://{}", west.said["address"].as_str().unwrap());
    let admin = TestClient::sign_in(&here, "admin", PASSWORD).await.unwrap();

    let on_west = |arguments: &[&str], secret: Option<&str>| {
        let arguments = [arguments, &["--database", west_data.url()]].concat();
        bridge(&west_folder, &arguments, secret)
    };
    let add = ["add", "--name", "east", "--kind", "tsac", "--url", &url, "--username", "admin"];
    let added = on_west(&add, Some(PASSWORD));
    assert!(added.status.success() && text(&added).contains("bridge 1 is registered"), "{}", all(&added));
    let again = on_west(&add, Some(PASSWORD));
    assert!(again.status.code() == Some(1) && all(&again).contains("already exists"), "{}", all(&again));
    until("the process appears", async || {
        admin.data("process/list", json!({})).await.unwrap().to_string().contains("对账 @east")
    })
    .await;
    let listed = on_west(&["list"], None);
    let line: Vec<String> = text(&listed).split_whitespace().map(str::to_owned).collect();
    assert_eq!(line, ["1", "reachable", "tsac", "east", url.as_str()], "{}", all(&listed));
    assert!(!all(&listed).contains(PASSWORD));
    let removed = on_west(&["remove", "1"], None);
    assert!(removed.status.success(), "{}", all(&removed));
    assert_eq!(text(&on_west(&["list"], None)), "");
    let left = admin.data("process/list", json!({})).await.unwrap();
    assert!(!left.to_string().contains("east"), "{left}");
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_registered() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::sqlite().unwrap();
    let data = folder.path().join("data");
    assert_eq!(platform(&data, &database, "127.0.0.1:0").terminate(), Some(0));
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "from a file\n").unwrap();
    let add = |rest: &[&'static str]| [&["add", "--name", "x"], rest, &["--database", database.url()]].concat();
    let cases: [(Vec<&str>, Option<&str>, i32, &str); 6] = [
        (add(&["--kind", "tsac", "--url", "http://127.0.0.1:9", "--username", "a"]), None, 2, "BAIGONG_BRIDGE_SECRET"),
        (add(&["--kind", "ftp", "--url", "http://127.0.0.1:9"]), Some("s"), 2, "possible values"),
        (add(&["--kind", "tsac", "--url", "http://127.0.0.1:9"]), Some("s"), 1, "username"),
        (add(&["--kind", "tsac", "--url", "ftp://x", "--username", "a"]), Some("s"), 1, "https://host:port"),
        (add(&["--kind", "robot", "--url", "http://127.0.0.1:9", "--secret-file", "/no/file"]), None, 2, "/no/file"),
        (vec!["remove", "7", "--database", database.url()], None, 1, "does not exist"),
    ];
    for (arguments, given, code, word) in cases {
        let output = bridge(&data, &arguments, given);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", all(&output));
        assert!(String::from_utf8_lossy(&output.stderr).contains(word), "{arguments:?}: {}", all(&output));
    }
    let list = ["list", "--database", database.url()];
    assert_eq!(text(&bridge(&data, &list, None)), "", "nothing is registered");
    let mut robot = add(&["--kind", "robot", "--url", "http://127.0.0.1:9"]);
    robot.extend(["--secret-file", path(&secret)]);
    assert!(bridge(&data, &robot, None).status.success(), "a robot has no user, and a stopped platform takes it too");
    assert!(text(&bridge(&data, &list, None)).contains("new"), "nobody has looked yet");
    let nowhere = run(&["bridge", "list", "--data", path(&folder.path().join("none"))]);
    assert_eq!(nowhere.status.code(), Some(2), "{}", all(&nowhere));
}

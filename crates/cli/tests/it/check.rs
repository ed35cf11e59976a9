//! `baigong robot check`: it names what is wrong, and fails where no task could be run.

use std::process::Command;

use serde_json::json;

use crate::{
    ground::Ground,
    program::{baigong, path},
};

/// How it ended, and what it said.
fn checked(command: &mut Command) -> (Option<i32>, String) {
    let output = command.arg("check").output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_names_what_is_wrong_and_fails_where_no_task_could_be_run() {
    let ground = Ground::new().await;
    let folder = ground.robot_folder();
    let check_at = |listen: &str, platform: &str, options: &[&str]| {
        let mut command = baigong();
        command.args(["robot", "--data", path(&folder), "--listen", listen, "--platform", platform]);
        command.args(options).env("BAIGONG_ROBOT_SECRET", &ground.secret).env_remove("DISPLAY");
        command
    };
    let check = |platform: &str, options: &[&str]| check_at("127.0.0.1:0", platform, options);
    let (code, said) = checked(&mut check(&ground.url, &[]));
    assert_eq!(code, Some(0), "{said}");
    for name in ["folder", "address", "disk", "display", "fonts", "recording", "platform", "clock", "secret"] {
        assert!(said.contains(&format!("ok       {name}\n")), "{name}: {said}");
    }

    // What only some tasks need is said, and is no failure; where it is required, it is.
    let (code, said) = checked(check(&ground.url, &[]).env("DISPLAY", ":4711").env("PATH", "/nowhere"));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("missing  display: DISPLAY=:4711 does not answer"), "{said}");
    assert!(said.contains("missing  recording: ffmpeg is not installed"), "{said}");
    let (code, said) = checked(check(&ground.url, &["--recording-required"]).env("PATH", "/nowhere"));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("WRONG    recording: ffmpeg is not installed"), "{said}");

    let taken = ground.url.trim_start_matches("http://");
    let (code, said) = checked(&mut check_at(taken, "http://127.0.0.1:1", &[]));
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("WRONG    platform: ") && said.contains(&format!("WRONG    address: {taken} is taken")),
        "{said}"
    );

    let robots = ground.admin.data("robot/list", json!({})).await.unwrap();
    let robot = json!({ "robotId": robots["robots"][0]["robotId"] });
    ground.admin.data("robot/reset-secret", robot).await.unwrap();
    let (code, said) = checked(&mut check(&ground.url, &[]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("WRONG    secret: the platform does not know it"), "{said}");
}

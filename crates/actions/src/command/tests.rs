//! `command.run` with real programs.

use baigong_model::LogLevel;
use serde_json::json;

use crate::support::testing::Desk;

#[tokio::test]
async fn a_program_runs_with_its_arguments_as_they_are() {
    let desk = Desk::new();
    let parameters = json!({"command": ["printf", "%s|", "a b", "$HOME", "*", "; rm -rf x"]});
    let ended = desk.ok("command.run", parameters).await;
    assert_eq!(ended, json!({"exitCode": 0, "output": "a b|$HOME|*|; rm -rf x|", "errorOutput": ""}));
    let script = "cat; pwd; echo oops >&2; echo $A $BAIGONG_ARTIFACTS; exit 3";
    let parameters = json!({
        "command": ["sh", "-c", script], "input": "in\n", "environment": {"A": "值"}, "successCodes": [0, 3],
    });
    let ended = desk.ok("command.run", parameters).await;
    let (package, artifacts) = (&desk.context.package_folder, &desk.context.artifacts_folder);
    let package = package.canonicalize().unwrap();
    assert_eq!(ended["output"], format!("in\n{}\n值 {}\n", package.display(), artifacts.display()));
    assert_eq!((&ended["exitCode"], &ended["errorOutput"]), (&json!(3), &json!("oops\n")));
    assert!(desk.memory.lines.lock().unwrap().contains(&(LogLevel::Warn, "oops".to_owned())));
}

#[tokio::test]
async fn the_run_marks_its_programs_and_a_flow_cannot_take_the_mark_off() {
    let desk = Desk::new();
    let environment = json!({"BAIGONG_RUN": "", "BAIGONG_ARTIFACTS": "/elsewhere", "BAIGONG_MINE": "yes"});
    let script = "echo $BAIGONG_RUN $BAIGONG_ARTIFACTS $BAIGONG_MINE";
    let ended = desk.ok("command.run", json!({"command": ["sh", "-c", script], "environment": environment})).await;
    assert_eq!(ended["output"], format!("mark {} yes\n", desk.context.artifacts_folder.display()));
}

#[tokio::test]
async fn a_failure_says_the_last_words() {
    let desk = Desk::new();
    let message = desk
        .fails("command.run", json!({"command": ["sh", "-c", "echo no such account >&2; exit 2"]}), "commandFailed")
        .await;
    assert_eq!(message, "the program ended with exit code 2. Its last words: no such account");
    let message = desk.fails("command.run", json!({"command": ["no-such-program"]}), "fileNotFound").await;
    assert!(message.contains("no-such-program"), "{message}");
    desk.fails("command.run", json!({"command": []}), "invalidParameter").await;
}

/// A shell that starts a child, writes the child's id to `pid`, and waits.
const FAMILY: &str = "sleep 60 & echo $! > $BAIGONG_ARTIFACTS/pid; echo ready; wait";

fn is_gone(desk: &Desk) -> bool {
    let pid = std::fs::read_to_string(desk.context.artifacts_folder.join("pid")).unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
    status.map_or(true, |status| status.contains(") Z "))
}

/// Waits for the kernel to take the process away; it has been signalled already.
async fn goes_away(desk: &Desk) {
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(10));
    for _ in 0..500 {
        ticks.tick().await;
        if is_gone(desk) {
            return;
        }
    }
    panic!("the grandchild is still running");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn cancelling_kills_the_whole_family() {
    let desk = Desk::new();
    let cancel = desk.context.cancel.clone();
    let memory = desk.memory.clone();
    let watcher = tokio::spawn(async move {
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(5));
        while memory.lines.lock().unwrap().is_empty() {
            ticks.tick().await;
        }
        cancel.cancel();
    });
    desk.fails("command.run", json!({"command": ["sh", "-c", FAMILY]}), "cancelled").await;
    watcher.await.unwrap();
    goes_away(&desk).await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_time_limit_kills_the_whole_family() {
    let desk = Desk::new();
    desk.fails("command.run", json!({"command": ["sh", "-c", FAMILY], "timeoutSeconds": 1}), "timeout").await;
    goes_away(&desk).await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_program_leaves_running_is_killed() {
    let desk = Desk::new();
    let script = "sleep 60 & echo $! > $BAIGONG_ARTIFACTS/pid; echo done";
    // The limit is for the day this fails: the program left behind would hold the pipe open.
    let ended = desk.ok("command.run", json!({"command": ["sh", "-c", script], "timeoutSeconds": 20})).await;
    assert_eq!(ended["output"], "done\n");
    goes_away(&desk).await;
}

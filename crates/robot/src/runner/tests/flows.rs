//! Flows through the runner: in and out, failures in words, and the same ways to end as processes have.

use std::{sync::Arc, time::Duration};

use super::desk::{Desk, failed, is_alive, succeeded};
use crate::runner::{LocalHost, RunLimits, RunOutcome, StopReason, run};

fn flow(steps: &str) -> Desk {
    let flow = format!(
        "flow: test\nparameters:\n  in: {{price: {{type: decimal, required: true}}}}\n  out: {{double: {{type: decimal}}}}\nsteps:\n{steps}"
    );
    Desk::new(&[("baigong.yaml", "kind: flow\n"), ("main.flow.yaml", &flow), ("data.csv", "a,b\n1,2\n")])
}

#[tokio::test]
async fn a_flow_takes_reads_writes_and_gives() {
    let desk = flow(
        "  - {id: twice, set: {double: \"${price + price}\"}}\n  - {id: read, do: csv.read, with: {file: data.csv}, save: table}\n  \
         - {id: tell, do: log, with: {message: \"b is ${table.rows[0].b}\"}}\n  \
         - {id: write, do: file.write, with: {file: result.txt, text: \"${double}\"}}\n",
    );
    let out = succeeded(desk.run(&[("price", "0.10")]).await);
    assert_eq!(out, [("double".to_owned(), "0.20".to_owned())]);
    assert!(desk.listener.lines().contains(&"b is 2".to_owned()));
    assert_eq!(std::fs::read_to_string(desk.path("artifacts/result.txt")).unwrap(), "0.20");
}

#[tokio::test]
async fn a_failure_names_the_step_and_a_missing_parameter_its_name() {
    let desk = flow("  - {id: readIt, do: csv.read, with: {file: nothing.csv}}\n");
    let message = failed(desk.run(&[("price", "1")]).await);
    assert!(
        message.contains("main.flow.yaml") && message.contains("\"readIt\"") && message.contains("nothing.csv"),
        "{message}"
    );
    assert_eq!(desk.listener.lines().last(), Some(&message), "the reason is the last line of the log");
    let message = failed(desk.run(&[]).await);
    assert!(message.contains("price"), "{message}");
    let message = failed(desk.run(&[("price", "much")]).await);
    assert!(message.contains("price"), "{message}");
}

/// A flow that runs this script.
fn runs(script: &str) -> Desk {
    let steps = "  - {id: go, do: command.run, with: {command: [sh, main.sh]}}\n  \
                 - {id: tell, do: log, with: {message: \"${run.taskId} ${run.id}\"}}\n";
    let desk = flow(steps);
    std::fs::write(desk.path("package/main.sh"), script).unwrap();
    desk
}

#[tokio::test]
async fn commands_of_a_flow_are_told_their_run_and_nothing_of_the_agent() {
    let desk = runs("env | grep -i ^baigong_ | sort\n");
    let mut request = desk.request(&[("price", "1")]);
    let id = request.run_id.clone();
    succeeded(run(request.clone()).await);
    let artifacts = desk.path("artifacts").canonicalize().unwrap();
    let told = |mark: &str| {
        let rest = ["BAIGONG_PROCESS_ID=7".to_owned(), format!("BAIGONG_RUN={mark}"), "BAIGONG_TASK_ID=41".to_owned()];
        let lines = [format!("BAIGONG_ARTIFACTS={}", artifacts.display())].into_iter().chain(rest);
        lines.chain([format!("41 {id}")]).collect::<Vec<_>>()
    };
    assert_eq!(desk.listener.lines(), told(&id));

    request.environment.push(("BAIGONG_RUN".into(), "the run around".into()));
    request.environment.push(("BAIGONG_ROBOT_SECRET".into(), "secret".into()));
    succeeded(run(request).await);
    assert_eq!(desk.listener.lines()[5..], told("the run around"));
}

#[tokio::test]
async fn a_daemon_that_a_flow_left_behind_is_killed_with_the_run() {
    let desk = runs(
        "mkfifo ready\nsetsid sh -c \"trap '' TERM HUP; echo \\$\\$ > ready; sleep 100000\" >/dev/null 2>&1 &\n\
         read id < ready\necho daemon $id\n",
    );
    succeeded(desk.run(&[("price", "1")]).await);
    let daemon = desk.listener.heard("daemon ").await;
    assert!(!is_alive(&daemon));
    let told = "had left running in the background";
    assert!(desk.listener.lines().iter().any(|line| line.contains(told)), "{:?}", desk.listener.lines());
}

const WAITS: &str = "  - {id: tell, do: log, with: {message: ready now}}\n  - {id: wait, do: delay, with: {seconds: 1000}}\n  \
                     - {id: never, do: log, with: {message: never}}\n";

#[tokio::test]
async fn cancel_and_the_maximum_run_time_end_a_flow() {
    let desk = flow(WAITS);
    let running = tokio::spawn(run(desk.request(&[("price", "1")])));
    desk.listener.heard("ready ").await;
    desk.stop.request(StopReason::Cancelled);
    assert_eq!(running.await.unwrap(), RunOutcome::Cancelled);
    assert!(!desk.listener.lines().contains(&"never".to_owned()));

    let desk = flow(WAITS);
    let mut request = desk.request(&[("price", "1")]);
    request.max_run_time = Some(Duration::from_millis(50));
    assert_eq!(run(request).await, RunOutcome::RunExpired);
    assert!(desk.stop.token().is_cancelled(), "everything that watches the run hears of it");
}

#[tokio::test]
async fn what_must_be_done_in_any_case_is_done_when_a_flow_is_cancelled() {
    let desk = flow(
        "  - id: work\n    try:\n      - {id: tell, do: log, with: {message: ready now}}\n      - {id: wait, do: delay, with: {seconds: 1000}}\n    \
         finally:\n      - {id: tidy, do: log, with: {message: tidied up}}\n",
    );
    let mut request = desk.request(&[("price", "1")]);
    request.limits = RunLimits { grace: Duration::from_secs(60), ..RunLimits::default() };
    let running = tokio::spawn(run(request));
    desk.listener.heard("ready ").await;
    desk.stop.request(StopReason::Cancelled);
    assert_eq!(running.await.unwrap(), RunOutcome::Cancelled);
    assert!(desk.listener.lines().contains(&"tidied up".to_owned()));
}

#[tokio::test]
async fn queues_and_assets_work_without_a_platform() {
    let desk = flow(
        "  - {id: limit, do: asset.get, with: {name: limit}, save: limit}\n  \
         - {id: push, do: queue.push, with: {queue: 差异, rows: [{code: \"000001\", limit: \"${limit}\"}]}}\n",
    );
    std::fs::write(desk.path("assets.json"), "{\"limit\": \"0.05\"}").unwrap();
    let mut request = desk.request(&[("price", "1")]);
    let listener = desk.listener.clone();
    let on_line = move |level, line: &str| baigong_flow::Host::log(listener.as_ref(), level, line);
    let host = LocalHost::new(&desk.path("artifacts"), Some(&desk.path("assets.json")), on_line, |_| {});
    request.host = Arc::new(host.unwrap());
    succeeded(run(request).await);
    let queue = std::fs::read_to_string(desk.path("artifacts/queues/差异.jsonl")).unwrap();
    let item: serde_json::Value = serde_json::from_str(queue.trim()).unwrap();
    assert_eq!(item["payload"], serde_json::json!({"code": "000001", "limit": "0.05"}));
    assert_eq!((&item["state"], &item["itemId"]), (&"new".into(), &1.into()));
}

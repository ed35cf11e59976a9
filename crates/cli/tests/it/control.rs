//! What a robot keeps hold of, as a process of its own: whole trees of processes, whatever they do, and its own end; memory,
//! processes, disk and files; several robots on one machine.

use std::time::Instant;

use serde_json::{Value, json};

use crate::{
    ground::{Ground, is_alive, until},
    program::{Serving, baigong, path},
};

/// A script whose processes do all they can to get away: another session, no environment, two parents gone, deaf to TERM.
/// It writes their numbers into `ids`.
fn escaping(ground: &Ground) -> String {
    let ids = ground.folder.path().join("ids");
    format!(
        "trap '' TERM
        (setsid env -i sh -c 'trap \"\" TERM HUP; echo $$ > {0}.far; while true; do sleep 1000; done' &)
        (sh -c 'trap \"\" TERM; echo $$ > {0}.near; sleep 1000' &)
        until [ -s {0}.far ] && [ -s {0}.near ]; do sleep 0.01; done
        echo $$ $(cat {0}.far) $(cat {0}.near) > {0}
        while true; do sleep 1000; done",
        path(&ids)
    )
}

async fn all_end(ids: &str) {
    until("no process of the task is left", async || ids.split(' ').all(|id| !is_alive(id))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_process_of_a_task_outlives_its_robot() {
    let ground = Ground::new().await;
    let robot = ground.robot(&[]);
    ground.task(&escaping(&ground)).await;
    let ids = ground.written("ids").await;
    assert!(ids.split(' ').all(is_alive) && ids.split(' ').count() == 3, "the test would prove nothing: {ids}");
    robot.kill();
    // Nobody has started the robot again: what ends them now was there before.
    all_end(&ids).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_ends_within_ten_seconds_what_does_not_want_to_end() {
    let ground = Ground::new().await;
    let robot = ground.robot(&[]);
    let task = ground.task(&escaping(&ground)).await;
    let ids = ground.written("ids").await;
    let began = now();
    ground.admin.data("task/cancel", json!({ "taskId": task })).await.unwrap();
    let seen = ground.ended(task).await;
    assert_eq!(seen["taskState"], "cancelled", "{seen}");
    all_end(&ids).await;
    assert!(began.elapsed().as_secs() < 10, "it took {:?}", began.elapsed());
    assert_eq!(ground.run("echo next").await["taskState"], "succeeded");
    assert_eq!(robot.terminate(), Some(0));
}

#[expect(clippy::disallowed_methods, reason = "how long the robot takes is what is measured")]
fn now() -> Instant {
    Instant::now()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keeper_that_is_killed_costs_its_task_and_no_other() {
    let ground = Ground::new().await;
    let robot = ground.robot(&[]);
    let ids = ground.folder.path().join("ids");
    let task = ground.task(&format!("echo $$ $PPID > {}; sleep 1000", path(&ids))).await;
    let written = ground.written("ids").await;
    let (id, keeper) = written.split_once(' ').unwrap();
    let killed = std::process::Command::new("kill").args(["-9", keeper]).status().unwrap();
    assert!(killed.success());
    let seen = ground.ended(task).await;
    assert_eq!(seen["taskState"], "failed", "{seen}");
    assert!(seen.to_string().contains("its keeper was killed"), "{seen}");
    all_end(id).await;
    assert_eq!(ground.run("echo next").await["taskState"], "succeeded");
    assert_eq!(robot.terminate(), Some(0));
}

/// The words of a failure.
fn why(seen: &Value) -> String {
    assert_eq!(seen["taskState"], "failed", "{seen}");
    seen.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_takes_no_more_of_the_machine_than_it_may() {
    let ground = Ground::new().await;
    let options = ["--limit-memory", "96M", "--limit-processes", "40", "--limit-disk", "16M", "--limit-cpu", "100"];
    let robot = ground.robot(&options);
    let bomb = "i=0; while [ $i -lt 400 ]; do sleep 1000 & i=$((i + 1)); done; wait";
    let words = why(&ground.run(bomb).await);
    assert!(words.contains("40 processes"), "{words}");
    // tail keeps the whole last line, which never ends.
    let words = why(&ground.run("head -c 600000000 /dev/zero | tail -n 1 | wc -c; sleep 5; exit 3").await);
    assert!(words.contains("96 MiB of memory"), "{words}");
    let many =
        "mkdir -p d; i=0; while [ $i -lt 400 ]; do head -c 1000000 /dev/urandom > d/$i; i=$((i + 1)); done; sleep 1000";
    let words = why(&ground.run(many).await);
    assert!(words.contains("16 are allowed"), "{words}");
    let words = why(&ground.run("head -c 100000000 /dev/zero > one").await);
    assert!(words.contains("larger file") || words.contains("153") || words.contains("allowed"), "{words}");
    assert_eq!(ground.run("echo next").await["taskState"], "succeeded");
    assert_eq!(robot.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_is_shut_off_sees_its_own_files_only() {
    let ground = Ground::new().await;
    let outside = ground.folder.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    let robot = ground.robot(&["--files", "own", "--own-user-folder", "--require-limits"]);
    let data = ground.robot_folder().canonicalize().unwrap();
    let script = format!(
        "cat {0}/agent.json && echo READ-THE-ROBOT; echo x > {0}/journal && echo WROTE-THE-JOURNAL
        ls {0}/spool && echo LISTED-THE-SPOOL
        echo mine > own.txt && cat own.txt; echo mine > $HOME/kept && cat $HOME/kept; date > $TMPDIR/t; ls /usr > /dev/null
        case $HOME in {0}/user) echo home-is-own;; esac
        echo result > $BAIGONG_ARTIFACTS/result.txt",
        path(&data)
    );
    let seen = ground.run(&script).await;
    let text = seen["log"].to_string();
    assert_eq!(seen["taskState"], "succeeded", "{text}");
    for secret in ["READ-THE-ROBOT", "WROTE-THE-JOURNAL", "LISTED-THE-SPOOL"] {
        assert!(!text.contains(secret), "{text}");
    }
    assert!(text.contains("home-is-own") && text.matches("mine").count() >= 2, "{text}");
    assert_eq!(robot.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_is_shut_off_finds_its_screen() {
    let ground = Ground::new().await;
    let shut_off =
        ["--files", "own", "--own-user-folder", "--require-limits", "--display", "own", "--screen", "320x240"];
    let robot = ground.robot(&shut_off);
    let look = "ffmpeg -loglevel error -f x11grab -i $DISPLAY -frames:v 1 own.png && test -s own.png";
    let seen = ground.run(look).await;
    assert_eq!(seen["taskState"], "succeeded", "{}", seen["log"]);
    assert_eq!(robot.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lines_are_bounded_by_their_bytes() {
    let ground = Ground::new().await;
    let robot = ground.robot(&[]);
    // Fewer lines in a second than may be said, and far more bytes.
    let line = "head -c 7000 /dev/zero | tr '\\0' x";
    let seen = ground.run(&format!("l=$({line}); i=0; while [ $i -lt 20000 ]; do echo $l; i=$((i + 1)); done")).await;
    assert_eq!(seen["taskState"], "succeeded", "{}", seen["taskState"]);
    let warnings = json!({ "taskId": seen["taskId"], "logLevel": "warn", "pageSize": 100 });
    let warnings = ground.admin.data("task-log/query", warnings).await.unwrap().to_string();
    assert!(warnings.contains("MiB"), "{warnings:.3000}");
    assert_eq!(robot.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_lines_is_bounded_and_its_gap_is_told() {
    let ground = Ground::new().await;
    let robot = ground.robot(&[]);
    let seen = ground.run("yes 'a line of a program that says far too much' | head -c 300000000; echo the end").await;
    assert_eq!(seen["taskState"], "succeeded", "{}", seen["taskState"]);
    let log = ground.folder.path().join("platform");
    let taken: u64 = walk(&log).into_iter().chain(walk(&ground.robot_folder())).sum();
    assert!(taken < 200_000_000, "it takes {taken} bytes");
    let task = seen["taskId"].clone();
    let warnings = json!({ "taskId": task, "logLevel": "warn", "pageSize": 100 });
    let warnings = ground.admin.data("task-log/query", warnings).await.unwrap().to_string();
    assert!(warnings.contains("lines are left out here"), "{warnings:.3000}");
    assert_eq!(ground.run("echo next").await["taskState"], "succeeded");
    assert_eq!(robot.terminate(), Some(0));
}

/// The sizes of all files below a folder.
fn walk(folder: &std::path::Path) -> Vec<u64> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.flat_map(|entry| match entry.metadata() {
        Ok(about) if about.is_dir() => walk(&entry.path()),
        about => about.map(|about| vec![about.len()]).unwrap_or_default(),
    });
    sizes.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn several_robots_run_on_one_machine_each_in_a_place_of_its_own() {
    let ground = Ground::new().await;
    let department = ground.admin.data("department/list", json!({})).await.unwrap()["departments"][0]["depId"].clone();
    let secrets = ground.folder.path().join("secrets");
    std::fs::create_dir(&secrets).unwrap();
    let mut robots = Vec::new();
    for name in ["one", "two", "three"] {
        let machine = ground.admin.create("machine/create", "machineId", json!({ "machineName": name })).await.unwrap();
        let robot = json!({
            "depId": department, "robotName": name, "robotType": 0, "machineId": machine, "machineName": name,
            "machineUsername": "u",
        });
        let robot = ground.admin.data("robot/create", robot).await.unwrap();
        std::fs::write(secrets.join(name), robot["robotSecret"].as_str().unwrap()).unwrap();
        robots.push(robot["robotId"].clone());
    }
    let data = ground.folder.path().join("robots");
    let mut command = baigong();
    command.args(["robot", "--robots", path(&secrets), "--data", path(&data), "--listen", "127.0.0.1:0"]);
    let fleet = Serving::start(command.args(["--platform", &ground.url]), "connected to the platform");
    let all_are = async |state: i64| {
        for robot in &robots {
            let seen = ground.admin.data("robot/query", json!({ "robotId": robot })).await.unwrap();
            if seen["robotStatus"] != state {
                return false;
            }
        }
        true
    };
    until("all are connected", async || all_are(0).await).await;
    for name in ["one", "two", "three"] {
        let own = data.join(name).join("agent.json");
        until("each has a folder of its own", async || own.is_file()).await;
    }
    // With the one above all end, however it ends.
    fleet.kill();
    until("all are gone", async || all_are(2).await).await;
}

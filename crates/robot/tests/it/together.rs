//! A robot of a platform, called through its own interface too: both see the same tasks, and one number of places holds for both.

use baigong_protocol::{FromRobot, Outcome, ToRobot};
use baigong_robot::Agent;
use serde_json::{Value, json};

use crate::place::{ENDS, Place, TASK, WAITS, assigned};

/// Whoever calls the robot's own interface.
pub(crate) struct Caller {
    base: String,
    token: String,
}

impl Caller {
    pub(crate) async fn of(place: &Place, agent: &baigong_robot::RunningAgent) -> Self {
        let caller = Self { base: format!("http://{}/api/robot", agent.local_addr()), token: String::new() };
        let secret = place.secret.to_text();
        let answer = caller.call("authenticate", json!({ "secret": secret.expose() })).await;
        Self { token: answer["data"]["token"].as_str().unwrap().to_owned(), ..caller }
    }

    /// Brings a package.
    pub(crate) async fn upload(&self, path: &str, zip: Vec<u8>) -> Value {
        let form = reqwest::multipart::Form::new().text("packageName", "p").text("packageVersion", "1");
        let form = form.part("package", reqwest::multipart::Part::bytes(zip).file_name("p.zip"));
        let request = reqwest::Client::new().post(format!("{}/{path}", self.base)).header("version", "1.0.0");
        request.header("token", &self.token).multipart(form).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn call(&self, path: &str, body: Value) -> Value {
        let request = reqwest::Client::new().post(format!("{}/{path}", self.base)).header("version", "1.0.0");
        let request = if self.token.is_empty() { request } else { request.header("token", &self.token) };
        request.json(&body).send().await.unwrap().json().await.unwrap()
    }

    async fn until(&self, state: &str) -> Value {
        let wait = async {
            loop {
                let answer = self.call("task/query", json!({ "taskId": TASK.task_id })).await;
                if answer["data"]["taskState"] == state {
                    return answer["data"].clone();
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), wait).await.expect("the task must get there")
    }
}

#[tokio::test]
async fn tasks_of_the_platform_are_seen_on_the_robot_with_their_logs() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, ENDS);
    let mut robot = place.platform.robot().await;
    agent.wait_connected().await;
    let caller = Caller::of(&place, &agent).await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    robot.log().await;
    robot.report().await;
    robot.say(ToRobot::ReportAck(TASK));
    let task = caller.until("succeeded").await;
    assert_eq!(
        (&task["isOfPlatform"], &task["processName"], &task["processId"]),
        (&json!(true), &json!("test"), &json!(5))
    );
    assert_eq!(task["outParameters"], json!([{ "name": "answer", "value": "42" }]));
    let log = caller.call("task-log/query", json!({ "taskId": TASK.task_id })).await;
    assert_eq!(log["data"]["logs"][0]["message"], "hello");
    let listed = caller.call("task/list", json!({})).await;
    assert_eq!(listed["data"]["tasks"][0]["taskId"], TASK.task_id);
    agent.crash().await;
}

#[tokio::test]
async fn a_platforms_task_is_paused_by_the_platform_and_cancelled_by_whoever_is_at_the_robot() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, WAITS);
    let mut robot = place.platform.robot().await;
    agent.wait_connected().await;
    let caller = Caller::of(&place, &agent).await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    caller.until("running").await;
    let asked = tokio::join!(caller.call("task/pause", json!({ "taskId": TASK.task_id })), async {
        let wants = robot.until("wish", |message, _| match message {
            FromRobot::Wants(wants) => Some(*wants),
            _ => None,
        });
        let wants = wants.await;
        assert!(wants.still && (wants.task_id, wants.fence) == (TASK.task_id, TASK.fence));
        robot.say(ToRobot::Pause(TASK));
    });
    assert_eq!(asked.0["resultCode"], "00000");
    caller.until("paused").await;
    assert_eq!(caller.call("task/cancel", json!({ "taskId": TASK.task_id })).await["resultCode"], "00000");
    let report = robot.report().await;
    assert_eq!(report.outcome, Outcome::Cancelled, "the platform is told");
    robot.say(ToRobot::ReportAck(TASK));
    caller.until("cancelled").await;
    agent.crash().await;
}

#[tokio::test]
async fn a_stopped_robot_turns_the_platforms_tasks_down_and_says_why() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.package(1, ENDS);
    let mut robot = place.platform.robot().await;
    agent.wait_connected().await;
    let caller = Caller::of(&place, &agent).await;
    caller.call("stop", json!({})).await;
    robot.say(assigned(TASK, &package));
    assert!(robot.declined().await.contains("stopped through its own interface"));
    let heartbeat = robot.until("heartbeat", |message, _| match message {
        FromRobot::Heartbeat(heartbeat) => heartbeat.declines.clone(),
        _ => None,
    });
    assert!(heartbeat.await.contains("start it there"));
    assert_eq!(place.runs(), 0);
    agent.crash().await;
}

#[tokio::test]
async fn own_tasks_run_while_the_platform_is_away() {
    let place = Place::new().await;
    let mut options = place.options();
    options.platform_url = Some("http://127.0.0.1:9".into());
    let agent = Agent::start(options).await.unwrap();
    let caller = Caller::of(&place, &agent).await;
    let created = caller.call("process/create", json!({ "processName": "p" })).await;
    assert_eq!(created["resultCode"], "00000");
    let info = caller.call("query", json!({})).await;
    assert_eq!(info["data"]["robotInfo"]["isConnected"], false);
    agent.crash().await;
}

/// The firing that the robot tells of next.
async fn fired(robot: &mut crate::platform::Connection) -> baigong_protocol::OwnFiring {
    robot
        .until("firing", |message, _| match message {
            FromRobot::Fired(firing) => Some(firing.clone()),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn what_its_own_triggers_did_while_the_platform_was_away_is_told_until_it_is_known() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let robot = place.platform.robot().await;
    agent.wait_connected().await;
    let caller = Caller::of(&place, &agent).await;
    let process = caller.call("process/create", json!({ "processName": "p" })).await["data"]["processId"].clone();
    robot.lose().await;

    // The process has nothing to run: what came of the file is a skip, written down like any other.
    let inbox = tempfile::tempdir().unwrap();
    let trigger = json!({
        "triggerName": "arrivals", "processId": process, "triggerKind": "file", "folderPath": inbox.path(),
        "settleSeconds": 1,
    });
    let id = caller.call("trigger/create", trigger).await["data"]["triggerId"].clone();
    std::fs::write(inbox.path().join("a.csv"), "1").unwrap();
    let mut robot = place.platform.robot().await;
    let said = fired(&mut robot).await;
    assert_eq!((&*said.trigger, &*said.outcome, said.tasks.len()), ("arrivals", "skipped", 0));
    assert!(said.detail.contains("activate"), "{}", said.detail);
    robot.lose().await;
    let mut robot = place.platform.robot().await;
    assert_eq!(fired(&mut robot).await, said, "it was not acknowledged");
    robot.say(ToRobot::FiredAck { number: said.number });
    std::fs::write(inbox.path().join("b.csv"), "1").unwrap();
    let next = fired(&mut robot).await;
    assert!(next.number > said.number && next.book == said.book, "{next:?}");
    let list = caller.call("trigger/firing/list", json!({ "triggerId": id })).await;
    assert_eq!(list["data"]["total"], 2);
    agent.crash().await;
}

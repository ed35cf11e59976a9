//! Tasks that were made on the robot, as its platform hears of them: told until they are known, with their logs, and given what
//! the platform gives its own.

use baigong_protocol::{
    CallAnswer, CallRequest, CallResult, FromRobot, Log, OwnTask, OwnTaskKnown, OwnTasks, Reply, ToRobot,
};
use serde_json::{Value, json};

use crate::{place::Place, platform::Connection, together::Caller};

const PUSHES: &str = "
flow: Push
parameters: {out: {pushed: {type: integer}}}
steps:
  - {id: say, do: log, with: {message: before}}
  - {id: push, do: queue.push, with: {queue: q, items: [{payload: 1}]}, save: ids}
  - {id: count, set: {pushed: \"${size(ids)}\"}}
";
/// What the platform calls the task.
const THERE: i64 = 77;

impl Connection {
    async fn own_tasks(&mut self) -> OwnTasks {
        self.until("own tasks", |message, _| match message {
            FromRobot::OwnTasks(told) => Some(told.clone()),
            _ => None,
        })
        .await
    }

    fn knows(&self, task: &OwnTask) {
        let known = OwnTaskKnown { number: task.number, revision: task.revision, task_id: THERE };
        self.say(ToRobot::OwnTasksAck { tasks: vec![known] });
    }

    /// The task once it is told of in this state; every word of it before is acknowledged.
    async fn told(&mut self, state: &str) -> OwnTask {
        loop {
            let told = self.own_tasks().await.tasks;
            let task = told.last().expect("a frame names tasks");
            self.knows(task);
            if task.state == state {
                return task.clone();
            }
        }
    }
}

/// A process with this package, and a task of it.
async fn made(caller: &Caller, zip: Vec<u8>) -> i64 {
    let package = caller.upload("package/create", zip).await["data"]["packageId"].clone();
    let process = caller.call("process/create", json!({ "processName": "p" })).await["data"]["processId"].clone();
    let activate = json!({ "processId": process, "packageId": package });
    caller.call("process/activate-package-version", activate).await;
    let created: Value = caller.call("task/create", json!({ "processId": process, "isRecord": false })).await;
    created["data"]["taskIds"][0].as_i64().expect("a task")
}

fn flow(place: &Place) -> Vec<u8> {
    place.flow_package(1, PUSHES);
    place.platform.shared.packages.lock().unwrap()[&1].clone()
}

#[tokio::test]
async fn an_own_task_is_told_with_its_log_and_reaches_the_platforms_queues() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let zip = flow(&place);
    let mut robot = place.platform.robot().await;
    agent.wait_connected().await;
    let caller = Caller::of(&place, &agent).await;
    let number = made(&caller, zip).await;
    let running = robot.told("running").await;
    assert_eq!((running.number, running.run, &*running.process_name), (number, 1, "p"));
    let (mut call, mut log): (_, Option<Log>) = (None, None);
    // They come in either order.
    while call.is_none() || log.is_none() {
        let heard = robot.until("a call and lines", |message, _| Some(message.clone())).await;
        match heard {
            FromRobot::Call(asked) => call = Some(asked),
            FromRobot::Log(lines) => {
                robot.say(crate::platform::acknowledgement(&lines));
                log = Some(lines);
            }
            FromRobot::OwnTasks(told) => robot.knows(&told.tasks[0]),
            _ => {}
        }
    }
    let (call, log) = (call.unwrap(), log.unwrap());
    assert_eq!((call.task_id, call.fence), (THERE, 1), "it is asked for under the platform's name of the task");
    assert!(matches!(&call.request, CallRequest::QueuePush { queue, .. } if queue == "q"));
    assert_eq!((log.task_id, log.fence, &*log.lines[0].message), (THERE, 1, "before"));
    let answer = CallAnswer::Result(CallResult::QueuePushed { item_ids: vec![11] });
    robot.say(ToRobot::Reply(Reply { call_id: call.call_id, task_id: call.task_id, fence: call.fence, answer }));
    let ended = robot.told("succeeded").await;
    assert_eq!(ended.out_parameters.unwrap(), [baigong_model::Parameter::new("pushed", "1")]);
    assert!(ended.started_at.is_some() && ended.ended_at.is_some());
    agent.crash().await;
}

#[tokio::test]
async fn what_happened_while_the_platform_was_away_is_told_until_it_is_known() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let zip = flow(&place);
    let robot = place.platform.robot().await;
    agent.wait_connected().await;
    let caller = Caller::of(&place, &agent).await;
    robot.lose().await;
    let number = made(&caller, zip).await;
    let mut robot = place.platform.robot().await;
    let first = robot.own_tasks().await.tasks;
    assert_eq!(first.iter().map(|task| task.number).collect::<Vec<_>>(), [number]);
    robot.lose().await;
    let mut robot = place.platform.robot().await;
    let again = robot.own_tasks().await.tasks;
    assert_eq!(again[0].number, number, "it was not acknowledged");
    assert!(again[0].revision >= first[0].revision);
    agent.crash().await;
}

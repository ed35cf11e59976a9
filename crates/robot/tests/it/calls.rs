//! A flow that needs something of the platform, over a connection that breaks.

use baigong_protocol::{
    Call, CallAnswer, CallError, CallRequest, CallResult, FromRobot, Outcome, Reply, StepState, ToRobot,
};

use crate::{
    place::{Place, TASK, assigned},
    platform::Connection,
};

const PUSHES: &str = "
flow: Push
parameters: {in: {tolerance: {type: decimal}}, out: {pushed: {type: integer}}}
steps:
  - {id: push, do: queue.push, with: {queue: q, items: [{payload: 1, reference: r}]}, save: ids}
  - {id: count, set: {pushed: \"${size(ids)}\"}}
";

async fn call(robot: &mut Connection) -> (Call, String) {
    robot
        .until("call", |message, text| match message {
            FromRobot::Call(call) => Some((call.clone(), text.to_owned())),
            FromRobot::Log(log) => panic!("the flow ends without a call: {log:?}"),
            _ => None,
        })
        .await
}

fn reply(call: &Call, answer: CallAnswer) -> ToRobot {
    ToRobot::Reply(Reply { call_id: call.call_id, task_id: call.task_id, fence: call.fence, answer })
}

#[tokio::test]
async fn a_call_without_an_answer_is_made_again_and_the_flow_goes_on() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.flow_package(1, PUSHES);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let progress = robot.until("progress", |message, _| match message {
        FromRobot::Progress(progress) => Some(progress.clone()),
        _ => None,
    });
    let progress = progress.await;
    assert_eq!((progress.step.as_str(), progress.state), ("push", StepState::Started));
    let first = call(&mut robot).await;
    assert!(matches!(&first.0.request, CallRequest::QueuePush { queue, items } if queue == "q" && items.len() == 1));
    robot.lose().await;
    let mut robot = place.platform.robot().await;
    let again = call(&mut robot).await;
    assert_eq!(again, first, "the same call must carry the same number");
    robot.say(reply(&again.0, CallAnswer::Result(CallResult::QueuePushed { item_ids: vec![11] })));
    let report = robot.report().await;
    assert_eq!(report.outcome, Outcome::Succeeded, "{:?}", report.message);
    assert_eq!(report.out_parameters, [baigong_model::Parameter::new("pushed", "1")]);
    agent.crash().await;
}

#[tokio::test]
async fn a_call_the_platform_refuses_fails_the_step_in_its_words() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.flow_package(1, PUSHES);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    let (asked, _) = call(&mut robot).await;
    let error = CallError { code: "notFound".into(), message: "there is no data queue \"q\"".into() };
    robot.say(reply(&asked, CallAnswer::Error(error)));
    let report = robot.report().await;
    let message = report.message.unwrap_or_default();
    assert!(report.outcome == Outcome::Failed && message.contains("no data queue") && message.contains("push"));
    agent.crash().await;
}

#[tokio::test]
async fn a_cancelled_flow_does_not_wait_for_an_answer() {
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let package = place.flow_package(1, PUSHES);
    let mut robot = place.platform.robot().await;
    robot.say(assigned(TASK, &package));
    robot.start().await;
    robot.say(ToRobot::Granted(TASK));
    call(&mut robot).await;
    robot.say(ToRobot::Cancel(crate::life::notice("by Li")));
    assert_eq!(robot.report().await.outcome, Outcome::Cancelled);
    agent.crash().await;
}

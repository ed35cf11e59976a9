//! The printed form of every message. A change here breaks robots in the field: add, never change.

use std::fmt::Debug;

use baigong_model::{LogLevel, Parameter};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::*;

/// The message is written as `text`, and read from it.
fn printed<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: &T, text: &str) {
    assert_eq!(encode(message).unwrap(), text, "the written form changed: robots in the field cannot read it");
    assert_eq!(&decode::<T>(text).unwrap(), message, "the form that older versions write is read otherwise");
}

const TASK: TaskRef = TaskRef { task_id: 7, fence: 3 };

fn notice() -> TaskNotice {
    TaskNotice { task_id: 7, fence: 3, reason: "why".into() }
}

#[test]
fn hello_and_heartbeat() {
    let hello = Hello {
        protocol: 1,
        agent_version: "0.1.0".into(),
        incarnation: "ab12-4".into(),
        capacity: 2,
        install_path: "/opt/baigong".into(),
        installed_at: 1_790_000_000_000,
        host: HostInfo { machine_name: "m1".into(), ip: "10.0.0.5".into(), system: "linux".into() },
        held: vec![Held { task_id: 7, fence: 3, phase: HeldPhase::Running }],
    };
    printed(
        &FromRobot::Hello(hello),
        r#"{"type":"hello","protocol":1,"agentVersion":"0.1.0","incarnation":"ab12-4","capacity":2,"installPath":"/opt/baigong","installedAt":1790000000000,"host":{"machineName":"m1","ip":"10.0.0.5","system":"linux"},"held":[{"taskId":7,"fence":3,"phase":"running"}]}"#,
    );
    printed(
        &FromRobot::Heartbeat(Heartbeat {
            sequence: 9,
            held: vec![TASK],
            free_slots: 1,
            paused: vec![],
            declines: None,
        }),
        r#"{"type":"heartbeat","sequence":9,"held":[{"taskId":7,"fence":3}],"freeSlots":1}"#,
    );
    for (phase, text) in [
        (HeldPhase::Accepted, r#""accepted""#),
        (HeldPhase::Running, r#""running""#),
        (HeldPhase::Finished, r#""finished""#),
        (HeldPhase::Dropped, r#""dropped""#),
    ] {
        printed(&phase, text);
    }
}

#[test]
fn what_the_machine_is_doing() {
    let space = Space { total: 16, used: 4 };
    let disks = vec![Disk { name: "/".into(), space }];
    printed(
        &FromRobot::Machine(MachineReading { cpu_permille: Some(375), memory: Some(space), disks }),
        r#"{"type":"machine","cpuPermille":375,"memory":{"total":16,"used":4},"disks":[{"name":"/","space":{"total":16,"used":4}}]}"#,
    );
    printed(&FromRobot::Machine(MachineReading::default()), r#"{"type":"machine","disks":[]}"#);
}

#[test]
fn the_start_handshake() {
    printed(&FromRobot::Accepted(TASK), r#"{"type":"accepted","taskId":7,"fence":3}"#);
    printed(&FromRobot::Start(TASK), r#"{"type":"start","taskId":7,"fence":3}"#);
    printed(
        &FromRobot::Declined(Declined { task_id: 7, fence: 3, reason: "full".into() }),
        r#"{"type":"declined","taskId":7,"fence":3,"reason":"full"}"#,
    );
    let assign = Assign {
        task_id: 7,
        fence: 3,
        process_id: 5,
        process_name: "对账".into(),
        package: PackageRef { package_id: 4, sha256: "ab".repeat(32), size: 12, path: paths::package(4) },
        in_parameters: vec![Parameter::new("tolerance", "0.01")],
        task_name: None,
        max_run_seconds: Some(60),
        log_level: LogLevel::Info,
        retry_safe: false,
        record: false,
        operator: String::new(),
        recording_ticket: String::new(),
    };
    let sha256 = "ab".repeat(32);
    printed(
        &ToRobot::Assign(assign),
        &format!(
            r#"{{"type":"assign","taskId":7,"fence":3,"processId":5,"processName":"对账","package":{{"packageId":4,"sha256":"{sha256}","size":12,"path":"/uplink/v1/packages/4"}},"inParameters":[{{"name":"tolerance","value":"0.01"}}],"taskName":null,"maxRunSeconds":60,"logLevel":"info","retrySafe":false}}"#
        ),
    );
    printed(&ToRobot::Granted(TASK), r#"{"type":"granted","taskId":7,"fence":3}"#);
    printed(&ToRobot::Refused(notice()), r#"{"type":"refused","taskId":7,"fence":3,"reason":"why"}"#);
}

#[test]
fn progress_logs_and_reports() {
    let progress = Progress {
        task_id: 7,
        fence: 3,
        sequence: 1,
        step: "read".into(),
        path: "main.flow.yaml › read".into(),
        title: "Read".into(),
        state: StepState::Started,
    };
    printed(
        &FromRobot::Progress(progress),
        r#"{"type":"progress","taskId":7,"fence":3,"sequence":1,"step":"read","path":"main.flow.yaml › read","title":"Read","state":"started"}"#,
    );
    printed(&StepState::Succeeded, r#""succeeded""#);
    printed(&StepState::Failed, r#""failed""#);
    let line = LogLine { at: 1_790_000_000_000, level: LogLevel::Warn, message: "停牌".into() };
    let log = Log { task_id: 7, fence: 3, first_sequence: 11, lines: vec![line.clone(), line] };
    assert_eq!(log.last_sequence(), 12);
    printed(
        &FromRobot::Log(log),
        r#"{"type":"log","taskId":7,"fence":3,"firstSequence":11,"lines":[{"at":1790000000000,"level":"warn","message":"停牌"},{"at":1790000000000,"level":"warn","message":"停牌"}]}"#,
    );
    printed(
        &ToRobot::LogAck(LogAck { task_id: 7, fence: 3, last_sequence: 12 }),
        r#"{"type":"logAck","taskId":7,"fence":3,"lastSequence":12}"#,
    );
    let report = Report {
        task_id: 7,
        fence: 3,
        outcome: Outcome::RunExpired,
        message: Some("too long".into()),
        failure: None,
        out_parameters: vec![Parameter::new("matched", "12")],
        artifacts: vec!["differences.xlsx".into()],
        ended_at: 1_790_000_000_000,
    };
    printed(
        &FromRobot::Report(report),
        r#"{"type":"report","taskId":7,"fence":3,"outcome":"runExpired","message":"too long","outParameters":[{"name":"matched","value":"12"}],"artifacts":["differences.xlsx"],"endedAt":1790000000000}"#,
    );
    printed(&Failure::Application, r#""application""#);
    printed(&Failure::Business, r#""business""#);
    printed(&Failure::Interrupted, r#""interrupted""#);
    printed(&Outcome::Succeeded, r#""succeeded""#);
    printed(&Outcome::Failed, r#""failed""#);
    printed(&Outcome::Cancelled, r#""cancelled""#);
    printed(&ToRobot::ReportAck(TASK), r#"{"type":"reportAck","taskId":7,"fence":3}"#);
}

#[test]
fn control() {
    let welcome = Welcome {
        robot_id: 2,
        robot_name: "r".into(),
        heartbeat_seconds: 10,
        lease_seconds: 60,
        max_tasks: 1,
        recorder_key: None,
        screen: None,
        time: 0,
    };
    printed(
        &ToRobot::Welcome(welcome),
        r#"{"type":"welcome","robotId":2,"robotName":"r","heartbeatSeconds":10,"leaseSeconds":60,"maxTasks":1}"#,
    );
    printed(&ToRobot::Cancel(notice()), r#"{"type":"cancel","taskId":7,"fence":3,"reason":"why"}"#);
    printed(&ToRobot::Stale(notice()), r#"{"type":"stale","taskId":7,"fence":3,"reason":"why"}"#);
    printed(&ToRobot::Pause(TASK), r#"{"type":"pause","taskId":7,"fence":3}"#);
    printed(&ToRobot::Resume(TASK), r#"{"type":"resume","taskId":7,"fence":3}"#);
    printed(&FromRobot::Paused(TASK), r#"{"type":"paused","taskId":7,"fence":3}"#);
    printed(&FromRobot::Resumed(TASK), r#"{"type":"resumed","taskId":7,"fence":3}"#);
    let wants = Wants { task_id: 7, fence: 3, still: true };
    printed(&FromRobot::Wants(wants), r#"{"type":"wants","taskId":7,"fence":3,"still":true}"#);
    printed(&ToRobot::HeartbeatAck { sequence: 9 }, r#"{"type":"heartbeatAck","sequence":9}"#);
    printed(&ToRobot::Fenced { reason: "why".into() }, r#"{"type":"fenced","reason":"why"}"#);
    printed(&ToRobot::Drain, r#"{"type":"drain"}"#);
}

fn call(request: CallRequest) -> FromRobot {
    FromRobot::Call(Call { call_id: 1, task_id: 7, fence: 3, request })
}

#[test]
fn calls() {
    let item = NewQueueItem {
        payload: json!({"code": "000001"}),
        reference: Some("a".into()),
        priority: Some(1),
        ..NewQueueItem::default()
    };
    printed(
        &call(CallRequest::QueuePush { queue: "q".into(), items: vec![item, NewQueueItem::default()] }),
        r#"{"type":"call","callId":1,"taskId":7,"fence":3,"request":{"type":"queuePush","queue":"q","items":[{"payload":{"code":"000001"},"reference":"a","priority":1},{"payload":null}]}}"#,
    );
    printed(
        &call(CallRequest::QueuePop { queue: "q".into() }),
        r#"{"type":"call","callId":1,"taskId":7,"fence":3,"request":{"type":"queuePop","queue":"q"}}"#,
    );
    let (outcome, items) = (QueueOutcome::Succeeded { output: None }, vec![NewQueueItem::default()]);
    printed(
        &call(CallRequest::QueueForward { item_id: 8, item_fence: 1, outcome, queue: "q".into(), items }),
        r#"{"type":"call","callId":1,"taskId":7,"fence":3,"request":{"type":"queueForward","itemId":8,"itemFence":1,"outcome":{"outcome":"succeeded","output":null},"queue":"q","items":[{"payload":null}]}}"#,
    );
    let outcome = QueueOutcome::BusinessFailure { reason: "no price".into() };
    printed(
        &call(CallRequest::QueueFinish { item_id: 8, item_fence: 1, outcome }),
        r#"{"type":"call","callId":1,"taskId":7,"fence":3,"request":{"type":"queueFinish","itemId":8,"itemFence":1,"outcome":{"outcome":"businessFailure","reason":"no price"}}}"#,
    );
    printed(&QueueOutcome::Succeeded { output: Some(json!(1)) }, r#"{"outcome":"succeeded","output":1}"#);
    printed(
        &QueueOutcome::ApplicationFailure { reason: "x".into() },
        r#"{"outcome":"applicationFailure","reason":"x"}"#,
    );
    printed(
        &call(CallRequest::AssetGet { name: "n".into(), key: "04".into() }),
        r#"{"type":"call","callId":1,"taskId":7,"fence":3,"request":{"type":"assetGet","name":"n","key":"04"}}"#,
    );
    printed(
        &call(CallRequest::CredentialGet { name: "n".into(), key: "04".into() }),
        r#"{"type":"call","callId":1,"taskId":7,"fence":3,"request":{"type":"credentialGet","name":"n","key":"04"}}"#,
    );
    printed(&CallResult::Sealed { value: "sm2:v1:00".into() }, r#"{"type":"sealed","value":"sm2:v1:00"}"#);
}

fn reply(answer: CallAnswer) -> ToRobot {
    ToRobot::Reply(Reply { call_id: 1, task_id: 7, fence: 3, answer })
}

#[test]
fn replies() {
    let item = QueueItem {
        item_id: 8,
        fence: 1,
        payload: json!({"n": 1}),
        reference: None,
        attempts: 0,
        origin: None,
        secret: false,
    };
    printed(
        &reply(CallAnswer::Result(CallResult::QueuePopped { item: Some(item) })),
        r#"{"type":"reply","callId":1,"taskId":7,"fence":3,"answer":{"result":{"type":"queuePopped","item":{"itemId":8,"fence":1,"payload":{"n":1},"reference":null,"attempts":0}}}}"#,
    );
    printed(
        &reply(CallAnswer::Result(CallResult::QueuePushed { item_ids: vec![8, 9] })),
        r#"{"type":"reply","callId":1,"taskId":7,"fence":3,"answer":{"result":{"type":"queuePushed","itemIds":[8,9]}}}"#,
    );
    printed(
        &reply(CallAnswer::Result(CallResult::QueueFinished)),
        r#"{"type":"reply","callId":1,"taskId":7,"fence":3,"answer":{"result":{"type":"queueFinished"}}}"#,
    );
    printed(
        &reply(CallAnswer::Result(CallResult::Asset { value: json!("v") })),
        r#"{"type":"reply","callId":1,"taskId":7,"fence":3,"answer":{"result":{"type":"asset","value":"v"}}}"#,
    );
    printed(
        &reply(CallAnswer::Error(CallError { code: "notFound".into(), message: "queue q".into() })),
        r#"{"type":"reply","callId":1,"taskId":7,"fence":3,"answer":{"error":{"code":"notFound","message":"queue q"}}}"#,
    );
}

#[test]
fn newer_ends_are_survived() {
    assert_eq!(decode::<ToRobot>(r#"{"type":"upgrade","url":"x"}"#).unwrap(), ToRobot::Unknown);
    assert_eq!(decode::<FromRobot>(r#"{"type":"screen","data":[1]}"#).unwrap(), FromRobot::Unknown);
    assert_eq!(decode::<ToRobot>(r#"{"type":"drain","until":5}"#).unwrap(), ToRobot::Drain);
    assert_eq!(
        decode::<ToRobot>(r#"{"type":"granted","taskId":7,"fence":3,"sealed":{"k":1}}"#).unwrap(),
        ToRobot::Granted(TASK)
    );
    let call = decode::<FromRobot>(
        r#"{"type":"call","callId":1,"taskId":7,"fence":3,"request":{"type":"screenshotGet","name":"n"}}"#,
    );
    assert!(matches!(call.unwrap(), FromRobot::Call(Call { request: CallRequest::Unknown, .. })));
    assert_eq!(decode::<HeldPhase>(r#""hovering""#).unwrap(), HeldPhase::Unknown);
}

#[test]
fn the_least_an_older_end_sends_is_enough() {
    let hello = decode::<FromRobot>(r#"{"type":"hello","protocol":1,"incarnation":"a-1"}"#).unwrap();
    assert!(matches!(hello, FromRobot::Hello(Hello { capacity: 1, ref held, .. }) if held.is_empty()));
    let welcome = decode::<ToRobot>(r#"{"type":"welcome","robotId":2}"#).unwrap();
    assert!(matches!(
        welcome,
        ToRobot::Welcome(Welcome { heartbeat_seconds: 10, lease_seconds: 60, max_tasks: 1, .. })
    ));
}

#[test]
fn what_is_no_message_or_too_large_is_refused() {
    for wrong in ["", "7", "[]", "{}", r#"{"type":7}"#, r#"{"type":"granted","taskId":"7","fence":3}"#] {
        assert!(matches!(decode::<ToRobot>(wrong), Err(FrameError::Malformed { .. })), "{wrong:?}");
    }
    let long = ToRobot::Fenced { reason: "x".repeat(limits::MAX_FRAME_BYTES) };
    assert!(matches!(encode(&long), Err(FrameError::TooLarge(_))));
    assert!(matches!(decode::<ToRobot>(&serde_json::to_string(&long).unwrap()), Err(FrameError::TooLarge(_))));
    let secret = r#"{"type":"fenced","reason":geheim}"#;
    assert!(!decode::<ToRobot>(secret).unwrap_err().to_string().contains("geheim"));
}

#[test]
fn recordings_and_live_views() {
    let recording = RecordingRef { robot_id: 2, task_id: 7, fence: 3, part: 1 };
    let head = RecordingHead { recording, ticket: "t".into(), started_at: 5, sealed_key: "sm2:v1:00".into() };
    printed(
        &head,
        r#"{"recording":{"robotId":2,"taskId":7,"fence":3,"part":1},"ticket":"t","startedAt":5,"sealedKey":"sm2:v1:00"}"#,
    );
    let note = ChunkNote { started_at: 5, ended_at: 9, lost: None };
    printed(&note, r#"{"startedAt":5,"endedAt":9}"#);
    printed(&ChunkNote { lost: Some("full".into()), ..note }, r#"{"startedAt":5,"endedAt":9,"lost":"full"}"#);
    let end = RecordingEnd { ended_at: 9, chunks: 2, in_order: true };
    printed(&end, r#"{"endedAt":9,"chunks":2,"inOrder":true}"#);
    printed(&ToRobot::Watch(Watch { view: "ab".into() }), r#"{"type":"watch","view":"ab"}"#);
    printed(&RecorderKey { public: "04".into() }, r#"{"public":"04"}"#);
    printed(&Screen { width: 1280, height: 720, depth: 24 }, r#"{"width":1280,"height":720,"depth":24}"#);
    assert_eq!(paths::chunk(7, 3, 1, 0), "/uplink/v1/recordings/7/3/1/chunks/0");
    assert_eq!(paths::recording_end(7, 3, 1), "/uplink/v1/recordings/7/3/1/end");
}

#[test]
fn tasks_of_the_robots_own() {
    let task = OwnTask {
        number: 1_000_000_001,
        revision: 3,
        process: 1_000_000_002,
        process_name: "p".into(),
        task_name: None,
        priority: 1,
        record: false,
        in_parameters: vec![Parameter { name: "a".into(), value: "1".into() }],
        out_parameters: None,
        state: "running".into(),
        run: 1,
        message: None,
        max_run_minutes: 0,
        max_wait_minutes: 5,
        started_at: Some(1000),
        ended_at: None,
    };
    printed(
        &FromRobot::OwnTasks(OwnTasks { book: 9, tasks: vec![task] }),
        r#"{"type":"ownTasks","book":9,"tasks":[{"number":1000000001,"revision":3,"process":1000000002,"processName":"p","priority":1,"record":false,"inParameters":[{"name":"a","value":"1"}],"state":"running","run":1,"maxRunMinutes":0,"maxWaitMinutes":5,"startedAt":1000}]}"#,
    );
    printed(
        &ToRobot::OwnTasksAck { tasks: vec![OwnTaskKnown { number: 1_000_000_001, revision: 3, task_id: 12 }] },
        r#"{"type":"ownTasksAck","tasks":[{"number":1000000001,"revision":3,"taskId":12}]}"#,
    );
}

//! Running flows against a host and actions that record what happens; time is paused wherever something waits.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use baigong_model::{LogLevel, ManualClock, Parameter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    ActionContext, ActionEffect, ActionError, Flow, HostError, NewQueueItem, QueueItem, QueueOutcome, StepEvent,
    StepState, validate,
};

#[derive(Default)]
struct TestHost {
    events: Mutex<Vec<StepEvent>>,
    lines: Mutex<Vec<(LogLevel, String)>>,
}

#[async_trait]
impl Host for TestHost {
    fn log(&self, level: LogLevel, message: &str) {
        self.lines.lock().unwrap().push((level, message.to_owned()));
    }
    fn step(&self, event: StepEvent) {
        self.events.lock().unwrap().push(event);
    }
    async fn queue_push(&self, _: &str, _: Vec<NewQueueItem>) -> Result<Vec<i64>, HostError> {
        Ok(Vec::new())
    }
    async fn queue_pop(&self, _: &str) -> Result<Option<QueueItem>, HostError> {
        Ok(None)
    }
    async fn queue_finish(&self, _: i64, _: i64, _: QueueOutcome) -> Result<(), HostError> {
        Ok(())
    }
    async fn asset(&self, _: &str) -> Result<Json, HostError> {
        Ok(Json::Null)
    }
}

#[derive(Deserialize, JsonSchema)]
struct Note {
    text: String,
}

#[derive(Deserialize, JsonSchema)]
struct Flaky {
    #[serde(default)]
    failures: u64,
    code: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
struct Numbers {
    count: Option<i64>,
    share: Option<f64>,
    any: Option<Json>,
    mode: Option<Mode>,
    names: Option<Vec<String>>,
    places: Option<u8>,
}

#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "camelCase")]
enum Mode {
    Fast,
    Slow,
}

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

/// Everything the actions of the tests do and see.
#[derive(Default)]
struct Record {
    notes: Mutex<Vec<String>>,
    tries: AtomicU64,
}

pub(crate) fn test_actions() -> ActionTable {
    actions(&Arc::default())
}

fn actions(record: &Arc<Record>) -> ActionTable {
    let (noted, tried) = (record.clone(), record.clone());
    ActionTable::new()
        .action("test.read", ActionEffect::Reads, "Read", "读", |_, file: BTreeMap<String, Json>| async move {
            if file.get("file").is_some_and(|file| file == "absent.xlsx") {
                return Err(ActionError::new("fileNotFound", "the file absent.xlsx does not exist"));
            }
            Ok(json!([
                {"code": "000001", "custodian": "1,000.10", "ours": "1000.10"},
                {"code": "", "custodian": "", "ours": ""},
                {"code": "600000", "custodian": "2,000.35", "ours": "1999.15"},
            ]))
        })
        .action("test.note", ActionEffect::Writes, "Note", "记", move |_, note: Note| {
            noted.notes.lock().unwrap().push(note.text);
            async { Ok(()) }
        })
        .action("test.flaky", ActionEffect::Reads, "Try", "试", move |_, flaky: Flaky| {
            let tries = tried.tries.fetch_add(1, Ordering::SeqCst);
            let code = flaky.code.unwrap_or("unavailable".to_owned());
            async move { if tries < flaky.failures { Err(ActionError::new(code, "not now")) } else { Ok(tries) } }
        })
        .action("test.environment", ActionEffect::None, "Show", "显示", |context, _: Nothing| async move {
            Ok(context.environment.iter().map(|(name, value)| format!("{name}={value}")).collect::<String>())
        })
        .action("test.numbers", ActionEffect::None, "Numbers", "数", |_, numbers: Numbers| async move {
            let Numbers { count, share, any, mode, names, places } = numbers;
            Ok(json!({"count": count, "share": share, "any": any, "mode": mode, "names": names, "places": places}))
        })
        .action("test.wait", ActionEffect::None, "Wait", "等", |context: ActionContext, _: Nothing| async move {
            context.cancel.cancelled().await;
            Err::<(), _>(ActionError::new("cancelled", "stopped"))
        })
        .action("test.hang", ActionEffect::None, "Hang", "挂", |_, _: Nothing| async move {
            std::future::pending::<()>().await;
            Ok(())
        })
        .action("test.panic", ActionEffect::None, "Panic", "崩", |_, _: Nothing| async move {
            assert!(std::hint::black_box(false), "a fault of the test");
            Ok(())
        })
        .action("test.pay", ActionEffect::Irreversible, "Pay", "付", |_, _: Nothing| async move { Ok(()) })
}

struct Bench {
    host: Arc<TestHost>,
    record: Arc<Record>,
    cancel: CancellationToken,
    pause: Pause,
    limits: RunLimits,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            host: Arc::default(),
            record: Arc::default(),
            cancel: CancellationToken::new(),
            pause: Pause::new(),
            limits: RunLimits::default(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.folder.path().join(file), text).unwrap();
    }

    async fn run_file(&self, inputs: &[(&str, &str)]) -> Outcome {
        let set = Flow::load(self.folder.path(), "main.flow.yaml").unwrap_or_else(|problems| panic!("{problems}"));
        let table = actions(&self.record);
        let problems = validate(&set, &table);
        assert!(problems.is_empty(), "{problems}");
        run(&set, &table, self.options(inputs)).await
    }

    fn options(&self, inputs: &[(&str, &str)]) -> RunOptions {
        RunOptions {
            host: self.host.clone(),
            inputs: inputs.iter().map(|(name, value)| Parameter::new(*name, *value)).collect(),
            package_folder: self.folder.path().to_path_buf(),
            artifacts_folder: PathBuf::from(Path::new("artifacts")),
            identity: RunIdentity { task_id: 41, id: "r-7".into() },
            environment: Arc::new([("BAIGONG_RUN".into(), "r-7".into())]),
            cancel: self.cancel.clone(),
            pause: self.pause.clone(),
            clock: Arc::new(ManualClock::at(0)),
            limits: self.limits,
        }
    }

    /// Runs a flow with a variable `x` and an out-parameter `out`.
    async fn steps(&self, steps: &str) -> Outcome {
        let head =
            "flow: test\nparameters: {out: {out: {type: text}}}\nvariables: {x: 0, list: [], name: Ann}\nsteps:\n";
        self.write("main.flow.yaml", &format!("{head}{steps}"));
        self.run_file(&[]).await
    }

    fn notes(&self) -> Vec<String> {
        self.record.notes.lock().unwrap().clone()
    }

    /// The paths of the steps that began.
    fn paths(&self) -> Vec<String> {
        let events = self.host.events.lock().unwrap();
        events.iter().filter(|event| event.state == StepState::Started).map(|event| event.path.clone()).collect()
    }
}

fn out(outcome: Outcome) -> String {
    match outcome {
        Outcome::Succeeded { outputs } => outputs.into_iter().find(|output| output.name == "out").unwrap().value,
        other => panic!("{other:?}"),
    }
}

fn failure(outcome: Outcome) -> FlowError {
    match outcome {
        Outcome::Failed(error) => error,
        other => panic!("{other:?}"),
    }
}

const EVERYTHING: &str = include_str!("../../tests/flows/everything.flow.yaml");
const OTHER: &str = "flow: other\nparameters: {in: {n: {type: integer}}, out: {doubled: {type: integer}}}\nsteps:\n  \
                     - id: a\n    set: {doubled: \"${n * 2}\"}\n";

#[tokio::test(start_paused = true)]
async fn the_example_with_every_word_runs() {
    let bench = Bench::new();
    bench.write("main.flow.yaml", EVERYTHING);
    bench.write("other.flow.yaml", OTHER);
    let outcome = bench.run_file(&[("custodianFile", "custodian.xlsx")]).await;
    let expected = vec![Parameter::new("matched", "1"), Parameter::new("totalDifference", "1.20")];
    assert_eq!(outcome, Outcome::Succeeded { outputs: expected });
    let mut notes = bench.notes();
    notes[1..].sort();
    assert_eq!(notes, ["done", "left", "right"]);
    let paths = bench.paths();
    assert!(paths.contains(&"main.flow.yaml › forEach eachRow [3] › if decide › collect".to_owned()), "{paths:?}");
    assert!(paths.contains(&"main.flow.yaml › other › other.flow.yaml › a".to_owned()), "{paths:?}");
    assert_eq!(bench.host.events.lock().unwrap()[0].title, "Read the custodian's positions");
}

#[tokio::test]
async fn an_error_names_file_line_step_path_and_cause() {
    let bench = Bench::new();
    let error = failure(
        bench.steps("  - id: each\n    forEach: n\n    in: [1]\n    steps:\n      - id: read\n        do: test.read\n        with: {file: absent.xlsx}\n").await,
    );
    assert_eq!(
        error.to_string(),
        "main.flow.yaml, line 9, column 9, step \"read\" (main.flow.yaml › forEach each [1] › read): the file absent.xlsx does not exist [fileNotFound]"
    );
    let events = bench.host.events.lock().unwrap();
    let states: Vec<(&str, StepState)> = events.iter().map(|event| (event.step.as_str(), event.state)).collect();
    assert_eq!(
        states,
        [
            ("each", StepState::Started),
            ("read", StepState::Started),
            ("read", StepState::Failed),
            ("each", StepState::Failed)
        ]
    );
}

#[tokio::test]
async fn loops_can_be_left_and_gone_on_with() {
    let bench = Bench::new();
    let steps = "  - id: each\n    forEach: n\n    in: [1, 2, 3, 4, 5]\n    index: i\n    steps:\n      - id: skip\n        when: n == 2\n        continue:\n      - id: stop\n        when: n == 4\n        break:\n      - id: collect\n        append: {list: \"${[n, i]}\"}\n  - id: end\n    set: {out: \"${text(list)}\"}\n";
    assert_eq!(out(bench.steps(steps).await), "[[1,0],[3,2]]");
}

#[tokio::test]
async fn a_loop_without_end_is_stopped() {
    let bench = Bench::new();
    let error = failure(bench.steps("  - id: w\n    while: true\n    atMost: 7\n    steps:\n      - id: s\n        set: {x: \"${x + 1}\"}\n").await);
    assert_eq!((error.code.as_str(), error.step.as_deref()), ("tooManyRounds", Some("w")));
    assert!(error.message.contains("after 7 rounds"), "{error}");

    let mut bench = Bench::new();
    bench.limits.most_steps = 20;
    let error =
        failure(bench.steps("  - id: w\n    while: true\n    steps:\n      - id: s\n        set: {x: 1}\n").await);
    assert_eq!(error.code, "tooManySteps");
}

#[tokio::test]
async fn errors_are_caught_by_their_code() {
    let bench = Bench::new();
    let steps = "  - id: t\n    try:\n      - id: f\n        fail: Bad ${name}\n        code: bad\n    catch:\n      - on: [other]\n        steps:\n          - id: no\n            set: {out: no}\n      - on: bad\n        as: e\n        steps:\n          - id: yes1\n            set: {out: \"${e.code}/${e.message}/${e.step}\"}\n    finally:\n      - id: last\n        do: test.note\n        with: {text: last}\n";
    assert_eq!(out(bench.steps(steps).await), "bad/Bad Ann/f");
    assert_eq!(bench.notes(), ["last"]);

    let error = failure(bench.steps("  - id: t\n    try:\n      - id: f\n        fail: Bad\n    catch:\n      on: other\n      steps: []\n    finally:\n      - id: g\n        fail: Second\n").await);
    assert_eq!(error.message, "Bad", "the error that led to finally is not hidden by a second one");
    let lines = bench.host.lines.lock().unwrap();
    assert!(lines.iter().any(|(level, line)| *level == LogLevel::Warn && line.contains("Second")), "{lines:?}");
}

#[tokio::test]
async fn what_a_loop_or_catch_names_ends_with_it() {
    let bench = Bench::new();
    let steps = "  - id: t\n    try:\n      - id: f\n        fail: outer\n    catch:\n      steps:\n        - id: u\n          try:\n            - id: g\n              fail: inner\n          catch:\n            steps:\n              - id: h\n                set: {x: \"${error.message}\"}\n        - id: i\n          set: {out: \"${x} ${error.message}\"}\n";
    assert_eq!(out(bench.steps(steps).await), "inner outer");
    let steps = "  - id: a\n    forEach: n\n    in: [1, 2]\n    steps:\n      - id: b\n        forEach: n\n        in: [8, 9]\n        steps: []\n      - id: c\n        set: {out: \"${n}\"}\n";
    assert_eq!(out(bench.steps(steps).await), "2");
}

#[tokio::test]
async fn return_ends_the_flow_through_finally() {
    let bench = Bench::new();
    let steps = "  - id: t\n    try:\n      - id: r\n        return: {out: early}\n    finally:\n      - id: n\n        do: test.note\n        with: {text: finally}\n  - id: late\n    set: {out: late}\n";
    assert_eq!(out(bench.steps(steps).await), "early");
    assert_eq!(bench.notes(), ["finally"]);
}

#[tokio::test(start_paused = true)]
async fn retry_waits_and_tries_again_for_its_codes_only() {
    let bench = Bench::new();
    let begin = baigong_test_time();
    let steps = "  - id: r\n    retry: 3\n    waitSeconds: 1.5\n    on: unavailable\n    steps:\n      - id: f\n        do: test.flaky\n        with: {failures: 2}\n        save: tries\n  - id: end\n    set: {out: \"${tries}\"}\n";
    assert_eq!(out(bench.steps(steps).await), "2");
    assert_eq!(begin.elapsed(), Duration::from_secs(3));

    let bench = Bench::new();
    let error = failure(bench.steps("  - id: r\n    retry: 2\n    steps:\n      - id: f\n        do: test.flaky\n        with: {failures: 9}\n").await);
    assert_eq!((error.code.as_str(), bench.record.tries.load(Ordering::SeqCst)), ("unavailable", 3));
    assert!(error.path.ends_with("retry r [try 3] › f"), "{error}");

    let bench = Bench::new();
    let error = failure(bench.steps("  - id: r\n    retry: 2\n    on: [unavailable]\n    steps:\n      - id: f\n        do: test.flaky\n        with: {failures: 9, code: badData}\n").await);
    assert_eq!((error.code.as_str(), bench.record.tries.load(Ordering::SeqCst)), ("badData", 1));
}

/// The paused time of the test's runtime.
#[expect(clippy::disallowed_methods, reason = "the runtime's time is paused here and measures only itself")]
fn baigong_test_time() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

#[tokio::test]
async fn branches_run_beside_each_other_and_bring_their_variables_back() {
    let bench = Bench::new();
    let steps = "  - id: p\n    parallel:\n      a:\n        - id: a1\n          set: {x: 1}\n      b:\n        - id: b1\n          do: test.flaky\n          save: tries\n  - id: end\n    set: {out: \"${x} ${tries} ${name}\"}\n";
    assert_eq!(out(bench.steps(steps).await), "1 0 Ann");
}

#[tokio::test(start_paused = true)]
async fn the_first_error_of_a_branch_stops_the_others() {
    let bench = Bench::new();
    let steps = "  - id: p\n    parallel:\n      slow:\n        - id: s\n          try:\n            - id: w\n              do: test.wait\n          finally:\n            - id: n\n              do: test.note\n              with: {text: tidied}\n      bad:\n        - id: f\n          fail: Broken\n          code: broken\n";
    let error = failure(bench.steps(steps).await);
    assert_eq!(error.code, "broken");
    assert_eq!(error.path, "main.flow.yaml › parallel p › bad › f");
    assert_eq!(bench.notes(), ["tidied"]);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_stops_its_action_and_runs_finally() {
    for action in ["test.wait", "test.hang"] {
        let bench = Bench::new();
        let cancel = bench.cancel.clone();
        let begin = baigong_test_time();
        tokio::spawn(async move {
            let _ = tokio::time::timeout(Duration::from_secs(60), std::future::pending::<()>()).await;
            cancel.cancel();
        });
        let steps = format!(
            "  - id: t\n    try:\n      - id: w\n        do: {action}\n    catch:\n      steps:\n        - id: c\n          do: test.note\n          with: {{text: caught}}\n    finally:\n      - id: n\n        do: test.note\n        with: {{text: tidied}}\n  - id: late\n    do: test.note\n    with: {{text: late}}\n"
        );
        assert_eq!(bench.steps(&steps).await, Outcome::Cancelled);
        assert_eq!(bench.notes(), ["tidied"], "{action}");
        let grace = if action == "test.hang" { 2 } else { 0 };
        assert_eq!(begin.elapsed(), Duration::from_secs(60 + grace), "{action}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_stands_still_between_two_steps_and_inside_waits() {
    let bench = Bench::new();
    let (pause, begin) = (bench.pause.clone(), baigong_test_time());
    let after = |seconds| tokio::time::timeout(Duration::from_secs(seconds), std::future::pending::<()>());
    let person = tokio::spawn(async move {
        for (on, seconds) in [(true, 100), (false, 5), (true, 1_000), (false, 0)] {
            pause.set(on);
            let _ = after(seconds).await;
        }
    });
    tokio::task::yield_now().await;
    let steps = "  - id: first\n    do: test.note\n    with: {text: first}\n  - id: again\n    retry: 1\n    waitSeconds: 60\n    \
        steps:\n      - id: once\n        when: \"x == 0\"\n        set: {x: 1}\n      - id: failing\n        assert: \"1 == 2\"\n";
    let outcome = bench.steps(steps).await;
    assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
    assert_eq!(bench.notes(), ["first"]);
    assert_eq!(
        begin.elapsed(),
        Duration::from_secs(100 + 5 + 1_000 + 55),
        "two times of standing still, and a wait of 60"
    );
    person.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_run_that_stands_still_can_be_cancelled() {
    let bench = Bench::new();
    bench.pause.set(true);
    let cancel = bench.cancel.clone();
    tokio::spawn(async move { cancel.cancel() });
    assert_eq!(bench.steps("  - id: a\n    set: {x: 1}\n").await, Outcome::Cancelled);
    assert!(bench.paths().is_empty(), "nothing begins while it stands still");
}

#[tokio::test(start_paused = true)]
async fn finally_has_a_bounded_time_after_a_cancellation() {
    let bench = Bench::new();
    bench.cancel.cancel();
    let begin = baigong_test_time();
    assert_eq!(bench.steps("  - id: a\n    set: {x: 1}\n").await, Outcome::Cancelled);
    assert!(bench.paths().is_empty(), "nothing begins after a cancellation");

    let bench = Bench::new();
    let cancel = bench.cancel.clone();
    tokio::spawn(async move {
        tokio::task::yield_now().await;
        cancel.cancel();
    });
    let steps = "  - id: t\n    try:\n      - id: w\n        do: test.wait\n    finally:\n      - id: h\n        do: test.hang\n      - id: n\n        do: test.note\n        with: {text: never}\n";
    assert_eq!(bench.steps(steps).await, Outcome::Cancelled);
    assert!(bench.notes().is_empty());
    assert_eq!(begin.elapsed(), Duration::from_secs(7), "5 s for the steps, 2 s for the action to stop");
}

#[tokio::test(start_paused = true)]
async fn a_wait_between_tries_ends_with_the_run() {
    let bench = Bench::new();
    let cancel = bench.cancel.clone();
    let begin = baigong_test_time();
    tokio::spawn(async move {
        let _ = tokio::time::timeout(Duration::from_secs(10), std::future::pending::<()>()).await;
        cancel.cancel();
    });
    let steps = "  - id: r\n    retry: 1\n    waitSeconds: 3600\n    steps:\n      - id: f\n        do: test.flaky\n        with: {failures: 9}\n";
    assert_eq!(bench.steps(steps).await, Outcome::Cancelled);
    assert_eq!(begin.elapsed(), Duration::from_secs(10));
}

#[tokio::test]
async fn flows_that_run_themselves_end_in_an_error() {
    let bench = Bench::new();
    let error = failure(bench.steps("  - id: again\n    run: main.flow.yaml\n").await);
    assert_eq!(error.code, "tooDeep");
    assert!(error.message.contains("32 times"), "{error}");
}

#[tokio::test]
async fn a_sub_flow_gets_and_gives_typed_values() {
    let bench = Bench::new();
    bench.write("other.flow.yaml", OTHER);
    let steps = |n: &str| {
        format!(
            "  - id: o\n    run: other.flow.yaml\n    with: {{n: \"{n}\"}}\n    save: result\n  - id: end\n    set: {{out: \"${{result.doubled + 1}}\"}}\n"
        )
    };
    assert_eq!(out(bench.steps(&steps("21")).await), "43");
    let error = failure(bench.steps(&steps("${name}")).await);
    assert_eq!(
        error.message,
        "other.flow.yaml: the in-parameter \"n\" must be a whole number such as 12, but is \"Ann\""
    );
    assert_eq!((error.code.as_str(), error.step.as_deref()), ("invalidInput", Some("o")));
}

#[tokio::test]
async fn parameters_reach_an_action_in_the_kind_it_wants() {
    let bench = Bench::new();
    let steps = "  - id: n\n    do: test.numbers\n    with: {count: 3, share: 0.25, any: 1.50, mode: slow, names: [a, 600000]}\n    save: r\n  - id: end\n    set: {out: \"${text(r)}\"}\n";
    let expected =
        json!({"any": "1.50", "count": 3, "mode": "slow", "names": ["a", "600000"], "places": null, "share": 0.25});
    assert_eq!(serde_json::from_str::<Json>(&out(bench.steps(steps).await)).unwrap(), expected);

    let error = failure(bench.steps("  - id: n\n    do: test.numbers\n    with: {count: \"${name}\"}\n").await);
    assert_eq!(error.message, "the parameter \"count\" must be a whole number, but is the text \"Ann\"");
    let error = failure(bench.steps("  - id: n\n    do: test.numbers\n    with: {mode: \"${name}\"}\n").await);
    assert_eq!(error.message, "the parameter \"mode\" must be one of \"fast\", \"slow\", but is the text \"Ann\"");
    let error = failure(bench.steps("  - id: n\n    do: test.note\n    with: {text: \"${list}\"}\n").await);
    assert_eq!(error.message, "the parameter \"text\" must be a text, but is a list");
}

#[tokio::test]
async fn a_panicking_action_is_an_error_of_its_step() {
    let bench = Bench::new();
    let error = failure(bench.steps("  - id: p\n    do: test.panic\n").await);
    assert_eq!((error.code.as_str(), error.step.as_deref()), ("internal", Some("p")));
}

#[tokio::test]
async fn in_parameters_are_checked_all_at_once() {
    let bench = Bench::new();
    bench.write("main.flow.yaml", EVERYTHING);
    bench.write("other.flow.yaml", OTHER);
    let error = failure(bench.run_file(&[("tolerance", "abc"), ("tolerence", "1")]).await);
    assert_eq!(error.code, "invalidInput");
    assert_eq!(
        error.message,
        "the in-parameter \"tolerance\" must be a number such as 1234.50, but is \"abc\"; the flow has no in-parameter \"tolerence\" (did you mean \"tolerance\"?); the in-parameter \"custodianFile\" is missing (the path of a file: The custodian's positions.)"
    );
}

#[tokio::test]
async fn out_parameters_are_checked_and_written_as_texts() {
    let bench = Bench::new();
    let flow = |value: &str| {
        format!(
            "flow: t\nparameters: {{out: {{a: {{type: decimal}}, b: {{type: list}}, c: {{type: text}}}}}}\nsteps:\n  - id: s\n    set: {{a: {value}, b: [1, 2.50]}}\n"
        )
    };
    bench.write("main.flow.yaml", &flow("1.50"));
    let expected = [("a", "1.50"), ("b", "[1,\"2.50\"]"), ("c", "")].map(|(name, value)| Parameter::new(name, value));
    assert_eq!(bench.run_file(&[]).await, Outcome::Succeeded { outputs: expected.to_vec() });
    bench.write("main.flow.yaml", &flow("[]"));
    let error = failure(bench.run_file(&[]).await);
    assert_eq!(error.message, "the out-parameter \"a\" must be a decimal, but is a list");
}

#[tokio::test]
async fn the_log_never_shows_a_value() {
    let bench = Bench::new();
    bench.steps("  - id: s\n    set: {name: hunter2, list: [hunter2]}\n").await;
    let lines = bench.host.lines.lock().unwrap();
    assert!(lines.iter().any(|(_, line)| line == "s: list is now a list of 1"), "{lines:?}");
    assert!(!lines.iter().any(|(_, line)| line.contains("hunter2")));
}

/// As deep as documents may nest, in flows as deep as they may run each other, on a test's ordinary stack.
#[tokio::test]
async fn the_deepest_nesting_allowed_runs_on_an_ordinary_stack() {
    let bench = Bench::new();
    let sum = format!("1{}", "+1".repeat(250));
    let mut steps = format!("[{{id: sum, set: {{x: '${{{sum}}}'}}}}, {{id: inner, run: main.flow.yaml}}]");
    for level in 0..31 {
        steps = format!("[{{id: t{level}, try: {steps}, finally: [{{id: f{level}, set: {{x: 1}}}}]}}]");
    }
    bench.write("main.flow.yaml", &format!("flow: t\nvariables: {{x: 0}}\nsteps: {steps}\n"));
    assert_eq!(failure(bench.run_file(&[]).await).code, "tooDeep");
}

#[tokio::test]
async fn every_flow_knows_which_run_it_is() {
    let bench = Bench::new();
    bench.write(
        "sub.flow.yaml",
        "flow: s\nparameters: {out: {who: {type: text}}}\nsteps:\n  - {id: a, set: {who: \"${run.id}\"}}\n",
    );
    let steps = "  - {id: a, run: sub.flow.yaml, save: x}\n  - {id: b, set: {out: \"${x.who} ${run.taskId + 1}\"}}\n";
    assert_eq!(out(bench.steps(steps).await), "r-7 42");
}

#[tokio::test]
async fn actions_are_given_the_variables_of_the_run() {
    let bench = Bench::new();
    assert_eq!(out(bench.steps("  - {id: a, do: test.environment, save: out}\n").await), "BAIGONG_RUN=r-7");
}

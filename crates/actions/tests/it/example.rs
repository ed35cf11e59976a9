//! The example gives exactly what the generator of its data knows, counted there in whole fen.

use baigong_flow::{Outcome, StepState};
use baigong_model::{LogLevel, Parameter};
use calamine::{Data, Reader, Xlsx, open_workbook};
use rust_decimal::Decimal;
use serde_json::json;

use crate::{
    stage::Stage,
    valuation_data::{Position, Side, expected, positions, yuan},
};

const NOTHING: Side = Side { quantity: 0, value: 0 };

fn sides(position: &Position) -> (Side, Side) {
    (position.custodian.unwrap_or(NOTHING), position.valuation.unwrap_or(NOTHING))
}

fn outputs(outcome: Outcome) -> Vec<Parameter> {
    match outcome {
        Outcome::Succeeded { outputs } => outputs,
        other => panic!("the run must succeed, but: {other:?}"),
    }
}

/// The rows of differences.xlsx below its headings.
fn written(stage: &Stage) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = open_workbook(stage.artifacts().join("differences.xlsx")).unwrap();
    let range = book.worksheet_range("差异").unwrap();
    let mut rows = range.rows().map(<[Data]>::to_vec);
    let headings = ["证券代码", "托管数量", "估值数量", "托管市值", "估值市值", "差异"];
    assert_eq!(rows.next().unwrap(), headings.map(|heading| Data::String(heading.to_owned())));
    rows.collect()
}

#[tokio::test]
async fn the_result_is_what_the_data_was_made_for() {
    let expected = expected(&positions(), 1);
    let stage = Stage::new();
    let outputs = outputs(stage.run(&[]).await);
    assert_eq!(
        outputs,
        [
            Parameter::new("matched", expected.matched.to_string()),
            Parameter::new("differences", expected.differences.len().to_string()),
            Parameter::new("totalDifference", yuan(expected.total_difference)),
        ]
    );
    assert_eq!((expected.matched, expected.differences.len()), (315, 45), "the numbers of the README");
    assert_eq!(yuan(expected.total_difference), "1394957.94", "the number of the README");

    let float = |text: String| Data::Float(text.parse().unwrap());
    let rows = expected.differences.iter().map(|position| {
        let (theirs, ours) = sides(position);
        vec![
            Data::String(position.code.clone()),
            float(theirs.quantity.to_string()),
            float(ours.quantity.to_string()),
            float(yuan(theirs.value)),
            float(yuan(ours.value)),
            float(yuan(theirs.value - ours.value)),
        ]
    });
    assert_eq!(written(&stage), rows.collect::<Vec<_>>());
}

#[tokio::test]
async fn every_difference_is_pushed_once_under_a_reference_of_its_own() {
    let expected = expected(&positions(), 1);
    let stage = Stage::new();
    outputs(stage.run(&[]).await);
    let pushed = stage.host.pushed.lock().unwrap();
    assert_eq!(pushed.len(), expected.differences.len());
    for ((queue, item), position) in pushed.iter().zip(&expected.differences) {
        let (theirs, ours) = sides(position);
        let code = &position.code;
        assert_eq!(queue, "valuation-differences");
        assert_eq!(item.reference.as_deref(), Some(format!("9f2c-{code}").as_str()));
        assert_eq!(item.payload["证券代码"], json!(code));
        for (column, number, places) in [
            ("托管数量", theirs.quantity, 0),
            ("估值数量", ours.quantity, 0),
            ("托管市值", theirs.value, 2),
            ("估值市值", ours.value, 2),
            ("差异", theirs.value - ours.value, 2),
        ] {
            let found: Decimal = item.payload[column].as_str().unwrap().parse().unwrap();
            assert_eq!(found, Decimal::new(number, places), "{code} {column}");
        }
    }
}

#[tokio::test]
async fn steps_and_results_can_be_followed() {
    let stage = Stage::new();
    outputs(stage.run(&[]).await);
    let steps = stage.host.steps.lock().unwrap();
    let done: Vec<&str> =
        steps.iter().filter(|(_, state)| *state == StepState::Succeeded).map(|(step, _)| step.as_str()).collect();
    assert_eq!(done.first().copied(), Some("readCustodian"));
    assert!(done.contains(&"compare") && done.contains(&"pushDifferences"), "{done:?}");
    let lines = stage.host.lines.lock().unwrap();
    let shown: Vec<&(LogLevel, String)> = lines.iter().filter(|(level, _)| *level >= LogLevel::Info).collect();
    let counts = (LogLevel::Info, "托管 356 只，估值 355 只，容差 0.01 元".to_owned());
    let result = (LogLevel::Warn, "一致 315 只，差异 45 只，差异合计 1394957.94 元".to_owned());
    assert_eq!(shown, [&counts, &result]);
}

#[tokio::test]
async fn the_tolerance_decides_what_is_listed() {
    for (text, fen) in [("0", 0), ("0.02", 2), ("100000", 10_000_000), ("1000000000", 100_000_000_000)] {
        let expected = expected(&positions(), fen);
        let stage = Stage::new();
        let outputs = outputs(stage.run(&[("tolerance", text)]).await);
        assert_eq!(outputs[1].value, expected.differences.len().to_string(), "tolerance {text}");
        assert_eq!(outputs[0].value, expected.matched.to_string(), "tolerance {text}");
        let total: Decimal = outputs[2].value.parse().unwrap();
        assert_eq!(total, Decimal::new(expected.total_difference, 2), "tolerance {text}");
        assert_eq!(written(&stage).len(), expected.differences.len(), "tolerance {text}");
    }
}

#[tokio::test]
async fn anyone_can_run_it_on_files_of_their_own() {
    let stage = Stage::new();
    let desk = tempfile::tempdir().unwrap();
    let (theirs, ours) = (desk.path().join("托管.csv.xlsx"), desk.path().join("估值.csv"));
    std::fs::copy(stage.package().join("custodian.xlsx"), &theirs).unwrap();
    std::fs::write(&ours, "\u{feff}证券代码,数量,市值\n").unwrap();
    for name in ["custodian.xlsx", "valuation.csv"] {
        std::fs::remove_file(stage.package().join(name)).unwrap();
    }
    let inputs = [("custodianFile", theirs.to_str().unwrap()), ("valuationFile", ours.to_str().unwrap())];
    let outputs = outputs(stage.run(&inputs).await);
    assert_eq!((outputs[0].value.as_str(), outputs[1].value.as_str()), ("0", "356"), "we have nothing of all this");
}

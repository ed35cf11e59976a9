//! The demonstration, which is the main job from end to end.

use serde_json::Value;

use crate::process::baigong;

#[test]
fn the_demonstration_runs_the_example_and_says_what_came_out_twice_over_on_the_same_data() {
    let folder = tempfile::tempdir().unwrap();
    for run in 1..=2 {
        let data = folder.path().display().to_string();
        let output =
            baigong(&["demo", "--once", "--data", &data]).stdout(std::process::Stdio::piped()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "run {run}: {text}");
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).expect("the last line is JSON");
        assert_eq!((&last["taskStatus"], &last["taskId"]), (&"succeeded".into(), &run.into()), "{text}");
        assert!(last["seconds"].is_number());
        let artifact = last["artifacts"][0].as_str().unwrap();
        assert!(artifact.ends_with("/differences.xlsx"), "{artifact}");
        assert!(std::fs::read(artifact).unwrap().starts_with(b"PK"), "the workbook is really there");
        for line in ["matched = 315", "differences = 45", "totalDifference = 1394957.94"] {
            assert!(text.contains(line), "run {run} must show {line}: {text}");
        }
    }
}

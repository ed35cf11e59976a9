//! Reading documents: every kind of step, every refusal with its words, and what is loaded from a folder.

use super::*;
use crate::problem::Problems;

fn parse(source: &str) -> Result<FlowSet, Problems> {
    Flow::parse("main.flow.yaml", source)
}

fn problems(source: &str) -> Vec<String> {
    parse(source).map(|_| ()).unwrap_err().iter().map(ToString::to_string).collect()
}

/// A document of these steps only.
fn with_steps(steps: &str) -> String {
    format!("flow: test\nsteps:\n{steps}")
}

const EVERYTHING: &str = include_str!("../../tests/flows/everything.flow.yaml");

#[test]
fn every_kind_of_step_can_be_read() {
    let set = parse(EVERYTHING).unwrap_or_else(|problems| panic!("{problems}"));
    let mut words: Vec<&str> = Vec::new();
    let mut waiting: Vec<&Step> = set.entry().steps.iter().collect();
    while let Some(step) = waiting.pop() {
        words.push(step.work.keyword());
        waiting.extend(step.work.blocks().into_iter().flatten());
    }
    for form in forms::STEPS {
        assert!(words.contains(&form[0].name), "no step of the example says {}", form[0].name);
    }
    let tolerance = &set.entry().in_parameters[1];
    assert_eq!(tolerance.default.as_ref().map(ToString::to_string).as_deref(), Some("0.010"));
}

#[test]
fn all_problems_are_collected_with_place_step_and_remedy() {
    let found = problems(&with_steps(
        "  - id: one\n    doo: log\n  - id: two\n    do: log\n    wiht: {a: 1}\n  - id: one\n    set: {a: \"${1 +}\"}\n",
    ));
    assert_eq!(
        found[0],
        "main.flow.yaml, line 3, column 5, step \"one\" (steps › one): the step does not say what it does — \"doo:\" — did you mean \"do\"?"
    );
    assert_eq!(
        found[1],
        "main.flow.yaml, line 7, column 5, step \"two\" (steps › two › wiht): the word \"wiht\" has no meaning here — did you mean \"with\"?"
    );
    assert!(
        found[2].starts_with("main.flow.yaml, line 9, column 14, step \"one\" (steps › one › set › a): "),
        "{}",
        found[2]
    );
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn the_form_of_a_step_is_checked() {
    for (steps, expected) in [
        ("  - do: log\n", "\"id:\" is missing — add it. The step's own name"),
        ("  - id: a b\n    break: true\n", "cannot be the id of a step — use up to 64 letters"),
        ("  - id: a\n    break: true\n  - id: a\n    break: true\n", "the id \"a\" is used twice: first in line 3"),
        ("  - id: a\n    do: log\n    set: {x: 1}\n", "the step does several things at once: do, set"),
        ("  - id: a\n    title: T\n", "the step does not say what it does — add one of: do, set"),
        ("  - id: a\n    if: !x\n    then: []\n", "takes for a tag"),
        ("  - id: a\n    if: [1]\n    then: []\n", "a condition is needed here, not a list"),
        ("  - id: a\n    if: x = 1\n    then: []\n", "write == with two signs"),
        ("  - id: a\n    while: true\n    atMost: 0\n    steps: []\n", "a whole number is needed here"),
        ("  - id: a\n    retry: x\n    steps: []\n", "a whole number is needed here"),
        ("  - id: a\n    retry: 2\n    waitSeconds: -1\n    steps: []\n", "a number of seconds is needed here"),
        ("  - id: a\n    try: []\n", "has neither \"catch:\" nor \"finally:\""),
        ("  - id: a\n    forEach: in\n    in: []\n    steps: []\n", "expressions use this word for something else"),
        ("  - id: a\n    break: soon\n", "nothing can stand behind this word"),
        ("  - a\n", "names with values are needed here, not a text"),
        ("  a: 1\n", "a list of steps is needed here, not a mapping"),
        ("  - id: a\n    set: {a: \"${x\"}\n", "has no closing"),
        ("  - id: a\n    set: {a: \"${（x）}\"}\n", "the full-width sign"),
    ] {
        let found = problems(&with_steps(steps));
        assert!(found.iter().any(|problem| problem.contains(expected)), "{steps}\n{found:?}");
    }
}

#[test]
fn declarations_are_checked() {
    for (declaration, expected) in [
        ("{type: txt}", "there is no type \"txt\" — did you mean \"text\"?"),
        ("{type: integer, default: abc}", "the default must be a whole number"),
        ("{type: text, required: yes}", "true or false is needed here, not a text"),
        ("{type: text, required: true, default: a}", "required and has a default"),
        ("{required: true}", "\"type:\" is missing"),
        ("{type: text, default: \"${x}\"}", "an expression has no meaning here"),
    ] {
        let found = problems(&format!("flow: t\nparameters: {{in: {{p: {declaration}}}}}\nsteps: []\n"));
        assert!(found.iter().any(|problem| problem.contains(expected)), "{declaration}\n{found:?}");
    }
}

#[test]
fn empty_and_foreign_documents_are_refused() {
    assert!(problems("")[0].contains("the document is empty"));
    assert!(problems("- 1\n")[0].contains("names with values are needed"));
    assert!(problems("flow: x\n")[0].contains("\"steps:\" is missing"));
}

#[test]
fn steps_nested_too_deep_are_refused() {
    let nested = |levels: usize| {
        let mut steps = "[]".to_owned();
        for level in 0..levels {
            steps = format!("[{{id: s{level}, if: true, then: {steps}}}]");
        }
        format!("flow: t\nsteps: {steps}\n")
    };
    assert!(parse(&nested(31)).is_ok());
    let found = problems(&nested(40));
    assert!(found[0].contains("nested more than 32 levels deep — move the inner steps to a sub-flow"), "{found:?}");
}

#[test]
fn a_flow_is_loaded_with_its_sub_flows_and_stays_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    write("main.flow.yaml", &with_steps("  - id: a\n    run: ./sub/one.flow.yaml\n"));
    write("sub/one.flow.yaml", &with_steps("  - id: a\n    run: sub/one.flow.yaml\n"));
    let set = Flow::load(folder.path(), "main.flow.yaml").unwrap();
    assert_eq!(set.flows().map(|flow| flow.file.as_str()).collect::<Vec<_>>(), ["main.flow.yaml", "sub/one.flow.yaml"]);

    write("main.flow.yaml", &with_steps("  - id: a\n    run: sub/on.flow.yaml\n  - id: b\n    run: ../x.yaml\n"));
    let found = Flow::load(folder.path(), "main.flow.yaml").unwrap_err().to_string();
    assert!(found.contains("step \"a\" (run): there is no flow document \"sub/on.flow.yaml\" in the package — did you mean \"sub/one.flow.yaml\"?"), "{found}");
    assert!(found.contains("\"../x.yaml\" does not lie in the package's folder"), "{found}");
    assert!(Flow::load(folder.path(), "absent.yaml").unwrap_err().to_string().contains("no such flow document"));
    std::fs::write(folder.path().join("gbk.yaml"), b"flow: \xb2\xee\n").unwrap();
    assert!(Flow::load(folder.path(), "gbk.yaml").unwrap_err().to_string().contains("save it as UTF-8"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// A document in which lines are lost, moved or indented otherwise gives problems with a place, never a panic.
    #[test]
    fn a_damaged_document_is_refused_or_read(from in 0_usize..110, to in 0_usize..110, indent in 0_usize..6) {
        let mut lines: Vec<String> = EVERYTHING.lines().map(str::to_owned).collect();
        let moved = lines.remove(from.min(lines.len() - 1));
        lines.insert(to.min(lines.len()), format!("{}{}", " ".repeat(indent), moved.trim_start()));
        match parse(&lines.join("\n")) {
            Ok(set) => {
                let _ = crate::validate(&set, &crate::run::test_actions());
            }
            Err(problems) => {
                let first = problems.iter().next().map(ToString::to_string).unwrap_or_default();
                proptest::prop_assert!(first.starts_with("main.flow.yaml"), "{}", first);
            }
        }
    }
}

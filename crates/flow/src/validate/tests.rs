//! What is found without running: one line per mistake, and lines that only look like mistakes.

use super::*;
use crate::{Flow, run::test_actions};

const EVERYTHING: &str = include_str!("../../tests/flows/everything.flow.yaml");

fn checked(source: &str) -> Vec<String> {
    let set = Flow::parse("main.flow.yaml", source).unwrap_or_else(|problems| panic!("{problems}"));
    validate(&set, &test_actions()).iter().map(ToString::to_string).collect()
}

/// A flow with an in-parameter `input`, an out-parameter `out` and variables `x` and `rows`.
fn steps(steps: &str) -> Vec<String> {
    checked(&format!(
        "flow: t\nparameters: {{in: {{input: {{type: text}}}}, out: {{out: {{type: text}}}}}}\nvariables: {{x: 0, rows: []}}\nsteps:\n{steps}"
    ))
}

#[test]
fn the_example_is_well_but_for_its_sub_flow() {
    let found = checked(EVERYTHING);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("there is no flow document \"other.flow.yaml\""), "{found:?}");
}

#[test]
fn a_problem_is_told_with_place_step_path_and_remedy() {
    assert_eq!(
        steps("  - id: a\n    do: test.reed\n    with:\n      file: ${inputt}\n"),
        [
            "main.flow.yaml, line 6, column 9, step \"a\" (steps › a › do): there is no action \"test.reed\" — did you mean \"test.read\"?",
            "main.flow.yaml, line 8, column 13, step \"a\" (steps › a › with › file): in \"inputt\": there is no variable \"inputt\" — did you mean \"input\"?",
        ]
    );
}

/// Every line: the steps, and a part of the one problem they have.
const WRONG: &[(&str, &str)] = &[
    ("  - id: a\n    do: test.note\n", "\"test.note\" needs the parameter \"text\" — add it to \"with:\""),
    (
        "  - id: a\n    do: test.note\n    with: {text: a, txt: b}\n",
        "has no parameter \"txt\" — did you mean \"text\"?",
    ),
    ("  - id: a\n    do: test.note\n    with: {text: [1]}\n", "\"text\" must be a text, but is a list"),
    (
        "  - id: a\n    do: test.numbers\n    with: {count: many}\n",
        "\"count\" must be a whole number, but is the text \"many\"",
    ),
    (
        "  - id: a\n    do: test.numbers\n    with: {count: \"${x} pieces\"}\n",
        "\"count\" must be a whole number, but is a text",
    ),
    (
        "  - id: a\n    do: test.numbers\n    with: {mode: fats}\n",
        "\"mode\" must be one of \"fast\", \"slow\", but is the text \"fats\"",
    ),
    ("  - id: a\n    do: test.numbers\n    with: {names: [a, [b]]}\n", "\"names\" must be a text, but is a list"),
    ("  - id: a\n    do: test.numbers\n    with: {places: -1}\n", "\"places\" must be at least 0, but is -1"),
    ("  - id: a\n    do: test.numbers\n    with: {places: 300}\n", "\"places\" must be at most 255, but is 300"),
    ("  - id: a\n    set: {y: 1}\n", "there is no variable \"y\" to change — did you mean \"x\"?, or declare it under"),
    ("  - id: a\n    set: {input: b}\n", "\"input\" is an in-parameter, which a flow cannot change"),
    ("  - id: a\n    set: {x: \"${rows.sise()}\"}\n", "there is no function \"sise\" — did you mean \"size\"?"),
    ("  - id: a\n    set: {x: \"${double(1)}\"}\n", "write decimal(…): numbers are exact here"),
    ("  - id: a\n    when: xx > 0\n    set: {x: 1}\n", "there is no variable \"xx\" — did you mean \"x\"?"),
    (
        "  - id: a\n    forEach: rows\n    in: ${rows}\n    steps: []\n",
        "the name \"rows\" is taken by a variable of the flow",
    ),
    ("  - id: a\n    forEach: r\n    in: rows\n    steps: []\n", "a list is needed here, not a text — write \"in: ${"),
    (
        "  - id: a\n    forEach: r\n    in: ${rows}\n    steps:\n      - id: b\n        set: {r: 1}\n",
        "\"r\" belongs to the loop or catch around it",
    ),
    (
        "  - id: a\n    forEach: r\n    in: ${rows}\n    steps: []\n  - id: b\n    set: {x: \"${r}\"}\n",
        "there is no variable \"r\"",
    ),
    (
        "  - id: a\n    set: {x: \"${late}\"}\n  - id: b\n    do: test.flaky\n    save: late\n",
        "\"late\" has no value yet: the step \"b\" that saves it comes later — move this step behind that one",
    ),
    ("  - id: a\n    do: test.flaky\n    save: input\n", "\"input\" is an in-parameter, which a flow cannot change"),
    ("  - id: a\n    break: true\n", "\"break\" stands in no loop"),
    (
        "  - id: a\n    while: x > 0\n    steps:\n      - id: p\n        parallel:\n          one:\n            - id: b\n              continue:\n",
        "\"continue\" stands in no loop",
    ),
    (
        "  - id: p\n    parallel:\n      one:\n        - id: b\n          return:\n",
        "\"return\" cannot stand in a branch of parallel",
    ),
    (
        "  - id: p\n    parallel:\n      one:\n        - id: b\n          set: {x: 1}\n      two:\n        - id: c\n          set: {x: 2}\n",
        "the branches \"one\" and \"two\" both change \"x\"",
    ),
    (
        "  - id: t\n    try: []\n    finally:\n      - id: r\n        return:\n",
        "\"return\" cannot stand in \"finally\"",
    ),
    (
        "  - id: a\n    fail: x\n  - id: b\n    set: {x: 1}\n",
        "the step can never be reached: \"a\" before it always leaves",
    ),
    ("  - id: a\n    return: {oud: 1}\n", "there is no out-parameter \"oud\" — did you mean \"out\"?"),
    (
        "  - id: a\n    retry: 2\n    steps:\n      - id: b\n        do: test.pay\n",
        "\"test.pay\" cannot be undone, and the retry around it would do it again",
    ),
    ("  - id: a\n    run: absent.flow.yaml\n", "there is no flow document \"absent.flow.yaml\""),
    (
        "  - id: a\n    run: main.flow.yaml\n    with: {inptu: a}\n",
        "main.flow.yaml has no in-parameter \"inptu\" — did you mean \"input\"?",
    ),
    ("  - id: a\n    assert: y == 1\n", "there is no variable \"y\""),
    ("  - id: a\n    fail: ${y}\n", "there is no variable \"y\""),
    (
        "  - id: a\n    try: []\n    catch:\n      steps:\n        - id: b\n          set: {x: \"${eror.code}\"}\n",
        "did you mean \"error\"?",
    ),
    ("  - id: a\n    retry: 1\n    waitSeconds: ${y}\n    steps: []\n", "there is no variable \"y\""),
    ("  - id: a\n    if: rows.exists(r, r.a == q)\n    then: []\n", "there is no variable \"q\""),
    ("  - id: a\n    set: {x: \"${run.taskID}\"}\n", "\"run\" has no field \"taskID\" — did you mean \"taskId\"?"),
    ("  - id: a\n    set: {x: \"${rows.map(r, run.name)}\"}\n", "\"run\" has no field \"name\""),
    ("  - id: a\n    set: {run: 1}\n", "\"run\" says which run this is, and cannot be changed"),
    ("  - id: a\n    do: test.flaky\n    save: run\n", "every flow has run.taskId and run.id — give one of them"),
    (
        "  - id: a\n    forEach: run\n    in: ${rows}\n    steps: []\n",
        "the name \"run\" is taken by a variable of the flow",
    ),
];

#[test]
fn what_is_wrong_is_found_without_running() {
    for (source, expected) in WRONG {
        let found = steps(source);
        assert!(found.len() == 1 && found[0].contains(expected), "{source}\nexpected: {expected}\nfound: {found:#?}");
    }
}

/// Every line: steps that are well, though they look like some of those above.
const WELL: &[&str] = &[
    "  - id: a\n    when: x > 0\n    fail: x\n  - id: b\n    set: {x: 1}\n",
    "  - id: a\n    while: x < 3\n    steps:\n      - id: b\n        when: last != null\n        set: {x: \"${last}\"}\n      - id: c\n        do: test.flaky\n        save: last\n",
    "  - id: a\n    retry: 2\n    repeatIrreversible: true\n    steps:\n      - id: b\n        do: test.pay\n",
    "  - id: p\n    parallel:\n      one:\n        - id: b\n          do: test.flaky\n          save: first\n      two:\n        - id: c\n          forEach: r\n          in: ${rows}\n          steps:\n            - id: d\n              break:\n  - id: e\n    set: {x: \"${first}\"}\n",
    "  - id: a\n    do: test.numbers\n    with: {count: \"${x}\", share: 1, any: {deep: [1]}, mode: ~, names: [600000]}\n",
    "  - id: a\n    do: test.read\n    with: {anything: goes}\n",
    "  - id: a\n    set: {x: \"${run.id + text(run.taskId) + rows.map(run, run.any)[0]}\"}\n",
    "  - id: a\n    set: {x: \"${type(x) == int ? lists.range(3).map(n, n * 2).sum() : 0}\"}\n",
];

#[test]
fn what_is_well_is_left_in_peace() {
    for source in WELL {
        assert_eq!(steps(source), [""; 0], "{source}");
    }
}

#[test]
fn names_declared_twice_are_found() {
    let found =
        checked("flow: t\nparameters: {in: {a: {type: text}}, out: {a: {type: text}}}\nvariables: {a: 1}\nsteps: []\n");
    assert!(
        found.iter().any(|problem| problem.contains("\"a\" is declared as an in-parameter and as an out-parameter")),
        "{found:?}"
    );
    assert!(
        found.iter().any(|problem| problem.contains("\"a\" is declared as an in-parameter and as a variable")),
        "{found:?}"
    );
}

#[test]
fn nothing_can_be_called_like_the_variable_of_every_flow() {
    for declared in
        ["parameters: {in: {run: {type: text}}}", "parameters: {out: {run: {type: text}}}", "variables: {run: 1}"]
    {
        let found = checked(&format!("flow: t\n{declared}\nsteps: []\n"));
        let [problem] = found.as_slice() else { panic!("{declared}: {found:?}") };
        assert!(problem.contains("the name \"run\" is taken: every flow has run.taskId and run.id"), "{problem}");
    }
}

#[test]
fn a_sub_flow_is_checked_with_the_flow_that_runs_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "main.flow.yaml",
        "flow: m\nsteps:\n  - id: a\n    run: sub.flow.yaml\n  - id: b\n    run: sub.flow.yaml\n    with: {n: many}\n",
    );
    write(
        "sub.flow.yaml",
        "flow: s\nparameters: {in: {n: {type: integer, required: true, description: How many.}}}\nsteps:\n  - id: a\n    do: test.nope\n",
    );
    let set = Flow::load(folder.path(), "main.flow.yaml").unwrap();
    let found: Vec<String> = validate(&set, &test_actions()).iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found[0].contains("sub.flow.yaml needs the in-parameter \"n\" — add it to \"with:\". How many."),
        "{found:?}"
    );
    assert!(found[1].contains("\"n\" must be a whole number such as 12, but is \"many\""), "{found:?}");
    assert!(found[2].starts_with("sub.flow.yaml, line 5, column 9"), "{found:?}");
}

//! Packages of kind flow: the flow decides the parameters, and its faults come with the package's words.

use baigong_flow::{ActionEffect, ActionTable};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Limits, PackageError, PackageInfo, PackageKind, ParameterType, Problem, check,
    testing::{Desk, Made, zip_of},
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Note {
    #[serde(rename = "text")]
    _text: String,
}

fn actions() -> ActionTable {
    let note = async |_, _: Note| Ok::<_, baigong_flow::ActionError>(());
    ActionTable::new().action("note", ActionEffect::None, "Note {text}", "记下 {text}", note)
}

const MANIFEST: &str = "kind: flow\nname: 对账\n";
const FLOW: &str = "flow: test\nparameters:\n  in:\n    tolerance: {type: decimal, default: 0.010, description: How much}\n    \
                    file: {type: file, required: true}\n  out:\n    matched: {type: integer}\nsteps:\n  - id: begin\n    \
                    set: {matched: 1}\n  - id: sub\n    run: parts/other.flow.yaml\n    with: {who: \"${file}\"}\n";
const OTHER: &str = "flow: other\nparameters:\n  in:\n    who: {type: text}\nsteps:\n  - id: tell\n    do: note\n    with: {text: \"${who}\"}\n";

fn checked(files: &[(&str, &str)]) -> Result<PackageInfo, Vec<Problem>> {
    let desk = Desk::new();
    let made: Vec<_> = files.iter().map(|(name, content)| Made::file(name, content)).collect();
    let zip = desk.write("package.zip", zip_of(&made));
    for (name, content) in files {
        desk.write(&format!("folder/{name}"), content);
    }
    let limits = Limits::default();
    let of = |result: Result<PackageInfo, PackageError>| match result {
        Ok(info) => Ok(info),
        Err(PackageError::Refused(problems)) => Err(problems),
        Err(error) => panic!("the machine was blamed: {error}"),
    };
    let (zip, folder) = (of(check(&zip, &actions(), &limits)), of(check(&desk.path("folder"), &actions(), &limits)));
    match (&zip, &folder) {
        (Ok(zip), Ok(folder)) => assert_eq!(zip.in_parameters, folder.in_parameters),
        (zip, folder) => assert_eq!(zip.as_ref().err(), folder.as_ref().err(), "zip and folder must be judged alike"),
    }
    zip
}

fn problems(files: &[(&str, &str)]) -> String {
    checked(files).unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_flow_declares_the_parameters() {
    let info =
        checked(&[("baigong.yaml", MANIFEST), ("main.flow.yaml", FLOW), ("parts/other.flow.yaml", OTHER)]).unwrap();
    assert_eq!(info.kind, PackageKind::Flow { flow: "main.flow.yaml".into() });
    let [tolerance, file] = info.in_parameters.as_slice() else { panic!("{:?}", info.in_parameters) };
    assert_eq!(
        (tolerance.kind, tolerance.default.as_deref(), tolerance.required),
        (ParameterType::Decimal, Some("0.010"), false)
    );
    assert_eq!(tolerance.description, "How much");
    assert_eq!((file.kind, file.default.as_deref(), file.required), (ParameterType::File, None, true));
    assert_eq!(
        (info.out_parameters[0].name.as_str(), info.out_parameters[0].kind),
        ("matched", ParameterType::Integer)
    );
}

#[test]
fn a_misspelt_action_or_variable_is_refused_with_its_place() {
    let main = ("main.flow.yaml", FLOW);
    let action = OTHER.replace("do: note", "do: noet");
    let text = problems(&[("baigong.yaml", MANIFEST), main, ("parts/other.flow.yaml", &action)]);
    assert!(text.starts_with("parts/other.flow.yaml:7:") && text.contains("step \"tell\""), "{text}");
    assert!(text.contains("noet") && text.contains("\"note\""), "{text}");
    let variable = OTHER.replace("${who}", "${whom}");
    let text = problems(&[("baigong.yaml", MANIFEST), main, ("parts/other.flow.yaml", &variable)]);
    assert!(text.contains("whom") && text.contains("who"), "{text}");
    let parameter = OTHER.replace("with: {text:", "with: {txet:");
    let text = problems(&[("baigong.yaml", MANIFEST), main, ("parts/other.flow.yaml", &parameter)]);
    assert!(text.contains("txet"), "{text}");
}

#[test]
fn missing_flows_are_named() {
    let text = problems(&[("baigong.yaml", MANIFEST), ("main.flow.yaml", FLOW)]);
    assert!(text.contains("parts/other.flow.yaml"), "{text}");
    let text = problems(&[("baigong.yaml", "kind: flow\nflow: mian.flow.yaml\n"), ("main.flow.yaml", FLOW)]);
    assert!(text.contains("no file mian.flow.yaml"), "{text}");
}

#[test]
fn manifest_and_flow_are_told_about_at_once() {
    let manifest = "kind: flow\ncommand: [x]\nparameters: {in: [{name: tolarance}]}\n";
    let flow = ("main.flow.yaml", FLOW);
    let text = problems(&[("baigong.yaml", manifest), flow, ("parts/other.flow.yaml", OTHER)]);
    assert!(text.contains("command is for packages of kind command"), "{text}");
    assert!(text.contains("the flow has no parameter \"tolarance\""), "{text}");
}

#[test]
fn a_flow_that_would_not_be_packed_is_not_found() {
    let desk = Desk::new();
    desk.write("p/baigong.yaml", MANIFEST);
    desk.write("p/main.flow.yaml", FLOW);
    desk.write("p/parts/other.flow.yaml", OTHER);
    assert!(check(&desk.path("p"), &actions(), &Limits::default()).is_ok());
    desk.write("p/.baigongignore", "parts/\n");
    let error = check(&desk.path("p"), &actions(), &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("parts/other.flow.yaml"), "{error}");
}

#[test]
fn the_remedy_of_a_flow_stands_as_a_sentence() {
    let wrong = OTHER.replace("do: note", "do: noet");
    let told = problems(&[("baigong.yaml", MANIFEST), ("main.flow.yaml", FLOW), ("parts/other.flow.yaml", &wrong)]);
    assert!(told.contains("there is no action \"noet\". Did you mean \"note\"?"), "{told}");
}

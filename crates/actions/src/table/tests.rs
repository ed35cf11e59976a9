//! What every entry of the table must fulfil.

use serde_json::Value;

/// The properties of a parameter schema, with those of `$ref` left as they are.
fn properties(schema: &Value) -> Vec<(&String, &Value)> {
    schema["properties"].as_object().map(|properties| properties.iter().collect()).unwrap_or_default()
}

#[test]
fn every_parameter_has_a_text_for_its_form() {
    for action in super::table().iter() {
        let schema = action.parameters.as_value();
        for (name, property) in properties(schema) {
            assert!(property["description"].is_string(), "{}: {name} has no doc comment", action.name);
        }
        assert_eq!(schema["additionalProperties"], false, "{}: a misspelt parameter must be an error", action.name);
    }
}

#[test]
fn every_place_in_a_sentence_is_a_parameter() {
    for action in super::table().iter() {
        let schema = action.parameters.as_value();
        let known: Vec<&String> = properties(schema).into_iter().map(|(name, _)| name).collect();
        for sentence in [action.summary, action.summary_zh] {
            for part in sentence.split('{').skip(1) {
                let place = part.split('}').next().unwrap().to_owned();
                assert!(known.contains(&&place), "{}: {{{place}}} is not one of {known:?}", action.name);
            }
        }
        assert!(action.summary.is_ascii() && !action.summary_zh.is_ascii(), "{}: English, then Chinese", action.name);
    }
}

#[test]
fn the_table_holds_the_actions_of_the_documentation() {
    let names: Vec<&str> = super::table().iter().map(|action| action.name).collect();
    for name in [
        "log",
        "delay",
        "file.read",
        "csv.read",
        "excel.readRange",
        "excel.writeRange",
        "table.diff",
        "json.parse",
        "text.number",
        "regex.extract",
        "queue.push",
        "asset.get",
    ] {
        assert!(names.contains(&name), "there is no action {name}");
    }
}

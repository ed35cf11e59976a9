//! The JSON schema of a flow document, written from the table of [`forms`](super::forms), for editors. It is checked
//! in as `schema/flow.schema.json`; a test compares.

use schemars::{Schema, json_schema};
use serde_json::{Map, Value as Json, json};

use super::{
    ParameterType,
    forms::{ANY_STEP, CATCH, DOCUMENT, ELSE_IF, Field, PARAMETER, PARAMETERS, STEPS, Shape},
};

/// The JSON schema of a flow document.
#[must_use]
pub fn flow_schema() -> Schema {
    let steps: Vec<Json> = STEPS.iter().map(|form| mapping(&[form, ANY_STEP])).collect();
    let mut schema = json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Baigong flow",
        "description": "A flow document: text first, steps with ids of their own, no coordinates. \
            A text may hold ${…} with a CEL expression over the variables.",
    });
    let document = mapping(&[DOCUMENT]);
    for (name, value) in document.as_object().into_iter().flatten() {
        schema.insert(name.clone(), value.clone());
    }
    schema.insert(
        "$defs".to_owned(),
        json!({
            "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}},
            "step": {"oneOf": steps},
            "parameters": mapping(&[PARAMETERS]),
            "parameter": mapping(&[PARAMETER]),
            "elseIf": mapping(&[ELSE_IF]),
            "catch": mapping(&[CATCH]),
        }),
    );
    schema
}

/// A mapping with these fields and no others.
fn mapping(forms: &[&[Field]]) -> Json {
    let fields = || forms.iter().copied().flatten();
    let properties: Map<String, Json> = fields().map(|field| (field.name.to_owned(), described(field))).collect();
    let required: Vec<&str> = fields().filter(|field| field.required).map(|field| field.name).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn described(field: &Field) -> Json {
    let mut schema = shape(field.shape);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), json!(field.help));
    }
    schema
}

fn shape(shape: Shape) -> Json {
    let name = json!("^[\\p{L}_][\\p{L}\\p{N}_]{0,63}$");
    match shape {
        Shape::Text | Shape::Template => json!({"type": ["string", "number", "boolean"]}),
        Shape::Value | Shape::Literal => json!({}),
        Shape::Condition => json!({"type": ["string", "boolean"]}),
        Shape::Id => json!({"type": ["string", "number"], "pattern": "^[\\p{L}\\p{N}_-]{1,64}$"}),
        Shape::Variable => json!({"type": "string", "pattern": name}),
        Shape::Action => json!({"type": "string", "examples": ["excel.readRange"]}),
        Shape::File => json!({"type": "string", "examples": ["sub/other.flow.yaml"]}),
        Shape::Steps => json!({"$ref": "#/$defs/steps"}),
        Shape::Values => json!({"type": "object"}),
        Shape::OptionalValues => json!({"type": ["object", "null"]}),
        Shape::Count => json!({"type": "integer", "minimum": 1}),
        Shape::Seconds => json!({"type": ["number", "string"]}),
        Shape::Truth => json!({"type": "boolean"}),
        Shape::Codes => json!({"type": ["string", "array"], "items": {"type": "string"}}),
        Shape::Branches => json!({"type": "object", "additionalProperties": {"$ref": "#/$defs/steps"}}),
        Shape::ParameterType => json!({"enum": ParameterType::ALL.map(ParameterType::as_str)}),
        Shape::Declarations => json!({
            "type": "object",
            "propertyNames": {"pattern": name},
            "additionalProperties": {"$ref": "#/$defs/parameter"},
        }),
        Shape::Nothing => json!({"enum": [null, true]}),
        Shape::Parameters => json!({"$ref": "#/$defs/parameters"}),
        Shape::ElseIfs => one_or_many("#/$defs/elseIf"),
        Shape::Catches => one_or_many("#/$defs/catch"),
    }
}

fn one_or_many(reference: &str) -> Json {
    json!({"oneOf": [{"$ref": reference}, {"type": "array", "items": {"$ref": reference}}]})
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schema is checked in, so that editors find it and a review sees its changes. To write it anew:
    /// `BAIGONG_WRITE_SCHEMA=1 cargo test -p baigong-flow schema`.
    #[test]
    fn the_checked_in_schema_is_the_present_one() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/flow.schema.json");
        let present = serde_json::to_string_pretty(&flow_schema()).unwrap() + "\n";
        if std::env::var_os("BAIGONG_WRITE_SCHEMA").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &present).unwrap();
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(
            serde_json::from_str::<Json>(&stored).unwrap_or_default(),
            serde_json::to_value(flow_schema()).unwrap(),
            "write it anew: BAIGONG_WRITE_SCHEMA=1 cargo test -p baigong-flow schema"
        );
    }

    #[test]
    fn every_kind_of_step_is_told_by_a_word_of_its_own() {
        let mut words: Vec<&str> = STEPS.iter().map(|form| form[0].name).collect();
        let others = STEPS.iter().flat_map(|form| &form[1..]).chain(ANY_STEP).map(|field| field.name);
        assert!(others.clone().all(|other| !words.contains(&other)));
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), STEPS.len());
    }
}

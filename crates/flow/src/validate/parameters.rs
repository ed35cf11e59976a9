//! The parameters of an action: what its schema says about a value, in words, and the JSON that the action is given.
//! Knows the part of JSON Schema that schemars writes; what it does not know, it lets pass.

use std::borrow::Cow;

use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value as Json};

use crate::{action::Action, decimal::shorten, expression::Template, value::Value};

/// References are followed this often at most.
const MOST_REFERENCES: usize = 16;

/// The parameters of an action by name.
pub(crate) struct Parameters<'a> {
    root: Cow<'a, Map<String, Json>>,
    /// Whether names that are not listed are allowed.
    pub(crate) open: bool,
}

impl<'a> Parameters<'a> {
    pub(crate) fn of(action: &'a Action) -> Self {
        let root = action.parameters.as_object().map_or_else(|| Cow::Owned(Map::new()), Cow::Borrowed);
        let listed = root.contains_key("properties");
        let more = root.get("additionalProperties").is_some_and(|more| more != &Json::Bool(false));
        let composed = ["oneOf", "anyOf", "allOf", "$ref"].iter().any(|word| root.contains_key(*word));
        let is_empty = root.get("type").is_some_and(|kind| kind == "null");
        Self { open: more || composed || (!listed && !is_empty && root.get("type").is_none()), root }
    }

    fn properties(&self) -> Option<&Map<String, Json>> {
        self.root.get("properties").and_then(Json::as_object)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.properties()?.get(name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.properties().into_iter().flatten().map(|(name, _)| name.as_str())
    }

    pub(crate) fn required(&self) -> impl Iterator<Item = &str> {
        self.root.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
    }

    /// What the parameter is for.
    pub(crate) fn help(&self, name: &str) -> &str {
        self.get(name).and_then(|schema| schema.get("description")).and_then(Json::as_str).unwrap_or_default()
    }

    /// The schema behind a reference.
    fn resolved<'s>(&'s self, mut schema: &'s Json) -> &'s Json {
        for _ in 0..MOST_REFERENCES {
            let Some(reference) = schema.get("$ref").and_then(Json::as_str) else { return schema };
            let name = reference.rsplit('/').next().unwrap_or_default();
            let found = ["$defs", "definitions"].iter().find_map(|defs| self.root.get(*defs)?.get(name));
            match found {
                Some(target) => schema = target,
                None => return schema,
            }
        }
        schema
    }

    /// The JSON the action is given for `value`: decimals are strings unless only a number will do, and a single text,
    /// number or truth becomes a text where only a text will do.
    pub(crate) fn json(&self, schema: Option<&Json>, value: &Value) -> Json {
        let Some(schema) = schema else { return value.to_json() };
        let schema = self.resolved(schema);
        let takes = |kind: &str| self.takes(schema, kind);
        let only = |kind: &str| self.says_kinds(schema) && takes(kind);
        match value {
            Value::Decimal(decimal) if only("number") && !takes("string") => {
                decimal.to_f64().and_then(serde_json::Number::from_f64).map_or_else(|| value.to_json(), Json::Number)
            }
            Value::Decimal(decimal) if only("integer") && !takes("string") && decimal.fract().is_zero() => {
                decimal.to_i64().map_or_else(|| value.to_json(), Json::from)
            }
            Value::Integer(_) if only("string") && !takes("integer") && !takes("number") => {
                Json::String(value.to_string())
            }
            Value::Number(_) if only("string") && !takes("number") => Json::String(value.to_string()),
            Value::Boolean(_) if only("string") && !takes("boolean") => Json::String(value.to_string()),
            Value::List(list) => {
                let items = schema.get("items");
                Json::Array(list.items().iter().map(|item| self.json(items, item)).collect())
            }
            Value::Object(object) => {
                let properties = schema.get("properties");
                let more = schema.get("additionalProperties").filter(|more| more.is_object());
                let field = |name: &str| properties.and_then(|properties| properties.get(name)).or(more);
                let fields = object.fields().iter();
                Json::Object(fields.map(|(name, value)| (name.clone(), self.json(field(name), value))).collect())
            }
            _ => value.to_json(),
        }
    }

    fn says_kinds(&self, schema: &Json) -> bool {
        ["type", "anyOf", "oneOf", "enum", "const"].iter().any(|word| schema.get(word).is_some())
    }

    /// Whether the schema allows values of the JSON type `kind`.
    fn takes(&self, schema: &Json, kind: &str) -> bool {
        let schema = self.resolved(schema);
        match schema.get("type") {
            Some(Json::String(only)) => return only == kind || (only == "number" && kind == "integer"),
            Some(Json::Array(several)) => {
                return several.iter().any(|one| one == kind || (one == "number" && kind == "integer"));
            }
            _ => {}
        }
        for word in ["anyOf", "oneOf"] {
            if let Some(choices) = schema.get(word).and_then(Json::as_array) {
                return choices.iter().any(|choice| self.takes(choice, kind));
            }
        }
        if let Some(values) = schema.get("enum").and_then(Json::as_array) {
            return values.iter().any(|value| json_kind(value) == kind);
        }
        schema.get("const").is_none_or(|value| json_kind(value) == kind)
    }
}

fn json_kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

fn word(kind: &str) -> &str {
    match kind {
        "null" => "nothing",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "a text",
        "array" => "a list",
        "object" => "an object",
        other => other,
    }
}

/// What is wrong with what a document says for a parameter; what only a run can know is not judged.
pub(crate) fn mismatches(parameters: &Parameters<'_>, schema: &Json, template: &Template) -> Vec<String> {
    let schema = parameters.resolved(schema);
    match template {
        Template::Literal(value) => {
            parameters.wrong(schema, &parameters.json(Some(schema), value), "").into_iter().collect()
        }
        Template::Expression(_) => Vec::new(),
        Template::Text(_) => parameters.wrong_kind(schema, "string", "a text").into_iter().collect(),
        Template::List(items) => match parameters.wrong_kind(schema, "array", "a list") {
            Some(wrong) => vec![wrong],
            None => match schema.get("items") {
                Some(each) => items.iter().flat_map(|item| mismatches(parameters, each, item)).collect(),
                None => Vec::new(),
            },
        },
        Template::Object(fields) => match parameters.wrong_kind(schema, "object", "an object") {
            Some(wrong) => vec![wrong],
            None => {
                let each =
                    fields.iter().filter_map(|(name, field)| Some((schema.get("properties")?.get(name)?, field)));
                let mut found: Vec<String> =
                    each.flat_map(|(schema, field)| mismatches(parameters, schema, field)).collect();
                let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
                found.extend(wrong_names(schema, &names));
                found
            }
        },
    }
}

/// Missing and unknown fields of an object.
fn wrong_names(schema: &Json, names: &[&str]) -> Vec<String> {
    let properties = schema.get("properties").and_then(Json::as_object);
    let required = schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
    let mut found: Vec<String> = required
        .filter(|wanted| !names.contains(wanted))
        .map(|wanted| format!("needs the field \"{wanted}\""))
        .collect();
    if let Some(properties) = properties
        && schema.get("additionalProperties").is_none_or(|more| more == &Json::Bool(false))
    {
        for name in names.iter().filter(|name| !properties.contains_key(**name)) {
            let near = crate::suggestion::did_you_mean(name, properties.keys().map(String::as_str), "fields");
            found.push(format!("has no field \"{name}\"; {near}"));
        }
    }
    found
}

impl Parameters<'_> {
    /// What is wrong with `value`; `None` when nothing is.
    pub(crate) fn wrong(&self, schema: &Json, value: &Json, at: &str) -> Option<String> {
        let schema = self.resolved(schema);
        let place = if at.is_empty() { String::new() } else { format!("({at}) ") };
        if let Some(wrong) = self.wrong_kind(schema, json_kind(value), &shown(value)) {
            return Some(format!("{place}{wrong}"));
        }
        if let Some(wrong) = wrong_choice(self, schema, value) {
            return Some(format!("{place}{wrong}"));
        }
        if let Some(wrong) = wrong_bound(schema, value) {
            return Some(format!("{place}{wrong}"));
        }
        match value {
            Json::Array(items) => {
                let each = schema.get("items")?;
                items.iter().enumerate().find_map(|(place, item)| self.wrong(each, item, &format!("{at}[{place}]")))
            }
            Json::Object(fields) if schema.get("properties").is_some() => {
                let names: Vec<&str> = fields.keys().map(String::as_str).collect();
                if let Some(wrong) = wrong_names(schema, &names).into_iter().next() {
                    return Some(format!("{place}{wrong}"));
                }
                let properties = schema.get("properties")?;
                fields
                    .iter()
                    .find_map(|(name, value)| self.wrong(properties.get(name)?, value, &format!("{at}.{name}")))
            }
            _ => None,
        }
    }

    fn wrong_kind(&self, schema: &Json, kind: &str, shown: &str) -> Option<String> {
        let schema = self.resolved(schema);
        if !self.says_kinds(schema) || self.takes(schema, kind) {
            return None;
        }
        let kinds = ["string", "integer", "number", "boolean", "array", "object"];
        let mut wanted: Vec<&str> = kinds.into_iter().filter(|kind| self.takes(schema, kind)).map(word).collect();
        if wanted.contains(&"a number") {
            wanted.retain(|word| *word != "a whole number");
        }
        Some(format!("must be {}, but is {shown}", wanted.join(" or ")))
    }
}

/// Numbers below or above what is allowed.
fn wrong_bound(schema: &Json, value: &Json) -> Option<String> {
    let number = value.as_f64()?;
    let bound = |word: &str| schema.get(word).and_then(|bound| Some((bound.as_f64()?, bound)));
    let below = bound("minimum").filter(|(least, _)| number < *least);
    let above = bound("maximum").filter(|(most, _)| number > *most);
    match (below, above) {
        (Some((_, least)), _) => Some(format!("must be at least {least}, but is {value}")),
        (_, Some((_, most))) => Some(format!("must be at most {most}, but is {value}")),
        _ => None,
    }
}

/// Values outside a fixed choice.
fn wrong_choice(parameters: &Parameters<'_>, schema: &Json, value: &Json) -> Option<String> {
    let mut allowed: Vec<&Json> = Vec::new();
    let choices = ["oneOf", "anyOf"].iter().find_map(|word| schema.get(*word)).and_then(Json::as_array);
    let single = [schema];
    let schemas: Vec<&Json> = match choices {
        Some(choices) => choices.iter().map(|choice| parameters.resolved(choice)).collect(),
        None => single.to_vec(),
    };
    for schema in schemas {
        match (schema.get("enum").and_then(Json::as_array), schema.get("const")) {
            (Some(values), _) => allowed.extend(values),
            (None, Some(value)) => allowed.push(value),
            // A choice that is not a list of values: anything of its kind goes.
            (None, None) if schema.get("type").is_some_and(|kind| kind == "null") => allowed.push(&Json::Null),
            (None, None) => return None,
        }
    }
    if allowed.contains(&value) {
        return None;
    }
    let words: Vec<String> = allowed.iter().filter(|value| !value.is_null()).map(ToString::to_string).collect();
    Some(format!("must be one of {}, but is {}", words.join(", "), shown(value)))
}

fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => format!("the text \"{}\"", shorten(text, 40)),
        Json::Number(_) => format!("the number {value}"),
        Json::Bool(_) => value.to_string(),
        other => word(json_kind(other)).to_owned(),
    }
}

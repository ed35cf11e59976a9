//! `docs/actions.md` is written from the table, so that the two cannot drift apart.

use std::{fmt::Write as _, fs, path::Path};

use baigong_flow::{Action, ActionEffect};
use serde_json::{Map, Value};

const HEAD: &str = "# Actions · 动作

What a step of a flow can do: `do: NAME` with its parameters under `with:` ([flow documents](../crates/flow/README.md)). A `?` marks a parameter
that may be left out. A *table* is what `csv.read`, `excel.readRange` or a table action gives, or a list of rows.
流程步骤可用的动作：`do: 名称`，参数写在 `with:` 下；带 `?` 的参数可以省略。*table* 是读表动作或表格动作的结果，或由行组成的列表。

| effect 影响 | meaning 含义 |
|---|---|
| none | computes only 仅计算 |
| reads | reads files or systems 读取文件或系统 |
| writes | changes files or systems in a way that can be repeated or undone 改动文件或系统，可重复或撤销 |
| irreversible | changes the outside world for good; a `retry` repeats it only when told to 对外部的改动不可撤销，`retry` 默认不重复 |

<!-- Written from the table of actions: UPDATE=1 cargo test -p baigong-actions --test it document -->
";

#[test]
fn the_document_of_all_actions_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/actions.md");
    let document = baigong_actions::table().iter().fold(HEAD.to_owned(), |text, action| text + &section(action));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &document).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == document,
        "docs/actions.md is not what the table of actions gives. Write it anew and review the difference like code:\n    \
         UPDATE=1 cargo test -p baigong-actions --test it document"
    );
}

fn section(action: &Action) -> String {
    let Action { name, summary, summary_zh, .. } = action;
    let effect = match action.effect {
        ActionEffect::None => "none",
        ActionEffect::Reads => "reads",
        ActionEffect::Writes => "writes",
        ActionEffect::Irreversible => "irreversible",
    };
    let result = Schema { root: action.result.as_value(), at: action.result.as_value() };
    let mut text = format!("\n## {name}\n{summary}. {summary_zh}。\n\nEffect: {effect}. Result: {}.\n", result.kind());
    fields(&mut text, Schema { root: action.parameters.as_value(), at: action.parameters.as_value() }, "parameter");
    if result.kind() != "table" {
        fields(&mut text, result, "result field");
    }
    text
}

/// A table of the fields of an object, and below it those of the objects in them.
fn fields(text: &mut String, object: Schema<'_>, heading: &str) {
    let Some(properties) = object.fields() else { return };
    write!(text, "\n| {heading} | type | meaning |\n|---|---|---|\n").unwrap();
    let required = object.at["required"].as_array().cloned().unwrap_or_default();
    let inner = |schema| object.of(schema);
    for (name, schema) in properties {
        let optional = if required.iter().any(|wanted| wanted == name) { "" } else { "?" };
        let default = match &schema["default"] {
            Value::Bool(true) => " Left out: true.".to_owned(),
            Value::Number(number) => format!(" Left out: {number}."),
            Value::String(given) if !given.is_empty() => format!(" Left out: \"{given}\"."),
            _ => String::new(),
        };
        let said = schema["description"].as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|");
        writeln!(text, "| `{name}`{optional} | {} | {said}{default} |", inner(schema).kind()).unwrap();
    }
    for (name, schema) in properties {
        let (within, place) = match inner(schema).at.get("items") {
            Some(each) => (inner(each), format!("each of `{name}`")),
            None => (inner(schema), format!("of `{name}`")),
        };
        if within.kind() != "table" {
            fields(text, within, &place);
            choices(text, within, name);
        }
    }
}

/// What each word of a choice means.
fn choices(text: &mut String, schema: Schema<'_>, name: &str) {
    let said = schema
        .choices()
        .filter_map(|choice| Some(format!("\n- `{}`: {}", choice["const"].as_str()?, choice["description"].as_str()?)));
    let said: String = said.collect();
    if !said.is_empty() {
        writeln!(text, "\n`{name}` is one of{said}").unwrap();
    }
}

/// A place in a schema.
#[derive(Clone, Copy)]
struct Schema<'a> {
    root: &'a Value,
    at: &'a Value,
}

impl<'a> Schema<'a> {
    /// `at`, or what it refers to.
    fn of(self, at: &'a Value) -> Self {
        let at = match at["$ref"].as_str() {
            Some(reference) => {
                self.root.pointer(reference.trim_start_matches('#')).expect("a reference leads somewhere")
            }
            None => at,
        };
        // "This or nothing" is this: a `?` tells the rest.
        let some = at["anyOf"].as_array().and_then(|both| match both.as_slice() {
            [some, nothing] if nothing["type"] == "null" => Some(some),
            _ => None,
        });
        some.map_or(Self { at, ..self }, |some| self.of(some))
    }

    fn fields(self) -> Option<&'a Map<String, Value>> {
        self.at["properties"].as_object().filter(|fields| !fields.is_empty())
    }

    fn choices(self) -> impl Iterator<Item = &'a Value> {
        self.at["oneOf"].as_array().into_iter().flatten()
    }

    /// Its type in the words of flows.
    fn kind(self) -> String {
        if self.at["description"].as_str().is_some_and(|said| said.starts_with("A table:")) {
            return "table".to_owned();
        }
        let mut words: Vec<String> = self.choices().filter_map(|choice| choice["const"].as_str()).map(quoted).collect();
        words.extend(self.at["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).map(quoted));
        if !words.is_empty() {
            return words.join(", ");
        }
        let kinds = match &self.at["type"] {
            Value::String(kind) => vec![kind.as_str()],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect(),
            _ => vec!["any"],
        };
        if self.at["format"] == "decimal" {
            return "decimal".to_owned();
        }
        kinds.into_iter().map(|kind| self.word(kind)).collect::<Vec<_>>().join(" or ")
    }

    fn word(self, kind: &str) -> String {
        match kind {
            "string" => "text".to_owned(),
            "any" => "any value".to_owned(),
            "null" => "nothing".to_owned(),
            "array" => match self.of(&self.at["items"]).kind() {
                each if each == "any value" => "list".to_owned(),
                each => format!("list of {each}"),
            },
            "object" => match self.at.get("additionalProperties").filter(|each| each.is_object()) {
                Some(each) => format!("object of {}", self.of(each).kind()),
                None => "object".to_owned(),
            },
            other => other.to_owned(),
        }
    }
}

fn quoted(word: &str) -> String {
    format!("`{word}`")
}

//! `json.get`: one part of a value, by its path: "orders[0].amount".

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::support::trouble::{invalid_data, invalid_parameter};

/// Which part.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The value.
    value: Value,
    /// The way to the part: "orders[0].amount", or as a JSON pointer: "/orders/0/amount".
    path: String,
    /// What to give when there is no such part; an error when left empty.
    default: Option<Value>,
}

pub(crate) async fn run(_: ActionContext, parameters: Parameters) -> Result<Value, ActionError> {
    let Parameters { value, path, default } = parameters;
    let pointer = if path.is_empty() || path.starts_with('/') { path.clone() } else { pointer(&path)? };
    match (value.pointer(&pointer), default) {
        (Some(found), _) => Ok(found.clone()),
        (None, Some(default)) => Ok(default),
        (None, None) => Err(invalid_data(format!("there is nothing at {path}. Check the path, or give a default."))),
    }
}

fn pointer(path: &str) -> Result<String, ActionError> {
    let wrong = || invalid_parameter(format!("“{path}” is not a path. Write it like orders[0].amount."));
    let mut pointer = String::new();
    for part in path.split('.') {
        let (name, mut places) = part.split_at(part.find('[').unwrap_or(part.len()));
        if name.is_empty() && places.is_empty() {
            return Err(wrong());
        }
        if !name.is_empty() {
            pointer.push('/');
            pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        }
        while let Some(rest) = places.strip_prefix('[') {
            let (place, rest) = rest.split_once(']').ok_or_else(wrong)?;
            let place: usize = place.parse().map_err(|_| wrong())?;
            pointer.push_str(&format!("/{place}"));
            places = rest;
        }
        if !places.is_empty() {
            return Err(wrong());
        }
    }
    Ok(pointer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::support::testing::Desk;

    #[tokio::test]
    async fn a_part_is_found_by_its_path() {
        let desk = Desk::new();
        let value = json!({"orders": [{"amount": "1.10", "a/b": [[7]]}], "名": 1});
        for (path, expected) in [
            ("orders[0].amount", json!("1.10")),
            ("/orders/0/amount", json!("1.10")),
            ("orders[0].a/b[0][0]", json!(7)),
            ("名", json!(1)),
        ] {
            assert_eq!(desk.ok("json.get", json!({"value": value, "path": path})).await, expected, "{path}");
        }
        assert_eq!(desk.ok("json.get", json!({"value": value, "path": "x", "default": 0})).await, json!(0));
        desk.fails("json.get", json!({"value": value, "path": "orders[1]"}), "invalidData").await;
        for wrong in ["a..b", "a[x]", "a[0", "a[0]b"] {
            desk.fails("json.get", json!({"value": value, "path": wrong}), "invalidParameter").await;
        }
    }
}

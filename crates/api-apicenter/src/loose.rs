//! Numbers in quotes and texts without them: the document prints one and shows the other (`"dataScope": 2`, `"orderNum": "1"`),
//! and its callers send both. What a value is read as is what the operation's shape prints.

use baigong_api_kit::Shape;
use serde_json::Value;

/// Turns what `value` says into the types that `shape` prints, where it can be read so. An empty text says nothing where a
/// number is wanted.
pub(crate) fn read_as(shape: &Shape, value: &mut Value) {
    match (shape, &mut *value) {
        (Shape::Integer { .. }, Value::String(text)) => match text.trim() {
            "" => *value = Value::Null,
            text => {
                if let Ok(number) = text.parse::<i64>() {
                    *value = number.into();
                }
            }
        },
        (Shape::Boolean, Value::String(text)) => match text.as_str() {
            "true" => *value = true.into(),
            "false" => *value = false.into(),
            _ => {}
        },
        (Shape::String { .. }, Value::Number(number)) => *value = number.to_string().into(),
        (Shape::Array(item), Value::Array(items)) => items.iter_mut().for_each(|value| read_as(item, value)),
        (Shape::Object(fields), Value::Object(given)) => {
            for field in fields {
                if let Some(value) = given.get_mut(&field.name) {
                    read_as(&field.shape, value);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_can_be_read_as_printed_is() {
        let number = Shape::Integer { least: i64::MIN, most: i64::MAX };
        let text = Shape::String { longest: 10 };
        let list = Shape::Array(Box::new(number.clone()));
        for (shape, given, read) in [
            (&number, json!("47"), json!(47)),
            (&number, json!(" 47 "), json!(47)),
            (&number, json!(""), json!(null)),
            (&number, json!("x"), json!("x")),
            (&number, json!(true), json!(true)),
            (&text, json!(2), json!("2")),
            (&text, json!(["x"]), json!(["x"])),
            (&Shape::Boolean, json!("true"), json!(true)),
            (&Shape::Boolean, json!("yes"), json!("yes")),
            (&list, json!(["1", 2, "x"]), json!([1, 2, "x"])),
        ] {
            let mut value = given;
            read_as(shape, &mut value);
            assert_eq!(value, read, "{shape:?}");
        }
    }
}

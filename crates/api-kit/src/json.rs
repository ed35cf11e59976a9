//! Reads a JSON body, more strictly than JSON asks for: no field twice (which of the two a proxy, a signature check and we
//! would take is anyone's guess), and no nesting beyond [`MAX_DEPTH`].

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::{Failure, MAX_DEPTH};

/// The object that `body` holds; a body without a byte is an empty object.
pub fn object(body: &[u8]) -> Result<Value, Failure> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let value = value(body).map_err(|error| Failure::MalformedBody(error.to_string()))?;
    if value.is_object() { Ok(value) } else { Err(Failure::MalformedBody("the body must be a JSON object".to_owned())) }
}

/// The list that `body` holds.
pub fn array(body: &[u8]) -> Result<Value, Failure> {
    let value = value(body).map_err(|error| Failure::MalformedBody(error.to_string()))?;
    if value.is_array() { Ok(value) } else { Err(Failure::MalformedBody("the body must be a JSON array".to_owned())) }
}

/// The JSON value that `text` holds.
pub(crate) fn value(text: &[u8]) -> serde_json::Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Strict { left: MAX_DEPTH }.deserialize(&mut deserializer)?;
    deserializer.end().map(|()| value)
}

/// Reads a value of at most `left` levels.
struct Strict {
    left: u8,
}

impl Strict {
    fn inner<E: Error>(&self) -> Result<u8, E> {
        self.left.checked_sub(1).ok_or_else(|| E::custom(format!("nested deeper than {MAX_DEPTH} levels")))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let left = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element_seed(Strict { left })? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let left = self.inner()?;
        let mut fields = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format!("the field \"{name}\" stands twice")));
            }
            let value = map.next_value_seed(Strict { left })?;
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
    }
}

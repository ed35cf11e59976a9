//! Bodies made from shapes, for the tests that every operation gets from its table line, and for the page's try-it form.

use serde_json::{Map, Value, json};

use crate::{Field, Problem, ProblemKind, Shape};

impl Shape {
    /// A value that passes the check, with every field or with the required ones only.
    pub fn sample(&self, with_optional: bool) -> Value {
        match self {
            Self::Any => Value::Null,
            Self::String { .. } => "text".into(),
            Self::Integer { least, most } => 1.clamp(*least, *most).into(),
            Self::Number => 1.5.into(),
            Self::Boolean => true.into(),
            Self::Array(item) => json!([item.sample(with_optional)]),
            Self::Object(fields) => {
                let wanted = fields.iter().filter(|field| field.is_required || with_optional);
                let sample = |field: &Field| match (&field.shape, field.is_required) {
                    // Null would count as empty.
                    (Self::Any, true) => json!({}),
                    (shape, _) => shape.sample(with_optional),
                };
                let object: Map<_, _> = wanted.map(|field| (field.name.clone(), sample(field))).collect();
                object.into()
            }
        }
    }

    /// Every way in which one field of a body can be wrong, and what must be said of it: required fields absent, null and
    /// "", and every field, at every depth, of another type.
    pub fn faults(&self) -> Vec<(Value, Problem)> {
        let mut faults = Vec::new();
        let whole = self.sample(true);
        for field in self.object_fields() {
            let with = |value: Option<Value>| {
                let mut object = whole.as_object().cloned().unwrap_or_default();
                match value {
                    Some(value) => object.insert(field.name.clone(), value),
                    None => object.remove(&field.name),
                };
                Value::Object(object)
            };
            let problem = |kind| Problem::new(&field.name, kind);
            if field.is_required {
                let required = |value| {
                    let mut body = with(value);
                    // Beside that one it might be left out.
                    if let (Some((beside, _)), Value::Object(object)) = (&field.unless, &mut body) {
                        object.remove(beside);
                    }
                    body
                };
                faults.push((required(None), problem(ProblemKind::Absent)));
                faults.push((required(Some(Value::Null)), problem(ProblemKind::Empty)));
                faults.push((required(Some("".into())), problem(ProblemKind::Empty)));
            }
            for (wrong, inner) in field.shape.mistyped_values() {
                faults.push((with(Some(wrong)), inner.within(&field.name)));
            }
        }
        faults
    }

    fn mistyped_values(&self) -> Vec<(Value, Problem)> {
        let expected = self.type_name();
        let here = |wrong: Value| (wrong, Problem::new("", ProblemKind::Mistyped { expected }));
        match self {
            Self::Any => Vec::new(),
            Self::String { .. } => vec![here(json!(1)), here(json!(true)), here(json!(["text"])), here(json!({}))],
            Self::Integer { .. } => vec![here(json!("1")), here(json!(1.5)), here(json!(true)), here(json!([1]))],
            Self::Number | Self::Boolean => vec![here(json!("true")), here(json!([]))],
            Self::Array(item) => {
                let inner = match &**item {
                    Self::Object(_) => item.faults(),
                    other => other.mistyped_values(),
                };
                let inner = inner.into_iter().map(|(value, problem)| (json!([value]), problem.within("[0]")));
                [here(json!("text")), here(json!({}))].into_iter().chain(inner).collect()
            }
            Self::Object(_) => [here(json!("text")), here(json!([]))].into_iter().chain(self.faults()).collect(),
        }
    }
}

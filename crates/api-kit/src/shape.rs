//! What a body must look like, worked out once from its type's schema and held against every request before serde sees
//! it: serde stops at the first thing it dislikes and cannot say whether a field was absent, empty or of another type.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::{Limit, Problem, ProblemKind, observed::is_secret_name, table::SchemaOf};

/// The word by which a schema says that a field is required unless another has some value, `{"kind": 1}`, or any, `{"items": null}`.
const REQUIRED_UNLESS: &str = "x-required-unless";

/// The word by which a schema says that a number may come as text too.
const ALSO_TEXT: &str = "x-also-text";

/// What a value must look like.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Anything; serde decides.
    Any,
    /// A text of at most so many characters.
    String {
        /// The most characters it may have.
        longest: usize,
    },
    /// A whole number in these bounds.
    Integer {
        /// The least it may be.
        least: i64,
        /// The most it may be.
        most: i64,
    },
    /// Any number.
    Number,
    /// true or false.
    Boolean,
    /// A list of values that look alike.
    Array(Box<Shape>),
    /// Named fields.
    Object(Vec<Field>),
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name on the wire.
    pub name: String,
    /// Whether it must be there and not be empty.
    pub is_required: bool,
    /// The field beside it, and its value, with which it is not required after all; null for any value.
    pub unless: Option<(String, Value)>,
    /// Whether its number may come as text too.
    pub is_also_text: bool,
    /// Whether nobody may read its value: it is never written down.
    pub is_secret: bool,
    /// What it must look like.
    pub shape: Shape,
}

impl Shape {
    /// The shape of a type.
    pub(crate) fn of(schema: SchemaOf) -> Self {
        let settings = SchemaSettings::draft2020_12().for_deserialize().with(|it| it.inline_subschemas = true);
        Self::compile(schema(&mut settings.into_generator()).as_value())
    }

    fn compile(schema: &Value) -> Self {
        if let Some(Value::Array(choices)) = schema.get("anyOf") {
            // `Option<Struct>` is written as "the struct or null".
            let mut real = choices.iter().filter(|choice| choice.get("type") != Some(&"null".into()));
            return match (real.next(), real.next()) {
                (Some(only), None) => Self::compile(only),
                _ => Self::Any,
            };
        }
        let number = |key: &str| schema.get(key).and_then(Value::as_i64);
        match single_type(schema) {
            Some("string") => Self::String {
                longest: number("maxLength").and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX),
            },
            Some("integer") => {
                let narrow = schema.get("format") == Some(&"int32".into());
                let (least, most) = if narrow { (i32::MIN.into(), i32::MAX.into()) } else { (i64::MIN, i64::MAX) };
                Self::Integer { least: number("minimum").unwrap_or(least), most: number("maximum").unwrap_or(most) }
            }
            Some("number") => Self::Number,
            Some("boolean") => Self::Boolean,
            Some("array") => Self::Array(Box::new(schema.get("items").map_or(Self::Any, Self::compile))),
            // A map with free names is serde's to read.
            Some("object") if schema.get("additionalProperties").is_some_and(|it| it != false) => Self::Any,
            Some("object") => Self::Object(Self::fields(schema)),
            _ => Self::Any,
        }
    }

    fn fields(schema: &Value) -> Vec<Field> {
        let required = schema.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let unless = |schema: &Value| {
            let (name, value) = schema.get(REQUIRED_UNLESS)?.as_object()?.iter().next()?;
            Some((name.clone(), value.clone()))
        };
        let field = |(name, schema): (&String, &Value)| Field {
            name: name.clone(),
            unless: unless(schema),
            is_required: required.iter().any(|it| it == name) || unless(schema).is_some(),
            is_also_text: schema.get(ALSO_TEXT).is_some(),
            is_secret: schema.get("x-sensitive").is_some() || is_secret_name(name),
            shape: Self::compile(schema),
        };
        properties.map(field).collect()
    }

    /// The fields of an object; none for anything else.
    pub fn object_fields(&self) -> &[Field] {
        if let Self::Object(fields) = self { fields } else { &[] }
    }

    /// The printed name of the type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::String { .. } => "string",
            Self::Integer { .. } => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// Holds `value` against the shape. An optional field that is null is taken out: it counts as absent.
    pub(crate) fn check(&self, value: &mut Value, refuse_unknown: bool) -> Result<(), Problem> {
        let out_of_range = |limit| Err(Problem::new("", ProblemKind::OutOfRange(limit)));
        match (self, value) {
            (Self::String { longest }, Value::String(text)) if text.chars().count() > *longest => {
                out_of_range(Limit::Characters(*longest))
            }
            (Self::String { .. }, Value::String(text)) if text.contains('\0') => out_of_range(Limit::NoNul),
            (Self::Any, _)
            | (Self::String { .. }, Value::String(_))
            | (Self::Number, Value::Number(_))
            | (Self::Boolean, Value::Bool(_)) => Ok(()),
            (Self::Integer { least, most }, Value::Number(number)) => match number.as_i64() {
                Some(number) if (least..=most).contains(&&number) => Ok(()),
                None if number.as_f64().is_some_and(|it| it.fract() != 0.0 || it.abs() < 9e18) => self.mistyped(),
                _ => out_of_range(Limit::Between(*least, *most)),
            },
            (Self::Array(shape), Value::Array(items)) => items.iter_mut().enumerate().try_for_each(|(index, item)| {
                shape.check(item, refuse_unknown).map_err(|problem| problem.within(format!("[{index}]")))
            }),
            (Self::Object(fields), Value::Object(given)) => {
                for field in fields {
                    field.check(given, refuse_unknown).map_err(|problem| problem.within(&field.name))?;
                }
                let is_known = |name: &String| fields.iter().any(|field| field.name == *name);
                match given.keys().find(|name| refuse_unknown && !is_known(name)) {
                    Some(unknown) => Err(Problem::new(unknown, ProblemKind::Unknown)),
                    None => Ok(()),
                }
            }
            _ => self.mistyped(),
        }
    }

    fn mistyped(&self) -> Result<(), Problem> {
        Err(Problem::new("", ProblemKind::Mistyped { expected: self.type_name() }))
    }
}

impl Field {
    fn check(&self, given: &mut serde_json::Map<String, Value>, refuse_unknown: bool) -> Result<(), Problem> {
        let is_spared = self.unless.as_ref().is_some_and(|(name, value)| {
            given.get(name).is_some_and(|it| if value.is_null() { !it.is_null() } else { it == value })
        });
        let is_required = self.is_required && !is_spared;
        if self.is_also_text
            && let Some(value) = given.get_mut(&self.name)
            && let Some(number) = value.as_str().and_then(|text| text.parse::<i64>().ok())
        {
            *value = number.into();
        }
        match given.get_mut(&self.name) {
            None if is_required => Err(Problem::new("", ProblemKind::Absent)),
            None => Ok(()),
            Some(Value::Null) if !is_required => {
                given.remove(&self.name);
                Ok(())
            }
            Some(Value::Null) => Err(Problem::new("", ProblemKind::Empty)),
            Some(Value::String(text)) if text.is_empty() && is_required => Err(Problem::new("", ProblemKind::Empty)),
            Some(value) => self.shape.check(value, refuse_unknown),
        }
    }
}

/// The one type a schema allows beside null.
fn single_type(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(name) => Some(name),
        Value::Array(names) => {
            let mut real = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            real.next().filter(|_| real.next().is_none())
        }
        _ => None,
    }
}

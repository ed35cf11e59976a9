//! Conditions on items, put together by `core` from what a user wrote, as SQL. Nothing a user wrote is part of the text: it
//! is bound.

use sea_orm::{ConnectionTrait, Value};

use crate::connect::json;

/// Which items.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// Those that fulfil all.
    All(Vec<Expression>),
    /// Those that fulfil one of them.
    Any(Vec<Expression>),
    /// Those that do not fulfil it.
    Not(Box<Expression>),
    /// Those whose field is like this.
    Compare(Comparison),
    /// Those that contain this somewhere: in their data, their reference or their reason.
    Contains(String),
}

/// A field held against something.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The field.
    pub field: Field,
    /// What it must be like.
    pub test: Test,
}

/// A field of an item.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// One of its own.
    Column(Column),
    /// A value in its data, by the names that lead to it.
    Payload(Vec<String>),
}

/// A column that conditions may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// What users call it.
    pub name: &'static str,
    column: &'static str,
    /// Whether it holds numbers.
    pub is_number: bool,
    /// Whether these numbers are times.
    pub is_time: bool,
}

impl Column {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::number("itemId", "id"),
        Self::text("state", "state"),
        Self::number("priority", "priority"),
        Self::text("reference", "reference"),
        Self::number("attempts", "attempts"),
        Self::text("holder", "holder"),
        Self::text("reason", "reason"),
        Self::number("originId", "origin_id"),
        Self::time("createdAt", "created_at"),
        Self::time("availableAt", "available_at"),
        Self::time("deadline", "expires_at"),
        Self::time("endedAt", "ended_at"),
    ];

    const fn text(name: &'static str, column: &'static str) -> Self {
        Self { name, column, is_number: false, is_time: false }
    }

    const fn number(name: &'static str, column: &'static str) -> Self {
        Self { name, column, is_number: true, is_time: false }
    }

    const fn time(name: &'static str, column: &'static str) -> Self {
        Self { name, column, is_number: true, is_time: true }
    }
}

/// What a field must be like.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Exactly this.
    Equals(Scalar),
    /// One of these.
    OneOf(Vec<Scalar>),
    /// This, where `%` stands for any letters and `_` for one; `!` takes their meaning away.
    Like(String),
    /// At least the first, at most the second; with `false` not quite.
    Between(Option<(Scalar, bool)>, Option<(Scalar, bool)>),
    /// Anything at all.
    Exists,
}

/// A value to hold a field against.
#[derive(Debug, Clone, PartialEq)]
pub struct Scalar {
    /// As it was written.
    pub text: String,
    /// The number it shows, if it shows one.
    pub number: Option<f64>,
    /// The same where it is whole: numbers of columns are compared exactly.
    pub whole: Option<i64>,
}

/// A condition in the making: its text, and what is bound to it.
pub(super) struct Conditions<'c, C> {
    on: &'c C,
    pub(super) values: Vec<Value>,
}

impl<'c, C: ConnectionTrait> Conditions<'c, C> {
    pub(super) fn new(on: &'c C) -> Self {
        Self { on, values: Vec::new() }
    }

    /// Binds a value; its place.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// The text of `expression`, which is never NULL.
    pub(super) fn text(&mut self, expression: &Expression) -> String {
        match expression {
            Expression::All(parts) => self.joined(parts, " AND ", "TRUE"),
            Expression::Any(parts) => self.joined(parts, " OR ", "FALSE"),
            Expression::Not(inner) => format!("NOT {}", self.text(inner)),
            Expression::Compare(comparison) => format!("COALESCE({}, FALSE)", self.comparison(comparison)),
            Expression::Contains(word) => self.contains(word),
        }
    }

    fn joined(&mut self, parts: &[Expression], by: &str, empty: &str) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.text(part)).collect();
        if parts.is_empty() { empty.to_owned() } else { format!("({})", parts.join(by)) }
    }

    /// Whether the word stands in the data (unless it is sealed), the reference or the reason.
    pub(super) fn contains(&mut self, word: &str) -> String {
        let like = |place: &str| format!("LIKE {place} ESCAPE '!'");
        let lower = self.bind(format!("%{}%", crate::filter::escaped(&word.to_lowercase())));
        let exact = self.bind(format!("%{}%", crate::filter::escaped(word)));
        let columns =
            ["CASE WHEN is_secret THEN '' ELSE payload END", "COALESCE(reference, '')", "COALESCE(reason, '')"];
        let tests = columns.map(|it| format!("LOWER({it}) {} OR {it} {}", like(&lower), like(&exact)));
        format!("({})", tests.join(" OR "))
    }

    fn comparison(&mut self, comparison: &Comparison) -> String {
        match &comparison.field {
            Field::Column(column) => {
                self.test(column.column, column.is_number.then_some(column.column), &comparison.test, true)
            }
            Field::Payload(names) => {
                let path = json::path(self.on, names);
                self.bind(path);
                let text = json::text_at(self.on, "payload", self.values.len(), "is_secret");
                let number = json::number_of(self.on, &text);
                self.test(&text, Some(&number), &comparison.test, false)
            }
        }
    }

    /// `number` is the field as a number, where it can be one; `only` says that it is never anything else.
    fn test(&mut self, text: &str, number: Option<&str>, test: &Test, is_column: bool) -> String {
        match test {
            Test::Exists => format!("{text} IS NOT NULL"),
            Test::Like(_) if is_column && number.is_some() => "FALSE".to_owned(),
            Test::Like(pattern) => {
                let place = self.bind(pattern.as_str());
                format!("{text} LIKE {place} ESCAPE '!'")
            }
            Test::Equals(scalar) => self.against(text, number, "=", scalar, is_column),
            Test::OneOf(scalars) => {
                let tests: Vec<String> =
                    scalars.iter().map(|scalar| self.against(text, number, "=", scalar, is_column)).collect();
                if tests.is_empty() { "FALSE".to_owned() } else { format!("({})", tests.join(" OR ")) }
            }
            Test::Between(lower, upper) => {
                // A bound that is no number makes both of them texts: 2026-01-01 to 2026-02-01.
                let are_numbers = [lower, upper].into_iter().flatten().all(|(scalar, _)| scalar.number.is_some());
                let number = number.filter(|_| are_numbers);
                let mut tests = vec![format!("{text} IS NOT NULL")];
                for (bound, closed, open) in [(lower, ">=", ">"), (upper, "<=", "<")] {
                    let Some((scalar, inclusive)) = bound else { continue };
                    tests.push(self.against(text, number, if *inclusive { closed } else { open }, scalar, is_column));
                }
                format!("({})", tests.join(" AND "))
            }
        }
    }

    fn against(&mut self, text: &str, number: Option<&str>, is: &str, scalar: &Scalar, is_column: bool) -> String {
        let bytewise = |value: &str, on: &C| json::bytewise(on, value);
        match (number, scalar.number) {
            (Some(column), Some(float)) if is_column => {
                let place = match scalar.whole {
                    Some(whole) => self.bind(whole),
                    None => self.bind(float),
                };
                format!("{column} {is} {place}")
            }
            (Some(_), None) if is_column => "FALSE".to_owned(),
            (Some(number), Some(float)) => {
                let place = self.bind(float);
                if is != "=" {
                    return format!("{number} {is} {place}");
                }
                let exact = self.bind(scalar.text.as_str());
                format!("({number} = {place} OR {text} = {exact})")
            }
            (_, _) => {
                let place = self.bind(scalar.text.as_str());
                format!("{} {is} {place}", bytewise(text, self.on))
            }
        }
    }
}

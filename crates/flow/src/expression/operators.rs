//! The operators of expressions. Whole numbers and decimals mix freely and exactly; a text never quietly counts as a
//! number, and a number never quietly joins a text. Everything else is left to CEL.

use std::cmp::Ordering;

use cel::{
    ExecutionError,
    common::{
        types::{CelBool, CelDouble, CelInt, CelList, CelString, CelUInt, Kind},
        value::{CowVal, Val},
    },
};
use rust_decimal::Decimal;

use super::views::{DecimalView, value_of};

/// A number of an expression.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Numeric {
    Whole(i64),
    Exact(Decimal),
}

impl Numeric {
    pub(crate) fn of(val: &dyn Val) -> Option<Self> {
        if let Some(whole) = val.downcast_ref::<CelInt>() {
            return Some(Self::Whole(*whole.inner()));
        }
        if let Some(decimal) = val.downcast_ref::<DecimalView>() {
            return Some(Self::Exact(decimal.value));
        }
        let unsigned = val.downcast_ref::<CelUInt>()?;
        Some(Self::Exact(Decimal::from(*unsigned.inner())))
    }

    pub(crate) fn exact(self) -> Decimal {
        match self {
            Self::Whole(value) => Decimal::from(value),
            Self::Exact(value) => value,
        }
    }
}

/// What a value is called in an error.
pub(crate) fn name_of(val: &dyn Val) -> String {
    let name = match val.get_type().kind() {
        Kind::String => {
            let text = val.downcast_ref::<CelString>().map(|text| crate::decimal::shorten(text.inner(), 40));
            return text.map_or("a text".to_owned(), |text| format!("the text \"{text}\""));
        }
        Kind::Int | Kind::UInt => "a whole number",
        Kind::Double => "an inexact number",
        Kind::Boolean => "true or false",
        Kind::List => "a list",
        Kind::Map => "an object",
        Kind::NullType => "nothing (null)",
        _ if val.downcast_ref::<DecimalView>().is_some() => "a decimal",
        _ => return format!("a {}", val.get_type().name()),
    };
    name.to_owned()
}

pub(crate) fn failure<T>(message: impl Into<String>) -> Result<T, ExecutionError> {
    Err(ExecutionError::function_error("", message.into()))
}

fn whole<'b, 'v>(value: Option<i64>, operator: &str) -> Result<CowVal<'b, 'v>, ExecutionError> {
    match value {
        Some(value) => Ok(CowVal::owned(CelInt::from(value))),
        None => failure(format!("the result of \"{operator}\" is too large for a whole number")),
    }
}

pub(crate) fn exact<'b, 'v>(value: Decimal) -> CowVal<'b, 'v> {
    CowVal::owned(DecimalView::exact(value))
}

/// `left` and `right` cannot be taken together by `operator`: says what to write instead.
fn mismatch<T>(operator: &str, left: &dyn Val, right: &dyn Val) -> Result<T, ExecutionError> {
    let is_text = |val: &dyn Val| val.get_type().kind() == Kind::String;
    let one_is_a_number = Numeric::of(left).is_some() || Numeric::of(right).is_some();
    let remedy = if one_is_a_number && (is_text(left) || is_text(right)) {
        let join = if operator == "+" { ", or text(…) around the number to join texts" } else { "" };
        format!("; write decimal(…) around the text to calculate with it{join}")
    } else if is_text(left) && is_text(right) && operator != "+" {
        "; write decimal(…) around both to calculate with them".to_owned()
    } else if is_inexact(left) || is_inexact(right) {
        "; it is too large or too small for an exact decimal".to_owned()
    } else {
        String::new()
    };
    failure(format!("\"{operator}\" cannot take {} and {}{remedy}", name_of(left), name_of(right)))
}

fn is_inexact(val: &dyn Val) -> bool {
    val.downcast_ref::<CelDouble>().is_some()
}

/// Adds or subtracts; refuses a sum whose last digits would be lost.
fn sum_exactly(left: Decimal, right: Decimal, operator: &str) -> Result<Decimal, ExecutionError> {
    let sum = if operator == "+" { left.checked_add(right) } else { left.checked_sub(right) };
    let needed = left.normalize().scale().max(right.normalize().scale());
    match sum {
        Some(sum) if sum.scale() >= needed => Ok(sum),
        _ => failure(format!("the result of {left} {operator} {right} has too many digits to be exact")),
    }
}

pub(crate) fn add<'b, 'v>(args: &[CowVal<'b, 'v>]) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [left, right] = two(args, "+")?;
    match (Numeric::of(left), Numeric::of(right)) {
        (Some(Numeric::Whole(a)), Some(Numeric::Whole(b))) => whole(a.checked_add(b), "+"),
        (Some(a), Some(b)) => sum_exactly(a.exact(), b.exact(), "+").map(exact),
        _ => join(left, right),
    }
}

/// `+` of what is not numbers: two texts, two lists, dates and durations.
fn join<'b, 'v>(left: &(dyn Val + 'v), right: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError> {
    if left.get_type().kind() == Kind::List && right.get_type().kind() == Kind::List {
        let mut items: Vec<Box<dyn Val + 'v>> = Vec::new();
        for list in [left, right] {
            let Some(list) = list.as_iterable() else { return mismatch("+", left, right) };
            let mut list = list.iter();
            while let Some(item) = list.next() {
                items.push(item.clone_as_boxed());
            }
        }
        return Ok(CowVal::owned(CelList::from(items)));
    }
    match left.as_adder() {
        Some(adder) if !is_inexact(left) && Numeric::of(left).is_none() => match adder.add(right) {
            Ok(sum) => Ok(CowVal::Owned(sum.into_owned())),
            Err(_) => mismatch("+", left, right),
        },
        _ => mismatch("+", left, right),
    }
}

pub(crate) fn subtract<'b, 'v>(args: &[CowVal<'b, 'v>]) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [left, right] = two(args, "-")?;
    match (Numeric::of(left), Numeric::of(right)) {
        (Some(Numeric::Whole(a)), Some(Numeric::Whole(b))) => whole(a.checked_sub(b), "-"),
        (Some(a), Some(b)) => sum_exactly(a.exact(), b.exact(), "-").map(exact),
        _ => match left.as_subtractor().filter(|_| !is_inexact(left)).map(|left| left.sub(right)) {
            Some(Ok(difference)) => Ok(CowVal::Owned(difference.into_owned())),
            _ => mismatch("-", left, right),
        },
    }
}

pub(crate) fn multiply<'b, 'v>(args: &[CowVal<'b, 'v>]) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [left, right] = two(args, "*")?;
    match (Numeric::of(left), Numeric::of(right)) {
        (Some(Numeric::Whole(a)), Some(Numeric::Whole(b))) => whole(a.checked_mul(b), "*"),
        (Some(a), Some(b)) => match a.exact().checked_mul(b.exact()) {
            Some(product) => Ok(exact(product)),
            None => failure("the result of \"*\" is too large for a decimal"),
        },
        _ => mismatch("*", left, right),
    }
}

/// A quotient is a whole number where the division of two whole numbers leaves no rest, else a decimal: 7 / 2 is 3.5.
pub(crate) fn divide<'b, 'v>(args: &[CowVal<'b, 'v>]) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [left, right] = two(args, "/")?;
    let (Some(a), Some(b)) = (Numeric::of(left), Numeric::of(right)) else { return mismatch("/", left, right) };
    if b.exact().is_zero() {
        return failure(format!("{} cannot be divided by zero", a.exact()));
    }
    if let (Numeric::Whole(a), Numeric::Whole(b)) = (a, b)
        && a.checked_rem(b) == Some(0)
    {
        return whole(a.checked_div(b), "/");
    }
    match a.exact().checked_div(b.exact()) {
        Some(quotient) => Ok(exact(quotient.normalize())),
        None => failure("the result of \"/\" is too large for a decimal"),
    }
}

pub(crate) fn remainder<'b, 'v>(args: &[CowVal<'b, 'v>]) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [left, right] = two(args, "%")?;
    let (Some(a), Some(b)) = (Numeric::of(left), Numeric::of(right)) else { return mismatch("%", left, right) };
    if b.exact().is_zero() {
        return failure(format!("{} cannot be divided by zero", a.exact()));
    }
    match (a, b) {
        (Numeric::Whole(a), Numeric::Whole(b)) => whole(Some(a.checked_rem(b).unwrap_or(0)), "%"),
        (a, b) => match a.exact().checked_rem(b.exact()) {
            Some(rest) => Ok(exact(rest)),
            None => failure("the result of \"%\" is too large for a decimal"),
        },
    }
}

pub(crate) fn negate<'b, 'v>(args: &[CowVal<'b, 'v>]) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let Some(val) = args.first() else { return failure("\"-\" needs a value") };
    match Numeric::of(&**val) {
        Some(Numeric::Whole(value)) => whole(value.checked_neg(), "-"),
        Some(Numeric::Exact(value)) => Ok(exact(-value)),
        None => failure(format!("\"-\" cannot take {}", name_of(&**val))),
    }
}

fn two<'a, 'b, 'v>(args: &'a [CowVal<'b, 'v>], operator: &str) -> Result<[&'a (dyn Val + 'v); 2], ExecutionError> {
    match args {
        [left, right] => Ok([&**left, &**right]),
        _ => failure(format!("\"{operator}\" needs two values")),
    }
}

/// How two values stand to each other.
pub(crate) fn order(left: &dyn Val, right: &dyn Val) -> Result<Ordering, ExecutionError> {
    match (Numeric::of(left), Numeric::of(right)) {
        (Some(a), Some(b)) => Ok(a.exact().cmp(&b.exact())),
        (None, None) if !is_inexact(left) && !is_inexact(right) => {
            match left.as_comparer().map(|left| left.compare(right)) {
                Some(Ok(ordering)) => Ok(ordering),
                _ => mismatch("<", left, right),
            }
        }
        _ => mismatch("<", left, right),
    }
}

/// Whether two values are worth the same; lists and objects cell by cell.
pub(crate) fn equal(left: &dyn Val, right: &dyn Val) -> bool {
    match (Numeric::of(left), Numeric::of(right)) {
        (Some(a), Some(b)) => return a.exact() == b.exact(),
        (Some(_), None) | (None, Some(_)) => return false,
        (None, None) => {}
    }
    let (left_kind, right_kind) = (left.get_type().kind(), right.get_type().kind());
    match (left_kind, right_kind) {
        (Kind::List, Kind::List) | (Kind::Map, Kind::Map) => match (value_of(left), value_of(right)) {
            (Ok(left), Ok(right)) => left == right,
            _ => false,
        },
        (Kind::List | Kind::Map, _) | (_, Kind::List | Kind::Map) => false,
        _ => left.equals(right),
    }
}

fn truth<'b, 'v>(value: bool) -> CowVal<'b, 'v> {
    CowVal::owned(CelBool::from(value))
}

pub(crate) fn equals<'b, 'v>(args: &[CowVal<'b, 'v>]) -> Result<CowVal<'b, 'v>, ExecutionError> {
    two(args, "==").map(|[left, right]| truth(equal(left, right)))
}

pub(crate) fn differs<'b, 'v>(args: &[CowVal<'b, 'v>]) -> Result<CowVal<'b, 'v>, ExecutionError> {
    two(args, "!=").map(|[left, right]| truth(!equal(left, right)))
}

pub(crate) fn less<'b, 'v>(args: &[CowVal<'b, 'v>]) -> Result<CowVal<'b, 'v>, ExecutionError> {
    two(args, "<").and_then(|[left, right]| Ok(truth(order(left, right)?.is_lt())))
}

pub(crate) fn less_or_equal<'b, 'v>(args: &[CowVal<'b, 'v>]) -> Result<CowVal<'b, 'v>, ExecutionError> {
    two(args, "<=").and_then(|[left, right]| Ok(truth(order(left, right)?.is_le())))
}

pub(crate) fn greater<'b, 'v>(args: &[CowVal<'b, 'v>]) -> Result<CowVal<'b, 'v>, ExecutionError> {
    two(args, ">").and_then(|[left, right]| Ok(truth(order(left, right)?.is_gt())))
}

pub(crate) fn greater_or_equal<'b, 'v>(args: &[CowVal<'b, 'v>]) -> Result<CowVal<'b, 'v>, ExecutionError> {
    two(args, ">=").and_then(|[left, right]| Ok(truth(order(left, right)?.is_ge())))
}

pub(crate) fn within<'b, 'v>(args: &[CowVal<'b, 'v>]) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [needle, hay] = two(args, "in")?;
    if hay.get_type().kind() == Kind::List
        && let Some(list) = hay.as_iterable()
    {
        let mut list = list.iter();
        while let Some(item) = list.next() {
            if equal(item, needle) {
                return Ok(truth(true));
            }
        }
        return Ok(truth(false));
    }
    match hay.as_container().map(|hay| hay.contains(needle)) {
        Some(Ok(found)) => Ok(truth(found)),
        _ => failure(format!("\"in\" looks in a list or an object, not in {}", name_of(hay))),
    }
}

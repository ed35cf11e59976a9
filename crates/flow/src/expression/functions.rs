//! The functions of expressions beyond CEL's own, and the one environment that holds them all.

use std::{
    cell::Cell,
    sync::{Arc, LazyLock},
};

use cel::{
    DeclarationError, Env, ExecutionError,
    common::{
        functions::Function,
        types::{CelBool, CelInt, CelList, CelNull, CelString, DYN_TYPE, Kind, LIST_TYPE, Type},
        value::{CowVal, Val},
    },
    extensions,
};
use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};

use super::{
    operators::{self, Numeric, exact, failure, name_of},
    views::{DECIMAL, DecimalView, value_of},
};
use crate::decimal::{parse_decimal, round_half_up};

type Args<'a, 'b, 'v> = &'a [CowVal<'b, 'v>];
type Outcome<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// The environment in which every expression is read and evaluated.
pub(crate) static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    declare(&mut env).expect("the names and signatures below are distinct");
    Arc::new(env)
});

/// The operators that are ours, by CEL's name for them.
pub(crate) const OPERATORS: &[(&str, &str)] = &[
    ("_+_", "@add"),
    ("_-_", "@subtract"),
    ("_*_", "@multiply"),
    ("_/_", "@divide"),
    ("_%_", "@remainder"),
    ("-_", "@negate"),
    ("_==_", "@equals"),
    ("_!=_", "@differs"),
    ("_<_", "@less"),
    ("_<=_", "@lessOrEqual"),
    ("_>_", "@greater"),
    ("_>=_", "@greaterOrEqual"),
    ("@in", "@within"),
];

/// Functions of CEL and its extensions that expressions may use.
const OF_CEL: &[&str] = &[
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "string",
    "int",
    "bool",
    "type",
    "dyn",
    "timestamp",
    "duration",
    "getFullYear",
    "getMonth",
    "getDayOfYear",
    "getDayOfMonth",
    "getDate",
    "getDayOfWeek",
    "getHours",
    "getMinutes",
    "getSeconds",
    "getMilliseconds",
    "charAt",
    "indexOf",
    "lastIndexOf",
    "join",
    "lowerAscii",
    "upperAscii",
    "trim",
    "replace",
    "split",
    "substring",
    "format",
    "reverse",
    "quote",
    "slice",
    "flatten",
    "distinct",
    "sort",
    "range",
    "of",
    "none",
    "ofNonZeroValue",
    "value",
    "hasValue",
    "or",
    "orValue",
    "has",
    "all",
    "exists",
    "exists_one",
    "existsOne",
    "map",
    "filter",
    "sortBy",
    "optMap",
    "optFlatMap",
];

/// Our own functions.
const OURS: &[&str] = &[
    "decimal",
    "integer",
    "number",
    "text",
    "round",
    "roundUp",
    "roundDown",
    "abs",
    "min",
    "max",
    "sum",
    "compare",
    "add",
    "sub",
    "mul",
    "div",
    "isBlank",
    "orElse",
    "keys",
    "values",
];

/// The names of all functions an expression may call.
pub(crate) fn known() -> impl Iterator<Item = &'static str> {
    OURS.iter().chain(OF_CEL).copied()
}

fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_extension(extensions::strings)?;
    env.add_extension(extensions::lists)?;
    env.add_type(DECIMAL.to_owned())?;
    let anything = |count: usize| std::iter::repeat_with(|| DYN_TYPE).take(count).collect();
    let operators: [(&str, usize, Function); 13] = [
        ("@add", 2, |args| operators::add(&args)),
        ("@subtract", 2, |args| operators::subtract(&args)),
        ("@multiply", 2, |args| operators::multiply(&args)),
        ("@divide", 2, |args| operators::divide(&args)),
        ("@remainder", 2, |args| operators::remainder(&args)),
        ("@negate", 1, |args| operators::negate(&args)),
        ("@equals", 2, |args| operators::equals(&args)),
        ("@differs", 2, |args| operators::differs(&args)),
        ("@less", 2, |args| operators::less(&args)),
        ("@lessOrEqual", 2, |args| operators::less_or_equal(&args)),
        ("@greater", 2, |args| operators::greater(&args)),
        ("@greaterOrEqual", 2, |args| operators::greater_or_equal(&args)),
        ("@within", 2, |args| operators::within(&args)),
    ];
    let functions: [(&str, usize, Function); 22] = [
        ("decimal", 1, |args| decimal(&args)),
        ("integer", 1, |args| integer(&args)),
        ("number", 1, |args| number(&args)),
        ("text", 1, |args| text(&args)),
        ("round", 1, |args| round(&args)),
        ("round", 2, |args| round(&args)),
        ("roundUp", 2, |args| round_with(&args, RoundingStrategy::AwayFromZero)),
        ("roundDown", 2, |args| round_with(&args, RoundingStrategy::ToZero)),
        ("abs", 1, |args| abs(&args)),
        ("min", 2, |args| extreme(&args, false)),
        ("max", 2, |args| extreme(&args, true)),
        ("min", 1, |args| extreme_of_list(&args, false)),
        ("max", 1, |args| extreme_of_list(&args, true)),
        ("sum", 1, |args| sum(&args)),
        ("compare", 2, |args| compare(&args)),
        ("add", 2, |args| operators::add(&numbers(&args)?)),
        ("sub", 2, |args| operators::subtract(&numbers(&args)?)),
        ("mul", 2, |args| operators::multiply(&numbers(&args)?)),
        ("div", 2, |args| operators::divide(&numbers(&args)?)),
        ("isBlank", 1, |args| is_blank(&args)),
        ("orElse", 2, |args| or_else(&args)),
        ("keys", 1, |args| names_or_values(&args, true)),
    ];
    for (name, count, function) in operators.into_iter().chain(functions) {
        env.add_overload(name, &format!("{name}_{count}"), anything(count), function)?;
    }
    env.add_overload(ROUNDS, "rounds_1", anything(1), rounds)?;
    env.add_overload("values", "values_1", anything(1), |args| names_or_values(&args, false))?;
    env.add_overload("int", "decimal_to_int", vec![DECIMAL.to_owned()], |args| integer(&args))?;
    env.add_overload("string", "decimal_to_string", vec![DECIMAL.to_owned()], |args| text(&args))?;
    let of_lists: [(&str, Function); 3] = [
        ("sum", |args| sum(&args)),
        ("min", |args| extreme_of_list(&args, false)),
        ("max", |args| extreme_of_list(&args, true)),
    ];
    for (name, function) in of_lists {
        env.add_member_overload(name, &format!("list_{name}"), LIST_TYPE as Type, vec![], function)?;
    }
    Ok(())
}

/// The function around every list that `map`, `filter` and the like go through.
pub(crate) const ROUNDS: &str = "@rounds";
/// How many items all of them together may go through in one evaluation.
const MOST_ROUNDS: i64 = 2_000_000;

thread_local! {
    /// An evaluation never leaves its thread, and CEL has no place of its own to count in.
    static GONE: Cell<i64> = const { Cell::new(0) };
}

/// An evaluation begins: nothing has been gone through yet.
pub(crate) fn begin() {
    GONE.set(0);
}

/// Hands its list on, and counts it.
fn rounds<'b, 'v>(mut args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let Some(list) = args.pop() else { return failure("a list is missing") };
    let gone = GONE.get().saturating_add(list.as_sizer().map_or(0, |sizer| *sizer.size().inner()));
    GONE.set(gone);
    if gone > MOST_ROUNDS {
        return failure(format!(
            "it goes through more than {MOST_ROUNDS} items; join the tables with an action instead"
        ));
    }
    Ok(list)
}

/// The decimal that a number or a text stands for.
fn decimal_of(val: &dyn Val) -> Result<Decimal, ExecutionError> {
    if let Some(number) = Numeric::of(val) {
        return Ok(number.exact());
    }
    match val.downcast_ref::<CelString>() {
        Some(text) => parse_decimal(text.inner()).or_else(failure),
        None => failure(format!("{} is not a number", name_of(val))),
    }
}

fn first<'a, 'v>(args: Args<'a, '_, 'v>) -> Result<&'a (dyn Val + 'v), ExecutionError> {
    args.first().map_or_else(|| failure("a value is missing"), |val| Ok(&**val))
}

fn decimal<'b, 'v>(args: Args<'_, 'b, 'v>) -> Outcome<'b, 'v> {
    decimal_of(first(args)?).map(exact)
}

fn integer<'b, 'v>(args: Args<'_, 'b, 'v>) -> Outcome<'b, 'v> {
    let value = decimal_of(first(args)?)?;
    match value.to_i64().filter(|_| value.fract().is_zero()) {
        Some(value) => Ok(CowVal::owned(CelInt::from(value))),
        None => failure(format!("{value} is not a whole number; round it first: integer(round(…))")),
    }
}

/// A number that leaves the flow as a JSON number rather than as a string, for systems that insist.
fn number<'b, 'v>(args: Args<'_, 'b, 'v>) -> Outcome<'b, 'v> {
    let value = decimal_of(first(args)?)?;
    match value.to_i64().filter(|_| value.fract().is_zero()) {
        Some(whole) => Ok(CowVal::owned(CelInt::from(whole))),
        None => Ok(CowVal::owned(DecimalView { value, as_number: true })),
    }
}

fn text<'b, 'v>(args: Args<'_, 'b, 'v>) -> Outcome<'b, 'v> {
    let value = value_of(first(args)?);
    value.map_or_else(
        |_| failure(format!("{} has no text of its own; use string(…)", name_of(&*args[0]))),
        |value| Ok(CowVal::owned(CelString::from(value.to_string()))),
    )
}

fn places(args: Args<'_, '_, '_>) -> Result<u32, ExecutionError> {
    let Some(places) = args.get(1) else { return Ok(0) };
    match places.downcast_ref::<CelInt>().and_then(|places| u32::try_from(*places.inner()).ok()) {
        Some(places) if places <= 28 => Ok(places),
        _ => failure("the number of places must be a whole number from 0 to 28"),
    }
}

fn round<'b, 'v>(args: Args<'_, 'b, 'v>) -> Outcome<'b, 'v> {
    Ok(exact(round_half_up(decimal_of(first(args)?)?, places(args)?)))
}

fn round_with<'b, 'v>(args: Args<'_, 'b, 'v>, strategy: RoundingStrategy) -> Outcome<'b, 'v> {
    let places = places(args)?;
    let mut rounded = decimal_of(first(args)?)?.round_dp_with_strategy(places, strategy);
    rounded.rescale(places);
    Ok(exact(rounded))
}

fn abs<'b, 'v>(args: Args<'_, 'b, 'v>) -> Outcome<'b, 'v> {
    match Numeric::of(first(args)?) {
        Some(Numeric::Whole(value)) => match value.checked_abs() {
            Some(value) => Ok(CowVal::owned(CelInt::from(value))),
            None => Ok(exact(Decimal::from(value).abs())),
        },
        _ => Ok(exact(decimal_of(first(args)?)?.abs())),
    }
}

fn extreme<'b, 'v>(args: Args<'_, 'b, 'v>, largest: bool) -> Outcome<'b, 'v> {
    let [left, right] = args else { return failure("two values are needed") };
    let right_wins = operators::order(&**left, &**right)?.is_lt() == largest;
    Ok(if right_wins { right.clone() } else { left.clone() })
}

fn items<'b, 'v>(args: Args<'_, 'b, 'v>) -> Result<Vec<CowVal<'b, 'v>>, ExecutionError> {
    let list = first(args)?;
    let Some(iterable) = list.as_iterable().filter(|_| list.get_type().kind() == Kind::List) else {
        return failure(format!("a list is needed, not {}", name_of(list)));
    };
    let mut items = Vec::new();
    let mut iterator = iterable.iter();
    while let Some(item) = iterator.next() {
        items.push(CowVal::Owned(item.clone_as_boxed()));
    }
    Ok(items)
}

fn extreme_of_list<'b, 'v>(args: Args<'_, 'b, 'v>, largest: bool) -> Outcome<'b, 'v> {
    let mut items = items(args)?.into_iter();
    let Some(mut best) = items.next() else { return failure("the list is empty: it has no smallest and no largest") };
    for item in items {
        best = extreme(&[best, item], largest)?;
    }
    Ok(best)
}

/// The sum of a list of numbers, or of texts that are numbers; 0 for an empty list.
fn sum<'b, 'v>(args: Args<'_, 'b, 'v>) -> Outcome<'b, 'v> {
    let mut total = CowVal::owned(CelInt::from(0));
    for item in items(args)? {
        total = operators::add(&[total, number_of(item)?])?;
    }
    Ok(total)
}

/// The number itself, or the decimal that a text shows.
fn number_of<'b, 'v>(val: CowVal<'b, 'v>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    if Numeric::of(&*val).is_some() { Ok(val) } else { decimal_of(&*val).map(exact) }
}

fn numbers<'b, 'v>(args: Args<'_, 'b, 'v>) -> Result<Vec<CowVal<'b, 'v>>, ExecutionError> {
    args.iter().cloned().map(number_of).collect()
}

fn compare<'b, 'v>(args: Args<'_, 'b, 'v>) -> Outcome<'b, 'v> {
    let [left, right] = args else { return failure("two values are needed") };
    let order = decimal_of(&**left)?.cmp(&decimal_of(&**right)?);
    Ok(CowVal::owned(CelInt::from(order as i64)))
}

/// Nothing, a text without a visible sign, or a list or object without content.
fn is_blank<'b, 'v>(args: Args<'_, 'b, 'v>) -> Outcome<'b, 'v> {
    let val = first(args)?;
    let blank = val.downcast_ref::<CelNull>().is_some()
        || val.downcast_ref::<CelString>().is_some_and(|text| text.inner().trim().is_empty())
        || val.as_sizer().is_some_and(|sizer| *sizer.size().inner() == 0);
    Ok(CowVal::owned(CelBool::from(blank)))
}

fn or_else<'b, 'v>(args: Args<'_, 'b, 'v>) -> Outcome<'b, 'v> {
    let [value, otherwise] = args else { return failure("two values are needed") };
    Ok(if value.downcast_ref::<CelNull>().is_some() { otherwise.clone() } else { value.clone() })
}

fn names_or_values<'b, 'v>(args: Args<'_, 'b, 'v>, names: bool) -> Outcome<'b, 'v> {
    let object = first(args)?;
    let crate::Value::Object(fields) = value_of(object).or_else(failure)? else {
        return failure(format!("an object is needed, not {}", name_of(object)));
    };
    let list: Vec<Box<dyn Val + 'v>> = match names {
        true => {
            fields.fields().keys().map(|name| Box::new(CelString::from(name.clone())) as Box<dyn Val + 'v>).collect()
        }
        false => fields.fields().values().map(|value| super::views::view(value).into_owned()).collect(),
    };
    Ok(CowVal::owned(CelList::from(list)))
}

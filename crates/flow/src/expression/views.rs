//! Flow values as CEL sees them: lists and objects are shared rather than copied, decimals are a type of their own.
//! Knows nothing of operators and functions.

use std::{any::Any, cmp::Ordering, collections::HashSet, sync::Arc};

use cel::{
    ExecutionError,
    common::{
        traits::{self, Comparer, Container, Indexer, Iterable, Sizer},
        types::{
            CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelOptional, CelString, CelUInt,
            LIST_TYPE, MAP_TYPE, Type,
        },
        value::{CowVal, StaticVal, Val},
    },
};
use indexmap::IndexMap;
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::{
    decimal::parse_decimal,
    value::{DEEPEST_VALUE, List, Object, TooLarge, Value},
};

pub(crate) static DECIMAL: Type = Type::new_unspecified_type("decimal");

/// An exact decimal in an expression.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DecimalView {
    pub(crate) value: Decimal,
    /// It came as a JSON number, or is asked to leave as one.
    pub(crate) as_number: bool,
}

impl DecimalView {
    pub(crate) fn exact(value: Decimal) -> Self {
        Self { value, as_number: false }
    }
}

impl Val for DecimalView {
    fn get_type(&self) -> &Type {
        &DECIMAL
    }
    fn cel_type() -> &'static Type {
        &DECIMAL
    }
    fn as_comparer(&self) -> Option<&dyn Comparer> {
        Some(self)
    }
    fn equals(&self, other: &dyn Val) -> bool {
        super::operators::equal(self, other)
    }
    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(*self)
    }
    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for DecimalView {}

impl Comparer for DecimalView {
    fn compare(&self, other: &dyn Val) -> Result<Ordering, ExecutionError> {
        super::operators::order(self, other)
    }
}

/// A shared list in an expression.
#[derive(Debug, Clone)]
pub(crate) struct ListView(Arc<List>);

impl ListView {
    fn elements(&self) -> &[Box<dyn Val>] {
        self.0.view.get_or_init(|| self.0.items().iter().map(owned).collect())
    }
}

struct Elements<'b>(std::slice::Iter<'b, Box<dyn Val>>);

impl<'b, 'v> traits::Iterator<'b, 'v> for Elements<'b> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        self.0.next().map(|element| element.as_ref() as &(dyn Val + 'v))
    }
}

impl Val for ListView {
    fn get_type(&self) -> &Type {
        &LIST_TYPE
    }
    fn cel_type() -> &'static Type {
        &LIST_TYPE
    }
    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }
    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }
    fn equals(&self, other: &dyn Val) -> bool {
        super::operators::equal(self, other)
    }
    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }
    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for ListView {}

impl Container for ListView {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(self.elements().iter().any(|element| super::operators::equal(element.as_ref(), value)))
    }
}

impl Sizer for ListView {
    fn size(&self) -> CelInt {
        CelInt::from(i64::try_from(self.0.items().len()).unwrap_or(i64::MAX))
    }
}

impl Iterable for ListView {
    fn iter<'b, 'v>(&'b self) -> Box<dyn traits::Iterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        Box::new(Elements(self.elements().iter()))
    }
}

impl Indexer for ListView {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let place = match index.downcast_ref::<CelInt>() {
            Some(place) => *place.inner(),
            None => {
                let got = index.get_type().name().to_owned();
                return Err(ExecutionError::UnexpectedType { got, want: "int".to_owned() });
            }
        };
        let item = usize::try_from(place).ok().and_then(|place| self.0.items().get(place));
        item.map(view).ok_or_else(|| {
            let count = self.0.items().len();
            let last =
                count.checked_sub(1).map_or("it is empty".to_owned(), |last| format!("its places are 0 to {last}"));
            ExecutionError::function_error("[]", format!("the list has no place {place}: {last}"))
        })
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}

/// A shared object in an expression.
#[derive(Debug, Clone)]
pub(crate) struct ObjectView(Arc<Object>);

struct Names<'b>(std::slice::Iter<'b, CelString<'static>>);

impl<'b, 'v> traits::Iterator<'b, 'v> for Names<'b> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        self.0.next().map(|name| name as &(dyn Val + 'v))
    }
}

impl Val for ObjectView {
    fn get_type(&self) -> &Type {
        &MAP_TYPE
    }
    fn cel_type() -> &'static Type {
        &MAP_TYPE
    }
    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }
    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }
    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }
    fn equals(&self, other: &dyn Val) -> bool {
        super::operators::equal(self, other)
    }
    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }
    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for ObjectView {}

impl Container for ObjectView {
    fn contains(&self, name: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(name.downcast_ref::<CelString>().is_some_and(|name| self.0.fields().contains_key(name.inner())))
    }
}

impl Sizer for ObjectView {
    fn size(&self) -> CelInt {
        CelInt::from(i64::try_from(self.0.fields().len()).unwrap_or(i64::MAX))
    }
}

impl Iterable for ObjectView {
    fn iter<'b, 'v>(&'b self) -> Box<dyn traits::Iterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        let names = self.0.names.get_or_init(|| self.0.fields().keys().cloned().map(CelString::from).collect());
        Box::new(Names(names.iter()))
    }
}

impl Indexer for ObjectView {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let Some(name) = index.downcast_ref::<CelString>() else {
            let got = index.get_type().name().to_owned();
            return Err(ExecutionError::UnexpectedType { got, want: "string".to_owned() });
        };
        self.0.fields().get(name.inner()).map(view).ok_or_else(|| ExecutionError::no_such_key(name.inner()))
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}

/// A value as an expression sees it.
pub(crate) fn view<'b, 'v>(value: &Value) -> CowVal<'b, 'v> {
    CowVal::Owned(owned(value))
}

fn owned<'v>(value: &Value) -> Box<dyn Val + 'v> {
    match value {
        Value::Null => Box::new(CelNull),
        Value::Boolean(value) => Box::new(CelBool::from(*value)),
        Value::Integer(value) => Box::new(CelInt::from(*value)),
        Value::Decimal(value) => Box::new(DecimalView::exact(*value)),
        Value::Number(number) => match parse_decimal(&number.to_string()) {
            Ok(value) => Box::new(DecimalView { value, as_number: true }),
            Err(_) => Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))),
        },
        Value::Text(text) => Box::new(CelString::from(text.to_string())),
        Value::List(list) => Box::new(ListView(list.clone())),
        Value::Object(object) => Box::new(ObjectView(object.clone())),
    }
}

/// The value an expression came to.
pub(crate) fn value_of(val: &dyn Val) -> Result<Value, String> {
    value_at(val, 0)
}

fn value_at(val: &dyn Val, depth: usize) -> Result<Value, String> {
    if depth > DEEPEST_VALUE {
        return Err(TooLarge::Deep.to_string());
    }
    if let Some(list) = val.downcast_ref::<ListView>() {
        return Ok(Value::List(list.0.clone()));
    }
    if let Some(object) = val.downcast_ref::<ObjectView>() {
        return Ok(Value::Object(object.0.clone()));
    }
    if let Some(list) = val.downcast_ref::<CelList>() {
        let items = list.inner().iter().map(|item| value_at(item.as_ref(), depth + 1)).collect::<Result<_, _>>()?;
        return Value::list(items).map_err(|error| error.to_string());
    }
    if let Some(map) = val.downcast_ref::<CelMap>() {
        return object_of(map, depth);
    }
    if let Some(optional) = val.downcast_ref::<CelOptional>() {
        return optional.inner().map_or(Ok(Value::Null), |inner| value_at(inner, depth + 1));
    }
    scalar_of(val).ok_or_else(|| {
        format!(
            "the expression comes to a \"{}\", which a variable cannot hold: convert it with text(…)",
            val.get_type().name()
        )
    })
}

/// CEL keeps no order of a map it built itself: its fields are put in the order of their names.
fn object_of(map: &CelMap<'_>, depth: usize) -> Result<Value, String> {
    let mut fields = IndexMap::with_capacity(map.inner().len());
    for (key, value) in map.inner() {
        let name = match key {
            CelMapKey::String(name) => name.inner().to_owned(),
            CelMapKey::Int(number) => number.inner().to_string(),
            CelMapKey::UInt(number) => number.inner().to_string(),
            CelMapKey::Bool(value) => value.inner().to_string(),
        };
        fields.insert(name, value_at(value.as_ref(), depth + 1)?);
    }
    fields.sort_unstable_keys();
    debug_assert_eq!(fields.len(), fields.keys().collect::<HashSet<_>>().len());
    Value::object(fields).map_err(|error| error.to_string())
}

fn scalar_of(val: &dyn Val) -> Option<Value> {
    if let Some(text) = val.downcast_ref::<CelString>() {
        return Some(Value::text(text.inner()));
    }
    if let Some(number) = val.downcast_ref::<CelInt>() {
        return Some(Value::Integer(*number.inner()));
    }
    if let Some(decimal) = val.downcast_ref::<DecimalView>() {
        let number = decimal.as_number.then(|| decimal.value.to_f64().and_then(serde_json::Number::from_f64)).flatten();
        return Some(number.map_or(Value::Decimal(decimal.value), Value::Number));
    }
    if let Some(value) = val.downcast_ref::<CelBool>() {
        return Some(Value::Boolean(*value.inner()));
    }
    if val.downcast_ref::<CelNull>().is_some() {
        return Some(Value::Null);
    }
    if let Some(number) = val.downcast_ref::<CelUInt>() {
        return Some(
            i64::try_from(*number.inner()).map_or_else(|_| Value::Number((*number.inner()).into()), Value::Integer),
        );
    }
    let double = val.downcast_ref::<CelDouble>()?;
    serde_json::Number::from_f64(*double.inner()).map(Value::Number)
}

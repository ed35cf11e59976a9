//! Lists of plain items, the part of the language that all fields share: `*`, `5`, `MON`, `1-5`, `22-2`, `*/5`, `/5`, `0/5`
//! and `1-30/5`. What only the day fields have (`?`, `L`, `W`, `#`) must not appear here.

use super::{
    CronError, Field,
    error::{outside, unreadable},
    values::{FIRST_YEAR, Values},
};

/// What a field allows, and how it was written.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) values: Values,
    /// Whether an item that is `*`, a step or a range has more than one value.
    pub(super) has_interval: bool,
}

/// Reads a whole field.
pub(super) fn list(field: Field, text: &str) -> Result<List, CronError> {
    let mut list = List::default();
    for item in text.split(',') {
        if item.is_empty() {
            return Err(CronError::EmptyItem { field, item: text.to_owned() });
        }
        let span = Span::parse(field, item)?;
        list.has_interval |= span.has_second();
        span.fill(field, &mut list.values);
    }
    Ok(list)
}

/// Values from `start` to `end`, each `step` from the one before; a single value has the step 0. An `end` beyond the field's last
/// value goes on at its first: 22-2 is 22 to 26, which are 22, 23, 0, 1 and 2.
struct Span {
    start: u32,
    end: u32,
    step: u32,
}

impl Span {
    fn parse(field: Field, item: &str) -> Result<Self, CronError> {
        let (first, last) = field.limits();
        let (values, step) = match item.split_once('/') {
            Some((values, step)) => (values, Some(number(field, item, step)?)),
            None => (item, None),
        };
        let span = if values == "*" || values.is_empty() && step.is_some() {
            Self { start: first, end: last, step: step.unwrap_or(1) }
        } else if let Some((start, end)) = values.split_once('-') {
            // Quartz reads names on both sides or on none.
            if is_named(start) != is_named(end) {
                return Err(unreadable(field, item));
            }
            let (start, end) = (value(field, item, start)?, value(field, item, end)?);
            let end = match field.cycle() {
                Some(cycle) if end < start => end + cycle,
                None if end < start => return Err(CronError::Backwards { field, item: item.to_owned() }),
                _ => end,
            };
            Self { start, end, step: step.unwrap_or(1) }
        } else {
            let start = value(field, item, values)?;
            Self { start, end: step.map_or(start, |_| last), step: step.unwrap_or(0) }
        };
        step.map_or(Ok(()), |step| check_step(field, item, values, step))?;
        Ok(span)
    }

    fn has_second(&self) -> bool {
        self.step != 0 && self.start.saturating_add(self.step) <= self.end
    }

    fn fill(&self, field: Field, values: &mut Values) {
        let (first, _) = field.limits();
        let mut at = self.start;
        while at <= self.end {
            let value = field.cycle().map_or(at, |cycle| first + (at - first) % cycle);
            values.insert(index(field, value));
            at = if self.step == 0 { break } else { at.saturating_add(self.step) };
        }
    }
}

fn check_step(field: Field, item: &str, values: &str, step: u32) -> Result<(), CronError> {
    // Quartz drops a step behind names without a word. Better to refuse it than to fire otherwise than written.
    if is_named(values) {
        return Err(unreadable(field, item));
    }
    // A range may have any step, as in Quartz: one larger than the range leaves only its start.
    let largest = if values.contains('-') { u32::MAX } else { field.largest_step() };
    if (1..=largest).contains(&step) {
        return Ok(());
    }
    Err(CronError::Step { field, item: item.to_owned(), largest: field.largest_step() })
}

/// Where a value lies in [`Values`].
fn index(field: Field, value: u32) -> usize {
    let base = if field == Field::Year { u32::from(FIRST_YEAR) } else { 0 };
    value.saturating_sub(base) as usize
}

/// One value of a field, a number within its limits or a name. `item` is what the error shows.
pub(super) fn value(field: Field, item: &str, text: &str) -> Result<u32, CronError> {
    if let Some(value) = field.named(text) {
        return Ok(value);
    }
    let (value, (first, last)) = (number(field, item, text)?, field.limits());
    if (first..=last).contains(&value) { Ok(value) } else { Err(outside(field, item, (first, last))) }
}

/// A number that Java's `int` can hold, as Quartz reads it.
pub(super) fn number(field: Field, item: &str, text: &str) -> Result<u32, CronError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(unreadable(field, item));
    }
    let number = text.parse::<i32>().ok().and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| outside(field, item, field.limits()))
}

fn is_named(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
}

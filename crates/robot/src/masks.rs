//! Hides the secrets that a run has fetched, in whatever form they are usually written, from all that it says. Works on whole
//! texts: whoever cuts a text masks it before, or leaves a "…" where it was cut.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    sync::{PoisonError, RwLock},
};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use serde_json::Value;

mod forms;

use forms::forms;

/// What stands in the place of a secret.
const STARS: &str = "******";
/// What stands where a text was cut.
const CUT: &str = "…";
/// Shorter secrets are hidden only where they stand alone: in "error 42" a password of 42, but not in "1423".
const LEAST: usize = 4;
/// Data that goes on – out-parameters, queue items – is searched only for secrets at least so long: a shorter one stands in
/// amounts and dates by chance, and a changed amount would be worse.
const LEAST_IN_DATA: usize = 8;

/// The secrets of one run.
#[derive(Default)]
pub(crate) struct Masks(RwLock<Known>);

#[derive(Default)]
struct Known {
    before: Option<Box<dyn Fn() + Send + Sync>>,
    secrets: BTreeSet<String>,
    /// Each smaller than the one before it, so that the ten-thousandth secret does not prepare all others anew.
    groups: Vec<Group>,
    longest: usize,
}

/// Secrets that are searched for together.
struct Group {
    secrets: Vec<String>,
    long: Option<AhoCorasick>,
    short: Option<AhoCorasick>,
    data: Option<AhoCorasick>,
}

impl Masks {
    /// From now on `secret` is hidden.
    pub(crate) fn add(&self, secret: &str) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = known.before.take() {
            before();
        }
        // A key in several lines is printed line by line.
        let lines = secret.lines().map(str::trim).filter(|line| letters(line) >= LEAST);
        let parts = [secret, secret.trim()].into_iter().chain(lines).filter(|part| !part.trim().is_empty());
        let fresh: Vec<String> = parts.map(str::to_owned).filter(|part| known.secrets.insert(part.clone())).collect();
        if !fresh.is_empty() {
            known.prepare(fresh);
        }
    }

    /// `text` without the secrets.
    pub(crate) fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let hidden = replaced(Cow::Borrowed(text), known.searchers(|group| &group.long), |_, _, _| true);
        let hidden = replaced(hidden, known.searchers(|group| &group.short), stands_alone);
        if hidden.contains(CUT) { Cow::Owned(known.without_beginnings(&hidden)) } else { hidden }
    }

    /// `text`, which is data and not words, without the secrets that cannot stand there by chance.
    pub(crate) fn hide_in_data<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        replaced(Cow::Borrowed(text), known.searchers(|group| &group.data), |_, _, _| true)
    }

    /// The text of a file without the secrets: short ones only where they stand alone, since reports are full of numbers.
    pub(crate) fn hide_in_file<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let counts = |text: &str, start: usize, end: usize| {
            letters(&text[start..end]) >= LEAST_IN_DATA || stands_alone(text, start, end)
        };
        let hidden = replaced(Cow::Borrowed(text), known.searchers(|group| &group.long), counts);
        replaced(hidden, known.searchers(|group| &group.short), stands_alone)
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).secrets.is_empty()
    }

    /// Does this before the first secret is known.
    pub(crate) fn before_the_first(&self, act: impl Fn() + Send + Sync + 'static) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).before = Some(Box::new(act));
    }

    /// A value, which is data, without the secrets that cannot stand there by chance.
    pub(crate) fn hide_in_value(&self, data: Value) -> Value {
        match data {
            Value::String(text) => Value::String(self.hide_in_data(&text).into_owned()),
            Value::Array(items) => items.into_iter().map(|item| self.hide_in_value(item)).collect(),
            Value::Object(fields) => {
                let hidden =
                    |(name, value): (String, _)| (self.hide_in_data(&name).into_owned(), self.hide_in_value(value));
                Value::Object(fields.into_iter().map(hidden).collect())
            }
            other => other,
        }
    }

    /// The bytes of the longest form of a secret: whoever cuts a text looks so much further.
    pub(crate) fn longest(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).longest
    }
}

impl Known {
    fn prepare(&mut self, mut secrets: Vec<String>) {
        while let Some(last) = self.groups.pop_if(|last| last.secrets.len() <= secrets.len()) {
            secrets.extend(last.secrets);
        }
        let of = |wanted: &dyn Fn(usize) -> bool| -> BTreeSet<String> {
            secrets.iter().filter(|secret| wanted(letters(secret))).flat_map(|secret| forms(secret)).collect()
        };
        let (long, data) = (of(&|letters| letters >= LEAST), of(&|letters| letters >= LEAST_IN_DATA));
        let short: BTreeSet<String> = secrets.iter().filter(|secret| letters(secret) < LEAST).cloned().collect();
        self.longest = long.iter().chain(&short).map(String::len).fold(self.longest, usize::max);
        let (long, short, data) = (searcher(&long), searcher(&short), searcher(&data));
        self.groups.push(Group { secrets, long, short, data });
    }

    fn searchers<'k>(
        &'k self,
        of: impl Fn(&'k Group) -> &'k Option<AhoCorasick> + 'k,
    ) -> impl Iterator<Item = &'k AhoCorasick> {
        self.groups.iter().filter_map(move |group| of(group).as_ref())
    }

    /// `text` without the beginnings of secrets that were cut: errors show the first letters of a value.
    fn without_beginnings(&self, text: &str) -> String {
        let mut hidden = String::new();
        let mut rest = text;
        while let Some(cut) = rest.find(CUT) {
            let before = &rest[..cut];
            match self.secrets.iter().filter_map(|secret| beginning_of(secret, before)).min() {
                Some(start) => hidden.extend([&before[..start], STARS]),
                None => hidden.push_str(before),
            }
            hidden.push_str(CUT);
            rest = &rest[cut + CUT.len()..];
        }
        hidden + rest
    }
}

/// Where the beginning of `secret` starts, if `text` ends with one.
fn beginning_of(secret: &str, text: &str) -> Option<usize> {
    let (end, _) = secret.char_indices().nth(LEAST)?;
    let first = text.ceil_char_boundary(text.len().saturating_sub(secret.len()));
    let starts = text[first..].char_indices().map(|(at, _)| first + at);
    starts.take_while(|start| text.len() - start >= end).find(|start| secret.starts_with(&text[*start..]))
}

fn letters(text: &str) -> usize {
    text.chars().count()
}

fn searcher(patterns: &BTreeSet<String>) -> Option<AhoCorasick> {
    if patterns.is_empty() {
        return None;
    }
    let mut builder = AhoCorasickBuilder::new();
    // Hexadecimal digits are written in both cases, and so are passwords by whoever shouts.
    builder.ascii_case_insensitive(true);
    let built = builder.build(patterns);
    built.inspect_err(|error| tracing::error!(%error, "secrets of a run cannot be hidden")).ok()
}

fn replaced<'t, 'k>(
    text: Cow<'t, str>,
    searchers: impl Iterator<Item = &'k AhoCorasick>,
    counts: impl Fn(&str, usize, usize) -> bool,
) -> Cow<'t, str> {
    let mut found = Vec::new();
    for searcher in searchers {
        let all = searcher.find_overlapping_iter(&*text).map(|found| (found.start(), found.end()));
        found.extend(all.filter(|(start, end)| counts(&text, *start, *end)));
    }
    found.sort_unstable();
    // What overlaps is one place: the end of one secret may be the beginning of another.
    let mut places: Vec<(usize, usize)> = Vec::new();
    for (start, end) in found {
        match places.last_mut().filter(|last| start < last.1) {
            Some(last) => last.1 = last.1.max(end),
            None => places.push((start, end)),
        }
    }
    if places.is_empty() {
        return text;
    }
    let mut hidden = String::new();
    let mut done = 0;
    for (start, end) in places {
        hidden.extend([&text[done..start], STARS]);
        done = end;
    }
    hidden.push_str(&text[done..]);
    Cow::Owned(hidden)
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests;

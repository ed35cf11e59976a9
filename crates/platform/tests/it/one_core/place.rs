//! Things in a department, made and looked at by the lines of the table.

use std::{
    collections::BTreeMap,
    io::Write as _,
    sync::atomic::{AtomicI64, Ordering},
};

use serde_json::Value;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    callers::{Asked, Caller, Outcome, text},
    rows::{Kind, Line, Verb},
};

/// What the words of the table stand for.
pub(super) type Words = BTreeMap<String, String>;

/// What is said of a thing, by our names of the fields.
pub(super) type Said = BTreeMap<String, String>;

static NUMBERS: AtomicI64 = AtomicI64::new(100);

/// Adds what a new thing is called.
pub(super) fn name(words: &mut Words, kind: &str) {
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    words.insert("n".into(), number.to_string());
    words.insert("name".into(), format!("{kind}-{number}"));
    words.insert("new".into(), format!("{kind}-{number}-renamed"));
}

/// A text of the table with its words filled in; the longest name that fits counts.
pub(super) fn filled(text: &str, words: &Words) -> String {
    let mut filled = text.to_owned();
    let mut names: Vec<&String> = words.keys().collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    for name in names {
        filled = filled.replace(&format!("${name}"), &words[name]);
    }
    assert!(!filled.contains('$'), "{filled}: what is that? {words:?}");
    filled
}

/// Sends a line.
pub(super) async fn send(caller: &Caller, line: &Line, words: &Words) -> Outcome {
    let (path, body) = (filled(&line.path, words), filled(&line.body, words));
    let body: Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"));
    let file = line.part.as_deref().map(|part| {
        let bytes = if part == "package" { package() } else { b"shared".to_vec() };
        (part, words["name"].clone(), bytes)
    });
    caller.ask(Asked { side: line.side, method: &line.method, path: &path, body, file }).await
}

/// A package that runs one command.
fn package() -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("baigong.yaml", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"kind: command\nname: p\nversion: \"1.0\"\ncommand: [\"true\"]\n").unwrap();
    zip.finish().unwrap().into_inner()
}

/// What stands at a dotted path; `rows[id=7]` is the row with that id.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let mut depth = 0;
    // What is in brackets may hold dots.
    let steps = path.split(|letter| {
        depth += i32::from(letter == '[') - i32::from(letter == ']');
        letter == '.' && depth == 0
    });
    let mut value = value;
    for step in steps.filter(|step| !step.is_empty()) {
        let (name, wanted) = step.trim_end_matches(']').split_once('[').unwrap_or((step, ""));
        value = match name.parse::<usize>() {
            Ok(place) => value.get(place)?,
            Err(_) => value.get(name)?,
        };
        if let Some((key, wanted)) = wanted.split_once('=') {
            value = value.as_array()?.iter().find(|row| text(&row[key]) == wanted)?;
        }
    }
    Some(value)
}

/// What a line that reads says of the thing; nothing where it is not there.
pub(super) async fn look(caller: &Caller, line: &Line, words: &Words) -> Option<Said> {
    let found = match send(caller, line, words).await {
        Outcome::Done(found) => found,
        Outcome::Missing => return None,
        // Whether a file may be seen is asked, and no is the answer.
        Outcome::Refused(said) if said.contains("无权查看") => return None,
        other => panic!("{line:?} {words:?}: {other:?}"),
    };
    let place = filled(line.place.as_deref().unwrap_or("."), words);
    let thing = at(&found, &place)?;
    if thing["isDeleted"] == true || thing.is_null() && place != "." {
        return None;
    }
    let fields = line.fields.iter().map(|(ours, theirs, meaning)| {
        let value = at(thing, theirs).unwrap_or_else(|| panic!("{}: no {theirs} in {thing}", line.path));
        let value = if value.is_null() { String::new() } else { text(value) };
        (ours.clone(), meaning.get(&value).cloned().unwrap_or(value))
    });
    Some(fields.collect())
}

/// Makes a thing and says what it is called: its id, and its fields as `kind.field`.
pub(super) async fn make(caller: &Caller, kind: &Kind, line: &Line, place: &Words) -> Words {
    let mut words = place.clone();
    name(&mut words, &kind.name);
    if let Some(first) = kind.of(Verb::First).next() {
        words.insert("first".into(), done(send(caller, first, &words).await, first, &words));
    }
    let made = done(send(caller, line, &words).await, line, &words);
    if line.id.is_some() {
        words.insert("id".into(), made);
    } else {
        let id = by_name(caller, kind, &words).await;
        words.insert("id".into(), id);
    }
    for then in kind.of(Verb::Then) {
        done(send(caller, then, &words).await, then, &words);
    }
    words
}

/// The id in the answer of a line that must succeed.
pub(super) fn done(outcome: Outcome, line: &Line, words: &Words) -> String {
    let Outcome::Done(answer) = outcome else { panic!("{line:?} {words:?}: {outcome:?}") };
    let id = line.id.as_deref().and_then(|path| at(&answer, path)).map(text);
    assert_eq!(id.is_some(), line.id.is_some(), "{line:?}: no id in {answer}");
    id.unwrap_or_default()
}

/// The id of the thing with this name, from the first list of its kind.
async fn by_name(caller: &Caller, kind: &Kind, words: &Words) -> String {
    let list = kind.of(Verb::Read).find(|line| line.place.as_deref().is_some_and(|it| it.ends_with("=$id]"))).unwrap();
    let place = list.place.as_deref().unwrap();
    let (rows, key) = place.trim_end_matches("=$id]").rsplit_once('[').unwrap();
    let Outcome::Done(found) = send(caller, list, words).await else { panic!("{list:?}") };
    let name = &list.fields.iter().find(|(ours, ..)| ours == "name").unwrap().1;
    let rows = at(&found, &filled(rows, words)).and_then(Value::as_array).unwrap();
    let row = rows.iter().find(|row| at(row, name).is_some_and(|it| text(it) == words["name"]));
    text(&row.unwrap_or_else(|| panic!("no {} in {found}", words["name"]))[key])
}

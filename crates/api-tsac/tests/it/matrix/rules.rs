//! The permission matrix as it is checked in: one row per operation, reviewed like code. From it the tests work out what
//! every kind of caller must be answered.

use std::{collections::BTreeMap, fs, path::PathBuf};

use baigong_api_kit::{Access, Operation, Shape};
use baigong_api_tsac::{Tsac, table};

const HEAD: &str = "\
# Who may do what to whose things. One row per operation of the table: operation | permissions | objects.
#
# Permissions: open (nobody need sign in), known (every signed-in user), or the permissions needed, joined with +.
# Objects: what each id of the request must be for the caller, else the thing does not exist (404):
#   department  a department that the data scope covers       object  a row of such a department, or one's own where the scope is self
#   below       a department below one that it covers
#   employee    the same, where everybody is their own        shared  belongs to no department
#   own         belongs to the caller alone                   a ? behind it: the test's good body leaves this id out
# list:rows/id (and :rule where it is not the id's usual one): the answer's rows, each with that id, are exactly those that the caller sees; list:- there is nothing to list.
#
# New rows: UPDATE=1 cargo test -p baigong-api-tsac --test it matrix; then review them, the guess may be wrong.
";

/// What an id of a request must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    Department,
    Below,
    Object,
    Employee,
    Shared,
    Own,
}

/// One row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// `open`, `known`, or the permissions.
    pub(crate) permissions: Vec<String>,
    /// The ids of the request.
    pub(crate) objects: Vec<(String, Rule)>,
    /// Those of them that the good body leaves out.
    pub(crate) left_out: Vec<String>,
    /// The answer's rows and their id.
    pub(crate) list: Option<(String, String, Rule)>,
}

impl Row {
    /// The permissions to be held; none where none is needed.
    pub(crate) fn needs(&self) -> &[String] {
        match self.permissions.first().map(String::as_str) {
            Some("open" | "known") | None => &[],
            Some(_) => &self.permissions,
        }
    }

    /// The rule of a field of the request.
    pub(crate) fn rule(&self, field: &str) -> Option<Rule> {
        self.objects.iter().find(|(name, _)| name == field).map(|(_, rule)| *rule)
    }
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/contract/permission-matrix.txt")
}

/// The operation as the file names it.
pub(crate) fn name(operation: &Operation<Tsac>) -> String {
    match operation.path.strip_prefix("/api/platform/") {
        Some(short) if operation.method == "POST" => short.to_owned(),
        _ => format!("{} {}", operation.method, operation.path),
    }
}

/// The rows by the operation's name, after they were held against the table.
pub(crate) fn rows() -> BTreeMap<String, Row> {
    let text = fs::read_to_string(file()).unwrap_or_default();
    let mut lines: BTreeMap<&str, &str> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, rest) = line.split_once('|').unwrap_or_else(|| panic!("no | in \"{line}\""));
        assert!(lines.insert(name.trim(), rest.trim()).is_none(), "{name} has two rows");
    }
    let table = table();
    if std::env::var_os("UPDATE").is_some() {
        let written = table.operations().map(|it| {
            let name = name(it);
            let rest = lines.get(&*name).map_or_else(|| guess(it), |rest| (*rest).to_owned());
            format!("{name} | {rest}").trim_end().to_owned() + "\n"
        });
        fs::write(file(), HEAD.to_owned() + "\n" + &written.collect::<String>()).unwrap();
        return table.operations().map(|it| (name(it), parse(it, &guess_or(&lines, it)))).collect();
    }
    let rows: BTreeMap<String, Row> = table
        .operations()
        .map(|it| {
            let name = name(it);
            let rest = lines.get(&*name).unwrap_or_else(|| {
                panic!(
                    "{name} has no row in tests/contract/permission-matrix.txt: write one with UPDATE=1 and review it"
                )
            });
            (name, parse(it, rest))
        })
        .collect();
    for name in lines.keys() {
        assert!(rows.contains_key(*name), "{name} is in permission-matrix.txt but not in the table");
    }
    rows
}

fn guess_or(lines: &BTreeMap<&str, &str>, operation: &Operation<Tsac>) -> String {
    lines.get(&*name(operation)).map_or_else(|| guess(operation), |rest| (*rest).to_owned())
}

/// A row and whether it says what the table does.
fn parse(operation: &Operation<Tsac>, rest: &str) -> Row {
    let name = name(operation);
    let (permissions, objects) = rest.split_once('|').unwrap_or((rest, ""));
    let mut row =
        Row { permissions: permissions.split('+').map(|it| it.trim().to_owned()).collect(), ..Row::default() };
    let mut unchecked = false;
    for word in objects.split_whitespace() {
        let (field, rule) = word.split_once(':').unwrap_or_else(|| panic!("{name}: {word} is no field:rule"));
        if field == "list" {
            if rule == "-" {
                unchecked = true;
                continue;
            }
            let (array, id) = rule.split_once('/').unwrap_or_else(|| panic!("{name}: {word} is no list:rows/id"));
            let (id, rule) = id.split_once(':').unwrap_or((id, usual_rule(id)));
            row.list = Some((array.to_owned(), id.to_owned(), rule_of(&name, rule)));
            continue;
        }
        if rule.ends_with('?') {
            row.left_out.push(field.to_owned());
        }
        let rule = rule_of(&name, rule.trim_end_matches('?'));
        row.objects.push((field.to_owned(), rule));
    }
    assert_eq!(row.permissions[0], access(operation), "{name}: the first permission must be the table's");
    for (field, _) in ids(operation) {
        assert!(row.rule(&field).is_some(), "{name}: what must {field} be? Say so in permission-matrix.txt");
    }
    for (field, _) in &row.objects {
        assert!(operation.shape.object_fields().iter().any(|it| it.name == *field), "{name} has no field {field}");
    }
    assert!(
        row.list.is_some()
            || unchecked
            || !name.ends_with("/list")
            || ids(operation).iter().any(|(_, is_required)| *is_required),
        "{name}: say which rows it lists"
    );
    row
}

fn rule_of(name: &str, word: &str) -> Rule {
    match word {
        "department" => Rule::Department,
        "below" => Rule::Below,
        "object" => Rule::Object,
        "employee" => Rule::Employee,
        "shared" => Rule::Shared,
        "own" => Rule::Own,
        other => panic!("{name}: {other} is no rule"),
    }
}

/// What an id of this name is, where nothing else is said.
fn usual_rule(id: &str) -> &'static str {
    match id {
        "depId" | "depIds" => "department",
        "employeeId" => "employee",
        "machineId" | "roleId" | "calendarId" => "shared",
        _ => "object",
    }
}

fn access(operation: &Operation<Tsac>) -> String {
    match operation.access {
        Access::Open => "open".to_owned(),
        Access::Known => "known".to_owned(),
        Access::With(permission) => permission.to_string(),
    }
}

/// The fields that hold ids, and whether they are required.
fn ids(operation: &Operation<Tsac>) -> Vec<(String, bool)> {
    let is_id = |shape: &Shape| match shape {
        Shape::Integer { .. } => true,
        Shape::Array(item) => matches!(**item, Shape::Integer { .. }),
        _ => false,
    };
    let fields = operation.shape.object_fields().iter();
    let ids = fields.filter(|it| (it.name.ends_with("Id") || it.name.ends_with("Ids")) && is_id(&it.shape));
    ids.map(|it| (it.name.clone(), it.is_required)).collect()
}

/// What the row of a new operation may be.
fn guess(operation: &Operation<Tsac>) -> String {
    let ids = ids(operation);
    let mut objects: Vec<String> = ids.iter().map(|(field, _)| format!("{field}:{}", usual_rule(field))).collect();
    let parts: Vec<&str> = operation.path.rsplit('/').collect();
    if parts[0] == "list" && ids.iter().all(|(_, is_required)| !is_required) {
        let mut words = parts[1].split('-');
        let first = words.next().unwrap_or_default().to_owned();
        let camel = words.fold(first, |text, word| text + &word[..1].to_uppercase() + &word[1..]);
        objects.push(format!("list:{camel}s/{camel}Id"));
    }
    format!("{} | {}", access(operation), objects.join(" "))
}

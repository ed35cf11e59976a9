//! The table of kinds and interfaces as it is checked in: read, and held against the tables of the interfaces.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::LazyLock,
};

use baigong_api_kit::{Access, Dialect, Table};

use crate::credentials::Side;

/// What a line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verb {
    First,
    Make,
    Put,
    Then,
    Read,
    Glance,
    Change,
    Use,
    Held,
    End,
    Remove,
}

/// Whose a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Object,
    Employee,
    Shared,
    Below,
}

/// One line: a request and where the thing stands in the answer.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) verb: Verb,
    pub(super) side: Side,
    pub(super) permission: String,
    /// Whose what it names is, where it is not the kind's.
    pub(super) whose: Option<Whose>,
    /// Marked as asking for another permission than the same verb elsewhere.
    is_other: bool,
    pub(super) method: String,
    /// The part of the file, of an upload; empty where the upload brings none.
    pub(super) part: Option<String>,
    pub(super) path: String,
    pub(super) body: String,
    /// Where its id stands in the answer.
    pub(super) id: Option<String>,
    /// Where it stands itself.
    pub(super) place: Option<String>,
    /// Ours, theirs, and which of their words mean which of ours.
    pub(super) fields: Vec<(String, String, BTreeMap<String, String>)>,
}

/// A kind of thing.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: String,
    pub(super) whose: Whose,
    pub(super) by_admin: bool,
    pub(super) lines: Vec<Line>,
}

impl Kind {
    pub(super) fn of(&self, verb: Verb) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.verb == verb)
    }
}

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/one-core.txt");
    std::fs::read_to_string(&file).unwrap()
});

impl Side {
    fn named(word: &str) -> Self {
        match word {
            "tsac" => Self::Tsac,
            "oapi" => Self::Oapi,
            "apicenter" => Self::ApiCenter,
            "km" => Self::Km,
            "console" => Self::Console,
            other => panic!("{other} is no interface"),
        }
    }

    /// The whole path of what a line writes in short.
    pub(crate) fn whole(self, path: &str) -> String {
        let prefix = match self {
            Self::Tsac => "/api/platform/",
            Self::Oapi => "/oapi/v1/",
            Self::ApiCenter => "/api/apicenter/api/",
            Self::Km => "/api/v1/",
            Self::Console => "/api/console/",
        };
        if path.starts_with('/') { path.to_owned() } else { format!("{prefix}{path}") }
    }
}

fn whose(word: &str) -> Whose {
    match word.trim_matches(['(', ')']) {
        "object" => Whose::Object,
        "employee" => Whose::Employee,
        "shared" => Whose::Shared,
        "below" => Whose::Below,
        other => panic!("{other}: whose is that?"),
    }
}

fn verb(word: &str) -> Verb {
    match word {
        "first" => Verb::First,
        "make" => Verb::Make,
        "put" => Verb::Put,
        "then" => Verb::Then,
        "read" => Verb::Read,
        "glance" => Verb::Glance,
        "change" => Verb::Change,
        "use" => Verb::Use,
        "held" => Verb::Held,
        "end" => Verb::End,
        "remove" => Verb::Remove,
        other => panic!("{other} is no verb"),
    }
}

/// `ours=theirs{word:ours,word:ours}`.
fn field(text: &str) -> (String, String, BTreeMap<String, String>) {
    let (ours, theirs) = text.split_once('=').unwrap_or_else(|| panic!("{text} is no ours=theirs"));
    let (theirs, words) = theirs.trim_end_matches('}').split_once('{').unwrap_or((theirs, ""));
    let words = words.split(',').filter_map(|it| it.split_once(':'));
    (ours.to_owned(), theirs.to_owned(), words.map(|(a, b)| (a.to_owned(), b.to_owned())).collect())
}

fn line(text: &str) -> Line {
    let (request, answer) = text.split_once(" -> ").unwrap_or((text, ""));
    let (request, id) = request.split_once(" => ").map_or((request, None), |(request, id)| (request, Some(id)));
    let (head, body) = request.split_at(request.find([' ', '\t']).map_or(0, |_| body_at(request)));
    let mut words = head.split_whitespace();
    let mut next = || words.next().unwrap_or_else(|| panic!("{text} lacks a word"));
    let (verb, side, permission) = (verb(next()), Side::named(next()), next().to_owned());
    let (mut of, mut is_other, mut method) = (None, false, next());
    while method.starts_with('(') || method == "*" {
        if method == "*" {
            is_other = true;
        } else {
            of = Some(whose(method));
        }
        method = next();
    }
    let (method, part) =
        method.split_once('^').map_or((method, None), |(method, part)| (method, Some(part.to_owned())));
    let (method, path) = (method.to_owned(), side.whole(next()));
    let mut answer = answer.split_whitespace();
    Line {
        verb,
        side,
        permission,
        whose: of,
        is_other,
        method,
        part,
        path,
        body: body.trim().to_owned(),
        id: id.map(|it| it.trim().to_owned()),
        place: answer.next().map(str::to_owned),
        fields: answer.map(field).collect(),
    }
}

/// Where the JSON body of a request begins.
fn body_at(request: &str) -> usize {
    let begins = |mark: &str| request.find(mark).map(|at| at + 1);
    [begins(" {"), begins(" [")].into_iter().flatten().min().unwrap_or(request.len())
}

/// The kinds, in an order in which each finds what it is made of.
pub(super) fn kinds() -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    let text = TEXT.split("\napart:").next().unwrap_or_default();
    for text in text.lines().filter(|it| !it.starts_with('#') && !it.trim().is_empty()) {
        if text.starts_with("  ") {
            kinds.last_mut().unwrap_or_else(|| panic!("{text}: of what kind?")).lines.push(line(text));
        } else {
            let mut words = text.split_whitespace();
            let (name, of) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let by_admin = words.next() == Some("by");
            kinds.push(Kind { name: name.to_owned(), whose: whose(of), by_admin, lines: Vec::new() });
        }
    }
    kinds
}

/// Operations that are apart: `METHOD path`.
fn apart() -> BTreeSet<String> {
    let apart = TEXT.split("\napart:").skip(1).flat_map(|part| part.lines().skip(1));
    let apart = apart.filter(|it| !it.trim().is_empty()).map(|it| {
        let words: Vec<&str> = it.split_whitespace().collect();
        format!("{} {}", words[1], Side::named(words[0]).whole(words[2]))
    });
    apart.collect()
}

/// Whether a path is one of the operation's: `{id}` stands for anything.
fn is_of(operation: &str, path: &str) -> bool {
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), operation.split('/').collect());
    ours.len() == theirs.len()
        && ours
            .iter()
            .zip(&theirs)
            .all(|(ours, theirs)| ours == theirs || theirs.starts_with('{') && ours.starts_with('$'))
}

/// Holds the lines of an interface against its operations; whether each needs a line.
fn check<D: Dialect>(side: Side, table: &Table<D>, each_needs_one: bool) {
    let (kinds, apart) = (kinds(), apart());
    let lines: Vec<&Line> = kinds.iter().flat_map(|kind| &kind.lines).filter(|line| line.side == side).collect();
    for line in &lines {
        let found = table.operations().find(|it| it.method.as_str() == line.method && is_of(it.path, &line.path));
        let operation = found.unwrap_or_else(|| panic!("one-core.txt: {} {} is no operation", line.method, line.path));
        let Access::With(permission) = operation.access else { panic!("{}: {:?}", line.path, operation.access) };
        assert_eq!(line.permission, permission.as_str(), "one-core.txt: what {} {} asks for", line.method, line.path);
    }
    for operation in table.operations().filter(|_| each_needs_one) {
        let (method, path) = (operation.method.as_str(), operation.path);
        let has = lines.iter().any(|line| line.method == method && is_of(path, &line.path))
            || apart.contains(&format!("{method} {path}"));
        assert!(has, "{method} {path} needs a line in tests/contract/one-core.txt: whose things is it about?");
    }
}

#[test]
fn every_operation_has_a_line_and_asks_for_what_the_line_says() {
    check(Side::Tsac, &baigong_api_tsac::table(), false);
    check(Side::Oapi, &baigong_api_oapi::table(), true);
    check(Side::ApiCenter, &baigong_api_apicenter::table(), true);
    check(Side::Km, &baigong_api_km::table(), true);
    check(Side::Console, &baigong_api_console::table(), true);
}

#[test]
fn the_same_thing_asks_for_the_same_permission_everywhere() {
    for kind in kinds() {
        for verb in [Verb::Make, Verb::Read, Verb::Change, Verb::Remove] {
            let asked: BTreeSet<&str> =
                kind.of(verb).filter(|line| !line.is_other).map(|line| line.permission.as_str()).collect();
            assert!(asked.len() < 2, "{}: to {verb:?} it asks for {asked:?}; mark with * what is meant so", kind.name);
        }
    }
}

//! The mechanical rules of style and layout. Each rule is a function from the sources to findings; each finding names the
//! place, and each rule its reason and its remedy. A new rule gets a line in `RULES` and a sample that must fail.

mod backend;
mod code;
mod edges;
mod heads;
mod length;
mod links;
mod places;
mod source;
mod words;

use std::io::Write;

use anyhow::Result;

use source::Source;

/// Something that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    /// The file, with the line where that helps: `crates/core/src/tasks.rs:12`.
    place: String,
    /// What stands there.
    what: String,
}

impl Finding {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

/// One rule over the sources.
struct Rule {
    name: &'static str,
    reason: &'static str,
    remedy: &'static str,
    check: fn(&[Source]) -> Vec<Finding>,
}

const RULES: &[Rule] = &[
    Rule {
        name: "file length",
        reason: "files that need scrolling tire their readers: no source file has more than 600 lines, tests apart",
        remedy: "move one topic into a file of its own, or tests into `tests.rs` beside the file",
        check: length::check,
    },
    Rule {
        name: "file head",
        reason: "a reader must learn from the first line what a file is for and what it must not know",
        remedy: "start the file with `//!` and one or two full sentences",
        check: heads::check,
    },
    Rule {
        name: "backend branches",
        reason: "one code path serves SQLite and PostgreSQL; the difference lives in store's connect, write and claim",
        remedy: "write plain SQL through the query builder, or move the branch into one of those files",
        check: backend::check,
    },
    Rule {
        name: "forbidden words",
        reason: "exceptions are `#[expect(lint, reason)]`, tests all run, work is finished before it lands, no `unsafe`",
        remedy: "use #[expect(.., reason = \"..\")], finish or remove the unfinished part, make the test runnable",
        check: words::check,
    },
    Rule {
        name: "places",
        reason: "the tree must build anywhere: no folder of one machine and no registry's host may stand in it",
        remedy: "use a path inside the repository, a temporary folder or a name the reader sets",
        check: places::check,
    },
    Rule {
        name: "lints",
        reason: "a crate that does not inherit the workspace's lints escapes every ban of clippy.toml",
        remedy: "add `[lints]` with `workspace = true` to its Cargo.toml",
        check: heads::check_lints,
    },
    Rule {
        name: "paths in documents",
        reason: "a map that names files which are gone misleads its readers",
        remedy: "name the file that took its place, or take the sentence out",
        check: links::check,
    },
];

/// Runs every rule over the tree and prints what it finds; `false` when something was found.
pub(crate) fn run(out: &mut impl Write) -> Result<bool> {
    let sources = source::load()?;
    let mut clean = true;
    for rule in RULES {
        clean &= report(out, rule.name, rule.reason, rule.remedy, &(rule.check)(&sources))?;
    }
    clean &= report(out, "crate edges", edges::REASON, edges::REMEDY, &edges::check(&edges::load()?))?;
    writeln!(out, "{}", length::summary(&sources))?;
    if clean {
        writeln!(out, "tidy: {} rules, nothing found", RULES.len() + 1)?;
    }
    Ok(clean)
}

fn report(out: &mut impl Write, name: &str, reason: &str, remedy: &str, findings: &[Finding]) -> Result<bool> {
    if findings.is_empty() {
        return Ok(true);
    }
    writeln!(out, "tidy: {name}: {} found", findings.len())?;
    for finding in findings {
        writeln!(out, "  {}: {}", finding.place, finding.what)?;
    }
    writeln!(out, "  why: {reason}\n  remedy: {remedy}\n")?;
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_finds_the_fault_in_a_bad_sample() {
        let long = format!("//! Head.\n{}", "fn f() {}\n".repeat(600));
        let work_folder = ["/wo", "rk/x"].concat();
        let bad: [(&str, &str, String); 7] = [
            ("file length", "crates/core/src/a.rs", long),
            ("file head", "crates/core/src/a.rs", "fn main() {}\n".into()),
            ("backend branches", "crates/core/src/a.rs", "//! H.\nmatch b { DbBackend::Sqlite => 1 }\n".into()),
            ("forbidden words", "crates/core/src/a.rs", "//! H.\nfn f() { todo!() }\n".into()),
            ("places", "docs/a.md", format!("see {work_folder}\n")),
            ("lints", "crates/core/Cargo.toml", "[package]\nname = \"x\"\n".into()),
            ("paths in documents", "README.md", "see `crates/core/src/gone.rs`\n".into()),
        ];
        assert_eq!(bad.len(), RULES.len(), "a new rule needs a bad sample here");
        for (rule, (name, path, text)) in RULES.iter().zip(bad) {
            assert_eq!(rule.name, name);
            let findings = (rule.check)(&[Source::new(path, text)]);
            assert_eq!(findings.len(), 1, "{name} should find one fault: {findings:?}");
        }
    }

    #[test]
    fn a_report_says_where_why_and_what_to_do() {
        let mut out = Vec::new();
        let clean = report(&mut out, "n", "because", "do this", &[Finding::new("a.rs:3", "bad")]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!clean);
        for part in ["a.rs:3: bad", "why: because", "remedy: do this"] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}

//! Paths that documents name: each must exist, or the map has gone stale.

use std::collections::BTreeSet;

use super::Finding;
use super::source::Source;

/// The folders whose paths are checked.
const ROOTS: [&str; 5] = ["crates/", "docs/", "examples/", "xtask/", "scripts/"];

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let known: BTreeSet<&str> = sources.iter().map(|source| source.path.as_str()).collect();
    let documents = sources.iter().filter(|source| source.path.ends_with(".md"));
    documents.flat_map(|document| check_document(document, &known)).collect()
}

fn check_document(document: &Source, known: &BTreeSet<&str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in document.text.lines().enumerate() {
        for path in line.split('`').skip(1).step_by(2).filter(|text| is_path(text)) {
            let path = path.trim_end_matches('/');
            let below = format!("{path}/");
            let exists =
                known.contains(path) || known.range(below.as_str()..).next().is_some_and(|p| p.starts_with(&below));
            if !exists {
                findings
                    .push(Finding::new(format!("{}:{}", document.path, number + 1), format!("`{path}` is not there")));
            }
        }
    }
    findings
}

/// Whether `text` is meant as one path; patterns such as `crates/*/src` are not.
fn is_path(text: &str) -> bool {
    ROOTS.iter().any(|root| text.starts_with(root)) && !text.contains(['*', '{', ' ', '…', 'N'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_gone_is_found_and_files_folders_and_patterns_are_not() {
        let document = Source::new("docs/a.md", "`crates/a/src/b.rs` `crates/a/src/` `crates/*/src` `docs/gone.md`\n");
        let sources = [document, Source::new("crates/a/src/b.rs", "//! B.\n")];
        assert_eq!(check(&sources), [Finding::new("docs/a.md:1", "`docs/gone.md` is not there")]);
    }
}

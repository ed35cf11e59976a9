//! What every file and every crate starts with: a `//!` head, and the workspace's lints.

use super::Finding;
use super::source::Source;

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let without = sources.iter().filter(|source| source.is_rust() && !starts_with_head(source));
    without.map(|source| Finding::new(&source.path, "no `//!` head with a full sentence")).collect()
}

fn starts_with_head(source: &Source) -> bool {
    let first = source.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    first.strip_prefix("//!").is_some_and(|sentence| sentence.trim().len() > 4 || sentence.contains('.'))
}

pub(super) fn check_lints(sources: &[Source]) -> Vec<Finding> {
    let manifests = sources.iter().filter(|source| source.path.ends_with("/Cargo.toml"));
    let without = manifests.filter(|source| !source.text.contains("[lints]\nworkspace = true"));
    without.map(|source| Finding::new(&source.path, "does not inherit the workspace's lints")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_head_is_none() {
        let bad = check(&[Source::new("a.rs", "//!\nfn f() {}\n"), Source::new("b.rs", "\n//! What it is for.\n")]);
        assert_eq!(bad.len(), 1);
        assert_eq!(bad[0].place, "a.rs");
    }
}

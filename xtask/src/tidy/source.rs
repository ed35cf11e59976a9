//! The files of the tree as the rules see them: path, text, and the same text without comments and strings.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::code::code_only;

/// One file of the tree.
pub(super) struct Source {
    /// The path from the root of the repository, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

impl Source {
    pub(super) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// Whether it is Rust.
    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether the whole file is tests: `tests.rs`, a file under `tests/`, or one of a `tests` module.
    pub(super) fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// The Rust code outside tests, with comments and the contents of strings blanked; the lines keep their numbers.
    pub(super) fn code(&self) -> String {
        if self.is_test() {
            return String::new();
        }
        code_only(&self.text[..self.length_without_tests()])
    }

    /// All the Rust code, tests too, with comments and the contents of strings blanked.
    pub(super) fn code_with_tests(&self) -> String {
        code_only(&self.text)
    }

    /// The lines that count towards the length of the file.
    pub(super) fn lines_without_tests(&self) -> usize {
        if self.is_test() { 0 } else { self.text[..self.length_without_tests()].lines().count() }
    }

    /// Where the inline test module begins, which closes the file by custom.
    fn length_without_tests(&self) -> usize {
        let inline = self.text.match_indices("#[cfg(test)]\nmod ").find(|(start, _)| {
            let line = self.text[start + "#[cfg(test)]\n".len()..].lines().next().unwrap_or_default();
            line.ends_with('{')
        });
        inline.map_or(self.text.len(), |(start, _)| start)
    }
}

/// Every text file that git knows or would add, in the order of their paths.
pub(super) fn load() -> Result<Vec<Source>> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("git ls-files: is git installed?")?;
    ensure!(listed.status.success(), "git ls-files failed: {}", String::from_utf8_lossy(&listed.stderr).trim());
    let mut sources = Vec::new();
    for path in String::from_utf8(listed.stdout).context("a file name is not UTF-8")?.split_terminator('\0') {
        // A file deleted but not yet committed is listed too; binary files have no lines to check.
        if let Ok(text) = std::fs::read_to_string(format!("{root}/{path}")) {
            sources.push(Source::new(path, text));
        }
    }
    ensure!(sources.len() > 10, "git lists only {} text files: run this inside the repository", sources.len());
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inline_test_module_does_not_count() {
        let source =
            Source::new("crates/a/src/a.rs", "//! H.\nfn f() {}\n#[cfg(test)]\nmod tests {\n    fn g() {}\n}\n");
        assert_eq!(source.lines_without_tests(), 2);
        assert!(!source.code().contains('g'));
        assert!(source.code_with_tests().contains('g'));
    }

    #[test]
    fn a_test_module_in_its_own_file_leaves_the_rest_counting() {
        let source = Source::new("crates/a/src/a.rs", "#[cfg(test)]\nmod tests;\nfn f() {}\n");
        assert_eq!(source.lines_without_tests(), 3);
    }
}

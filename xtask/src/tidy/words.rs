//! Words that must not stand in code: exceptions without a reason, unfinished work, tests that do not run.

use super::Finding;
use super::source::Source;

const FORBIDDEN: &[&str] = &["#[allow", "#![allow", "#[ignore", "todo!", "unimplemented!", "unsafe"];

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let rust = sources.iter().filter(|source| source.is_rust());
    rust.flat_map(|source| find_words(&source.path, &source.code_with_tests(), FORBIDDEN)).collect()
}

/// Every place in `code` where one of `words` stands as a word of its own.
pub(super) fn find_words(path: &str, code: &str, words: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in code.lines().enumerate() {
        for word in words {
            if stands_alone(line, word) {
                findings.push(Finding::new(format!("{path}:{}", number + 1), format!("`{word}`")));
            }
        }
    }
    findings
}

fn stands_alone(line: &str, word: &str) -> bool {
    let is_part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back().is_some_and(is_part_of_name);
        let after = line[start + word.len()..].chars().next().is_some_and(is_part_of_name);
        !before && !after
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        check(&[Source::new("a.rs", text)]).len()
    }

    #[test]
    fn each_word_is_found_in_code_and_not_in_prose() {
        for word in ["#[allow(dead_code)]", "#![allow(x)]", "#[ignore]", "todo!()", "unimplemented!()", "unsafe {}"] {
            assert_eq!(found(&format!("//! H.\n{word}\n")), 1, "{word}");
            assert_eq!(found(&format!("//! H.\n// {word}\nlet a = \"{}\";\n", word.replace('"', ""))), 0, "{word}");
        }
        assert_eq!(found("//! H.\n#![forbid(unsafe_code)]\n"), 0);
    }
}

//! File length: none over 600 lines, tests apart. Functions are clippy's (`too_many_lines`, 80).

use super::Finding;
use super::source::Source;

const LIMIT: usize = 600;

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let too_long = sources.iter().filter(|source| source.is_rust() && source.lines_without_tests() > LIMIT);
    too_long.map(|source| Finding::new(&source.path, format!("{} lines", source.lines_without_tests()))).collect()
}

/// One line with the count, median, p90 and longest, to see where the tree is going.
pub(super) fn summary(sources: &[Source]) -> String {
    let counted = sources.iter().filter(|source| source.is_rust() && !source.is_test());
    let mut lines: Vec<(usize, &str)> = counted.map(|s| (s.lines_without_tests(), s.path.as_str())).collect();
    lines.sort_unstable();
    let Some((longest, path)) = lines.last() else { return "no Rust files".into() };
    let (median, p90) = (lines[lines.len() / 2].0, lines[lines.len() * 9 / 10].0);
    format!("{} Rust files without tests: median {median} lines, p90 {p90}, longest {longest} ({path})", lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_hundred_lines_are_fine_and_one_more_is_not() {
        let of = |lines: usize| vec![Source::new("a/src/a.rs", "x\n".repeat(lines))];
        assert_eq!(check(&of(600)), []);
        assert_eq!(check(&of(601)), [Finding::new("a/src/a.rs", "601 lines")]);
    }

    #[test]
    fn the_summary_gives_median_and_longest() {
        let sources: Vec<Source> = [1, 2, 9].iter().map(|n| Source::new(format!("{n}.rs"), "x\n".repeat(*n))).collect();
        assert_eq!(summary(&sources), "3 Rust files without tests: median 2 lines, p90 9, longest 9 (9.rs)");
    }
}

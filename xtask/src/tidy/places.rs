//! Folders of one machine and hosts of registries: they would make the tree depend on where it was written.

use super::Finding;
use super::source::Source;

/// Each word is written in two parts, so that this file does not find itself.
const PLACES: &[[&str; 2]] = &[
    ["/wo", "rk/"],
    ["/ro", "ot/"],
    ["/ho", "me/"],
    ["index.", "crates.io"],
    ["static.", "crates.io"],
    ["registry.", "npmjs"],
    ["npm", "mirror"],
    ["py", "pi.org"],
    ["pythonhosted", ".org"],
    ["deb.", "debian.org"],
    ["security.", "debian.org"],
    ["proxy.", "golang.org"],
    ["rs", "proxy.cn"],
];

/// Anna is the user of the examples in messages.
const ANNA: &str = concat!("/ho", "me/anna/");

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    // Cargo.lock names the registry by its format; the name is the same on every machine.
    sources.iter().filter(|source| source.path != "Cargo.lock").flat_map(check_file).collect()
}

fn check_file(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        // The one home that examples for users may name.
        let line = line.replace(ANNA, "");
        for place in PLACES.iter().map(|parts| parts.concat()) {
            if line.contains(&place) {
                findings.push(Finding::new(format!("{}:{}", source.path, number + 1), format!("`{place}`")));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found_with_its_line() {
        for place in PLACES.iter().map(|parts| parts.concat()) {
            let findings = check(&[Source::new("docs/a.md", format!("one\nsee {place}x\n"))]);
            assert_eq!(findings, [Finding::new("docs/a.md:2", format!("`{place}`"))]);
        }
    }
}

//! "Did you mean …": the known name that is nearest to a misspelt one. Knows nothing of where the names come from.

/// The candidate that `name` most likely stands for; `None` when nothing is near.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let allowed = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many slips of the pen lie between two names; the last word of a dotted name counts by itself, so that
/// `readRange` finds `excel.readRange`.
fn distance(wanted: &str, candidate: &str) -> usize {
    let whole = strsim::damerau_levenshtein(wanted, candidate);
    match (wanted.contains('.'), candidate.rsplit_once('.')) {
        (false, Some((_, last))) => whole.min(strsim::damerau_levenshtein(wanted, last)),
        _ => whole,
    }
}

/// A remedy that names the nearest candidate, or else lists what there is.
pub(crate) fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>, kinds: &str) -> String {
    let mut candidates: Vec<&str> = candidates.into_iter().collect();
    candidates.sort_unstable();
    candidates.dedup();
    if let Some(nearest) = nearest(name, candidates.iter().copied()) {
        return format!("did you mean \"{nearest}\"?");
    }
    match candidates.len() {
        0 => format!("there are no {kinds} here"),
        count if count <= 12 => format!("the {kinds} are: {}", candidates.join(", ")),
        count => format!("the {kinds} are: {} and {} more", candidates[..12].join(", "), count - 12),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_its_word() {
        let names = ["excel.readRange", "excel.writeRange", "csv.read", "table.diff"];
        assert_eq!(nearest("excel.readRnage", names), Some("excel.readRange"));
        assert_eq!(nearest("readRange", names), Some("excel.readRange"));
        assert_eq!(nearest("CSV.READ", names), Some("csv.read"));
        assert_eq!(nearest("http.request", names), None);
    }

    #[test]
    fn without_a_near_word_the_words_are_listed() {
        assert_eq!(did_you_mean("zzz", ["b", "a"], "variables"), "the variables are: a, b");
        assert_eq!(did_you_mean("zzz", [], "variables"), "there are no variables here");
    }
}

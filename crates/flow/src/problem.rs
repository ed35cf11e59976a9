//! What is wrong with a flow, found without running it: every problem with its place and its remedy.

use std::fmt;

/// A place in a flow document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Place {
    /// The document, relative to the package's folder: "main.flow.yaml".
    pub file: String,
    /// The line, from 1; 0 when the whole file is meant.
    pub line: u64,
    /// The column, from 1; 0 when the whole file is meant.
    pub column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.file),
            line => write!(f, "{}, line {line}, column {}", self.file, self.column),
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// The id of the step it is in, if it is in one.
    pub step: Option<String>,
    /// The way to it inside the document: "steps › readCustodian › with › file".
    pub path: String,
    /// What is wrong.
    pub cause: String,
    /// What to do about it.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.place)?;
        if let Some(step) = &self.step {
            write!(f, ", step \"{step}\"")?;
        }
        if !self.path.is_empty() {
            write!(f, " ({})", self.path)?;
        }
        write!(f, ": {}", self.cause)?;
        match self.remedy.is_empty() {
            true => Ok(()),
            false => write!(f, " — {}", self.remedy),
        }
    }
}

/// The most problems that are listed; the rest is counted only.
const MOST_LISTED: usize = 200;

/// All problems of a set of flows, in the order of the documents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems {
    list: Vec<Problem>,
    left_out: usize,
}

impl Problems {
    /// No problems yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        if self.list.len() < MOST_LISTED { self.list.push(problem) } else { self.left_out += 1 }
    }

    /// Adds those of another set.
    pub fn extend(&mut self, others: Self) {
        self.left_out += others.left_out;
        others.list.into_iter().for_each(|problem| self.push(problem));
    }

    /// Whether all is well.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are, those not listed included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len() + self.left_out
    }

    /// The problems that are listed.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter()
    }

    /// Puts them in the order of the documents.
    pub(crate) fn sort(&mut self) {
        self.list.sort();
        self.list.dedup();
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.list.iter().enumerate() {
            let end = if number + 1 == self.list.len() { "" } else { "\n" };
            write!(f, "{problem}{end}")?;
        }
        match self.left_out {
            0 => Ok(()),
            more => write!(f, "\n… and {more} more"),
        }
    }
}

impl std::error::Error for Problems {}

/// Where a reader or a checker stands in a document: turns a cause and a remedy into a [`Problem`].
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    pub(crate) place: Place,
    pub(crate) step: Option<String>,
    pub(crate) path: String,
}

impl Spot {
    /// The whole of a file.
    pub(crate) fn file(file: &str) -> Self {
        Self { place: Place { file: file.to_owned(), line: 0, column: 0 }, step: None, path: String::new() }
    }

    /// One word further down, at another line and column.
    pub(crate) fn down(&self, word: &str, line: u64, column: u64) -> Self {
        let path = if self.path.is_empty() { word.to_owned() } else { format!("{} › {word}", self.path) };
        Self { place: Place { file: self.place.file.clone(), line, column }, step: self.step.clone(), path }
    }

    /// The problem found here.
    pub(crate) fn problem(&self, cause: impl Into<String>, remedy: impl Into<String>) -> Problem {
        Problem {
            place: self.place.clone(),
            step: self.step.clone(),
            path: self.path.clone(),
            cause: cause.into(),
            remedy: remedy.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_file_line_step_path_cause_and_remedy() {
        let mut spot = Spot::file("main.flow.yaml").down("steps", 3, 1);
        spot.step = Some("read".to_owned());
        let problem = spot.down("with", 5, 7).problem("there is no \"fiel\"", "did you mean \"file\"?");
        assert_eq!(
            problem.to_string(),
            "main.flow.yaml, line 5, column 7, step \"read\" (steps › with): there is no \"fiel\" — did you mean \"file\"?"
        );
    }

    #[test]
    fn the_list_is_bounded_and_says_how_many_were_left_out() {
        let mut problems = Problems::new();
        for number in 0..MOST_LISTED + 3 {
            problems.push(Spot::file("a").problem(number.to_string(), ""));
        }
        assert_eq!(problems.len(), MOST_LISTED + 3);
        assert!(problems.to_string().ends_with("… and 3 more"));
    }
}

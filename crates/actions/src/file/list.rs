//! `file.list`: the files of a folder, in the order of their names.

use std::{fs, path::Path, time::UNIX_EPOCH};

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::{
    paths,
    trouble::{file_error, too_large},
    work::{blocking, go_on_at},
};

const MOST: usize = 100_000;

/// Which files.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The folder: one of this run's artifacts, one of the package, or a whole path. Left empty: this run's artifacts.
    folder: Option<String>,
    /// Only names like this, * standing for any text and ? for one character: "*.xlsx".
    pattern: Option<String>,
    /// The files of all folders below it too.
    #[serde(default)]
    recursive: bool,
}

/// One file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Found {
    /// Its name.
    name: String,
    /// Its whole path.
    path: String,
    /// Bytes.
    size: u64,
    /// When it was last changed, in milliseconds since 1970.
    modified_at: i64,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Vec<Found>, ActionError> {
    blocking(context, move |context| {
        let folder = match parameters.folder.as_deref() {
            None | Some("" | ".") => context.artifacts_folder.clone(),
            Some(folder) => paths::to_read(context, folder)?,
        };
        let mut found = Vec::new();
        collect(context, &folder, &parameters, &mut found)?;
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    })
    .await
}

fn collect(
    context: &ActionContext,
    folder: &Path,
    parameters: &Parameters,
    found: &mut Vec<Found>,
) -> Result<(), ActionError> {
    let failed = |error: &std::io::Error| file_error("list", folder, error);
    for (index, entry) in fs::read_dir(folder).map_err(|error| failed(&error))?.enumerate() {
        go_on_at(context, index)?;
        let entry = entry.map_err(|error| failed(&error))?;
        let kind = entry.file_type().map_err(|error| failed(&error))?;
        if kind.is_dir() && parameters.recursive {
            collect(context, &entry.path(), parameters, found)?;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        let wanted = parameters.pattern.as_deref().is_none_or(|pattern| is_like(&name, pattern));
        if !kind.is_file() || !wanted {
            continue;
        }
        let data = entry.metadata().map_err(|error| failed(&error))?;
        let modified = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        found.push(Found {
            name,
            path: entry.path().to_string_lossy().into_owned(),
            size: data.len(),
            modified_at: i64::try_from(modified.as_millis()).unwrap_or(i64::MAX),
        });
        if found.len() > MOST {
            return Err(too_large(format!("{} holds more than {MOST} files. Give a pattern.", folder.display())));
        }
    }
    Ok(())
}

/// Whether `name` is like `pattern`, in which * stands for any text and ? for one character; case does not matter.
fn is_like(name: &str, pattern: &str) -> bool {
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let (mut at, mut place, mut star) = (0, 0, None);
    while at < name.len() {
        match pattern.get(place) {
            Some('*') => {
                star = Some((place, at));
                place += 1;
            }
            Some(wanted) if *wanted == '?' || *wanted == name[at] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((after, taken)) = star else { return false };
                star = Some((after, taken + 1));
                place = after + 1;
                at = taken + 1;
            }
        }
    }
    pattern[place..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn patterns_are_those_of_every_file_dialog() {
        for (name, pattern, like) in [
            ("估值.xlsx", "*.xlsx", true),
            ("A.XLSX", "*.xlsx", true),
            ("a.xls", "*.xlsx", false),
            ("持仓20261121.csv", "持仓????????.csv", true),
            ("持仓1.csv", "持仓????????.csv", false),
            ("abcabc", "*abc", true),
            ("abcabd", "*abc", false),
            ("", "*", true),
            ("a", "", false),
        ] {
            assert_eq!(is_like(name, pattern), like, "{name} {pattern}");
        }
    }
}

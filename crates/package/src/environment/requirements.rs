//! `requirements.txt` with the files it includes, as one list of lines.

use super::Environment;
use crate::{PackageError, source::Source};

/// The file name.
const FILE: &str = "requirements.txt";
/// Files that include one another are a circle, or soon too many.
const DEEPEST: usize = 8;

pub(super) fn read(source: &mut Source) -> Result<Option<Environment>, PackageError> {
    if !source.has_file(FILE) {
        return Ok(None);
    }
    let mut requirements = Vec::new();
    append(source, FILE, &mut requirements, 0)?;
    let is_own = requirements.iter().any(|line| names_own_files(line));
    Ok(Some(Environment { place: FILE.into(), requirements, is_own, ..Environment::default() }))
}

/// Whether a line for pip names files that lie in the package.
pub(super) fn names_own_files(line: &str) -> bool {
    let is_option = ["-e", "--editable", "-c", "--constraint", "-f", "--find-links", "-r", "--requirement"];
    let first = line.split([' ', '=']).next().unwrap_or_default();
    let names_file = line.starts_with(['.', '/']) || line.contains("file:") || line.ends_with(".whl");
    names_file || is_option.contains(&first)
}

fn append(source: &mut Source, name: &str, lines: &mut Vec<String>, depth: usize) -> Result<(), PackageError> {
    if depth > DEEPEST {
        return Err(refused(name, "requirements files include one another too often"));
    }
    let bytes = source.read_document(name)?;
    let text = String::from_utf8(bytes).map_err(|_| refused(name, "the file is not UTF-8"))?;
    for line in logical_lines(text.trim_start_matches('\u{feff}')) {
        take(source, (name, line), lines, depth)?;
    }
    Ok(())
}

/// Takes a line of the file `name`; of one that includes another file, all lines of that.
pub(super) fn take(
    source: &mut Source,
    (name, line): (&str, String),
    lines: &mut Vec<String>,
    depth: usize,
) -> Result<(), PackageError> {
    let Some(other) = included(&line) else {
        lines.push(line);
        return Ok(());
    };
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = joined(folder, other).filter(|path| source.has_file(path));
    let path = path.ok_or_else(|| refused(name, &format!("\"{line}\": the package has no such file")))?;
    append(source, &path, lines, depth + 1)
}

fn refused(name: &str, message: &str) -> PackageError {
    PackageError::refused(name, message, "Write paths relative to the file")
}

/// Lines without comments; those that end in a backslash go on in the next.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut begun = String::new();
    for line in text.lines() {
        let plain = if line.trim_start().starts_with('#') { "" } else { line.split(" #").next().unwrap_or_default() };
        match plain.trim().strip_suffix('\\') {
            Some(part) => {
                begun.push_str(part.trim());
                begun.push(' ');
            }
            None => {
                begun.push_str(plain.trim());
                lines.push(std::mem::take(&mut begun));
            }
        }
    }
    lines.push(begun);
    lines.retain(|line| !line.trim().is_empty());
    lines
}

fn included(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("--requirement").or_else(|| line.strip_prefix("-r"))?;
    let name = rest.trim_start_matches(['=', ' ']);
    (!name.is_empty() && !name.contains("://")).then_some(name)
}

/// `name` seen from `folder`; none where it leads out.
fn joined(folder: &str, name: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

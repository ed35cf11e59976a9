//! The flows of a package: loaded and validated by baigong-flow, their problems put in a package's words.

use std::io::Write;

use baigong_flow::{ActionTable, Flow, FlowSet, ParameterDeclaration, validate};
use cap_std::{ambient_authority, fs::Dir};

use crate::{Limits, PackageError, ParameterSpec, ParameterType, Parameters, Problem, source::Source};

/// All documents of one package together may not be larger than this many of the largest.
const MOST_DOCUMENTS: u64 = 16;

/// Checks the flow document `name` and all it reaches; gives the parameters it declares.
pub(crate) fn check(source: &mut Source, name: &str, actions: &ActionTable) -> Result<Parameters, PackageError> {
    // The loader reads folders. A zip is not unpacked for that: only its documents are laid out, and so are those of a
    // folder, since what is not packed must not be found either.
    let folder = tempfile::tempdir().map_err(PackageError::storage("making a folder for the flows"))?;
    lay_out(source, name, &folder)?;
    let set = Flow::load(folder.path(), name).map_err(|problems| refused(&problems))?;
    let problems = validate(&set, actions);
    if problems.is_empty() { Ok(parameters(&set)) } else { Err(refused(&problems)) }
}

fn lay_out(source: &mut Source, name: &str, folder: &tempfile::TempDir) -> Result<(), PackageError> {
    let documents = |file: &&str| *file == name || file.ends_with(".yaml") || file.ends_with(".yml");
    let files: Vec<String> = source.files().filter(documents).map(ToOwned::to_owned).collect();
    let root = Dir::open_ambient_dir(folder.path(), ambient_authority())
        .map_err(PackageError::storage("opening the folder for the flows"))?;
    let mut left = MOST_DOCUMENTS * Limits::default().document_size;
    for file in files {
        let bytes = source.read_document(&file)?;
        left = left.checked_sub(bytes.len() as u64).ok_or_else(|| {
            let message = "the YAML documents of the package are together too large";
            PackageError::refused(&file, message, "Data is not YAML: put it into CSV or other files")
        })?;
        let cannot = |error| PackageError::storage(format!("writing {file}"))(error);
        if let Some((parent, _)) = file.rsplit_once('/') {
            root.create_dir_all(parent).map_err(cannot)?;
        }
        root.create(&file).and_then(|mut document| document.write_all(&bytes)).map_err(cannot)?;
    }
    Ok(())
}

fn refused(problems: &baigong_flow::Problems) -> PackageError {
    let shown = problems.iter().map(|problem| {
        let place = match problem.place.line {
            0 => problem.place.file.clone(),
            line => format!("{}:{line}:{}", problem.place.file, problem.place.column),
        };
        let place = match &problem.step {
            Some(step) => format!("{place}, step \"{step}\""),
            None => place,
        };
        Problem::new(place, &problem.cause, as_sentence(&problem.remedy))
    });
    let mut shown: Vec<_> = shown.collect();
    if let more @ 1.. = problems.len() - shown.len() {
        shown.push(Problem::new("flow", format!("and {more} problems more"), ""));
    }
    PackageError::Refused(shown)
}

/// A remedy stands as a sentence of its own here, behind a full stop.
fn as_sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn parameters(set: &FlowSet) -> Parameters {
    let all = |declared: &[ParameterDeclaration]| declared.iter().map(spec).collect();
    let entry = set.entry();
    Parameters { input: all(&entry.in_parameters), output: all(&entry.out_parameters) }
}

fn spec(declared: &ParameterDeclaration) -> ParameterSpec {
    use baigong_flow::ParameterType as Declared;
    let kind = match declared.parameter_type {
        Declared::Text => ParameterType::Text,
        Declared::Integer => ParameterType::Integer,
        Declared::Decimal => ParameterType::Decimal,
        Declared::Boolean => ParameterType::Boolean,
        Declared::Date => ParameterType::Date,
        Declared::List => ParameterType::List,
        Declared::Object => ParameterType::Object,
        Declared::File => ParameterType::File,
    };
    ParameterSpec {
        name: declared.name.clone(),
        kind,
        required: declared.required,
        default: declared.default.as_ref().map(ToString::to_string),
        description: declared.description.clone(),
    }
}

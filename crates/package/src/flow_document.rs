//! The flows of a package: loaded and validated by baigong-flow, their problems put in a package's words.

use baigong_flow::ActionTable;

use crate::{PackageError, Parameters, source::Source};

/// Checks the flow document `name`; gives the parameters it declares.
pub(crate) fn check(source: &mut Source, name: &str, _actions: &ActionTable) -> Result<Parameters, PackageError> {
    source.read_document(name)?;
    Ok(Parameters::default())
}

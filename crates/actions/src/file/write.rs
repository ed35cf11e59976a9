//! `file.write`: writes a text into a file, whole or not at all.

use baigong_flow::{ActionContext, ActionError};
use baigong_tabular::encoding;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::support::{atomic, paths, trouble::from_tables, work::blocking};

/// What to write where.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The file: a name among this run's artifacts, or a whole path.
    file: String,
    /// The text.
    text: String,
    /// utf-8 (default), gbk, gb18030, ….
    encoding: Option<String>,
    /// Add to the end of an existing file instead of replacing it.
    #[serde(default)]
    append: bool,
    /// Replace an existing file outside the artifacts.
    #[serde(default)]
    overwrite: bool,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<atomic::WrittenPath, ActionError> {
    blocking(context, move |context| {
        let Parameters { file, text, append, overwrite, .. } = &parameters;
        let chosen = encoding::by_name(parameters.encoding.as_deref().unwrap_or("utf-8")).map_err(from_tables)?;
        let added = encoding::encode(text, chosen, false, file).map_err(from_tables)?;
        let existing = if *append { paths::to_change(context, file).ok() } else { None };
        match existing {
            Some(path) => {
                let mut whole = super::bytes(&path)?;
                whole.extend(added);
                atomic::write(context, file, &whole, true)
            }
            None => atomic::write(context, file, &added, *overwrite),
        }
    })
    .await
}

//! `http.get`: fetches from a web service. An action of its own, because reading may be repeated and sending may not.

use std::collections::BTreeMap;

use baigong_flow::{ActionContext, ActionError};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Answer;

/// What to fetch.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The address, beginning with https:// or http://.
    url: String,
    /// Added to the address: name and value, encoded as needed.
    #[serde(default)]
    query: BTreeMap<String, String>,
    /// Headers by name.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The longest time for all of it, in seconds; 60 when left empty.
    timeout_seconds: Option<u64>,
    /// How many redirects are followed; none when left empty.
    #[serde(default)]
    redirects: u8,
    /// The largest answer in bytes; 16 MiB when left empty, at most 256 MiB.
    max_bytes: Option<u64>,
    /// Write the answer into this file instead of returning it: a name among this run's artifacts, or a whole path.
    file: Option<String>,
    /// With file: replace an existing file outside the artifacts.
    #[serde(default)]
    overwrite: bool,
    /// Answers with a status of 400 and above are no error.
    #[serde(default)]
    accept_errors: bool,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Answer, ActionError> {
    let Parameters { url, query, headers, timeout_seconds, redirects, max_bytes, file, overwrite, accept_errors } =
        parameters;
    let request = super::Parameters {
        method: Some("GET".to_owned()),
        url,
        query,
        headers,
        body: None,
        json: None,
        timeout_seconds,
        redirects,
        max_bytes,
        file,
        overwrite,
        accept_errors,
    };
    super::run(context, request).await
}

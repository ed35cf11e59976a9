//! `http.request`: one request to a web service. Redirects are not followed unless told, the answer is bounded, and neither
//! addresses nor headers reach the log: they may hold secrets.

pub(crate) mod get;

use std::{collections::BTreeMap, time::Duration};

use baigong_flow::{ActionContext, ActionError};
use baigong_tabular::encoding;
use reqwest::{
    Client, Method, RequestBuilder, Response, Url,
    header::{CONTENT_TYPE, HeaderMap},
    redirect::Policy,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    json,
    support::{
        atomic,
        trouble::{cancelled, from_tables, invalid_parameter, too_large},
        work::blocking,
    },
};

const LARGEST: u64 = 256 * 1024 * 1024;
const USUAL_LARGEST: u64 = 16 * 1024 * 1024;

/// The request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// GET (default), POST, PUT, PATCH, DELETE, ….
    method: Option<String>,
    /// The address, beginning with https:// or http://.
    url: String,
    /// Added to the address: name and value, encoded as needed.
    #[serde(default)]
    query: BTreeMap<String, String>,
    /// Headers by name.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// A text to send.
    body: Option<String>,
    /// A value to send as JSON. Give either this or body.
    json: Option<Value>,
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

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    /// The status, such as 200.
    status: u16,
    /// The headers, their names in small letters.
    headers: BTreeMap<String, String>,
    /// The text of the answer; empty when it went into a file.
    body: String,
    /// The value of the answer where it is JSON.
    json: Value,
    /// The file it was written into.
    file: Option<String>,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<Answer, ActionError> {
    let seconds = parameters.timeout_seconds.unwrap_or(60).clamp(1, 3600);
    let exchange = tokio::time::timeout(Duration::from_secs(seconds), exchange(&parameters));
    let (status, headers, bytes) = tokio::select! {
        done = exchange => done.map_err(|_| {
            ActionError::new("timeout", format!("no whole answer came within {seconds} seconds. Try later or raise timeoutSeconds."))
        })??,
        () = context.cancel.cancelled() => return Err(cancelled()),
    };
    if status >= 400 && !parameters.accept_errors {
        return Err(ActionError::new(
            "httpStatus",
            format!(
                "the service answered with status {status}. Set acceptErrors: true to look at such an answer in the flow."
            ),
        ));
    }
    blocking(context, move |context| answer(context, &parameters, status, &headers, &bytes)).await
}

async fn exchange(parameters: &Parameters) -> Result<(u16, HeaderMap, Vec<u8>), ActionError> {
    let response = request(parameters)?.send().await.map_err(failed)?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let limit = parameters.max_bytes.unwrap_or(USUAL_LARGEST).min(LARGEST);
    Ok((status, headers, bounded(response, limit).await?))
}

fn request(parameters: &Parameters) -> Result<RequestBuilder, ActionError> {
    let method = parameters.method.as_deref().unwrap_or("GET").trim().to_ascii_uppercase();
    let method =
        Method::from_bytes(method.as_bytes()).map_err(|_| invalid_parameter("method must be like GET or POST"))?;
    let mut url =
        Url::parse(&parameters.url).map_err(|error| invalid_parameter(format!("the url cannot be used: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid_parameter("the url must begin with https:// or http://"));
    }
    if !parameters.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&parameters.query);
    }
    let policy = match parameters.redirects {
        0 => Policy::none(),
        count => Policy::limited(usize::from(count)),
    };
    let client =
        Client::builder().redirect(policy).referer(false).user_agent(concat!("baigong/", env!("CARGO_PKG_VERSION")));
    let mut request = client.build().map_err(failed)?.request(method, url);
    for (name, value) in &parameters.headers {
        request = request.header(name, value);
    }
    Ok(match (&parameters.body, &parameters.json) {
        (Some(_), Some(_)) => return Err(invalid_parameter("give either body or json")),
        (Some(body), None) => request.body(body.clone()),
        (None, Some(json)) => request.json(json),
        (None, None) => request,
    })
}

async fn bounded(mut response: Response, limit: u64) -> Result<Vec<u8>, ActionError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if (bytes.len() + chunk.len()) as u64 > limit {
            return Err(too_large(format!(
                "the answer is larger than {limit} bytes. Raise maxBytes if that is meant."
            )));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// What went wrong, without the address.
fn failed(error: reqwest::Error) -> ActionError {
    let error = error.without_url();
    if error.is_builder() {
        return invalid_parameter(format!("the request cannot be sent: {}", chain(&error)));
    }
    let remedy = "Check the address, the network and the proxy";
    ActionError::new("httpFailed", format!("the service could not be reached: {}. {remedy}.", chain(&error)))
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn answer(
    context: &ActionContext,
    parameters: &Parameters,
    status: u16,
    headers: &HeaderMap,
    bytes: &[u8],
) -> Result<Answer, ActionError> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let mut answer = Answer { status, headers: named(headers), body: String::new(), json: Value::Null, file: None };
    if let Some(file) = &parameters.file {
        answer.file = Some(atomic::write(context, file, bytes, parameters.overwrite)?);
        return Ok(answer);
    }
    let charset = kind.split(';').find_map(|part| part.trim().strip_prefix("charset="));
    let charset = charset.map(|name| name.trim_matches('"')).filter(|name| encoding::by_name(name).is_ok());
    answer.body = encoding::decode(bytes, charset, "the answer").map_err(from_tables)?.0;
    if kind.split(';').next().is_some_and(|kind| kind.trim().ends_with("json")) && !answer.body.trim().is_empty() {
        answer.json = json::parse::parse(&answer.body)?;
    }
    Ok(answer)
}

fn named(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut named: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let known = named.entry(name.as_str().to_owned()).or_default();
        *known = if known.is_empty() { value.into_owned() } else { format!("{known}, {value}") };
    }
    named
}

#[cfg(test)]
mod tests;

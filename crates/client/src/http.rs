//! The HTTP client that all of them use: bounded in time and size, no redirects, no proxy.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::{Client, RequestBuilder, redirect::Policy};
use serde_json::Value;

use crate::{Error, Result};

/// How long a connection may take, and a whole call.
const CONNECT: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(20);
/// The largest answer.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// A client. `certificates` (PEM) are believed beside those of the system.
pub(crate) fn client(certificates: Option<&[u8]>) -> Result<Client> {
    let mut client = Client::builder()
        .connect_timeout(CONNECT)
        .timeout(PATIENCE)
        .redirect(Policy::none())
        .no_proxy()
        .user_agent("Baigong");
    if let Some(pem) = certificates {
        let certificates = reqwest::Certificate::from_pem_bundle(pem).map_err(Error::from)?;
        client = client.tls_certs_merge(certificates);
    }
    Ok(client.build()?)
}

/// The JSON that a request is answered with, whatever its status: dialects say in the body what went wrong.
pub(crate) async fn answer(request: RequestBuilder) -> Result<(u16, Value)> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let (mut body, mut parts) = (Vec::new(), response.bytes_stream());
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| Error::NoAnswer(error.without_url().to_string()))?;
        if body.len() + part.len() > MAX_ANSWER {
            return Err(Error::Strange(format!("more than {MAX_ANSWER} bytes")));
        }
        body.extend_from_slice(&part);
    }
    // Whatever answered a write with something else: it may have been done.
    let value = serde_json::from_slice(&body).map_err(|_| Error::Strange(format!("status {status}, no JSON")))?;
    Ok((status, value))
}

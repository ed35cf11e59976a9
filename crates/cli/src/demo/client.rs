//! The platform's public interface (T/TSAC 002-2025) as the demo calls it: nothing here knows more than any other caller.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

/// The version of the interface that this client speaks.
const VERSION: &str = "1.0.0";

/// A signed-in caller.
#[derive(Debug, Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

/// The platform's refusal: the code of Annex A and its words.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {code} {message}")]
pub(super) struct Refused {
    path: String,
    /// The standard's code, such as 10009.
    pub(super) code: String,
    message: String,
}

impl Client {
    /// Signs in at the platform at `base`.
    pub(super) async fn sign_in(base: &str, username: &str, password: &str) -> Result<Self> {
        // The platform is on this machine: a proxy of the environment is not asked.
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build()?;
        let mut client = Self { http, base: base.to_owned(), token: String::new() };
        let answer = client.call("account/authenticate", json!({"username": username, "password": password})).await?;
        client.token = answer["token"].as_str().context("authenticate gave no token")?.to_owned();
        Ok(client)
    }

    /// Calls an operation with a JSON body and gives its `data`.
    pub(super) async fn call(&self, operation: &str, body: Value) -> Result<Value> {
        let request = self.request(operation).json(&body);
        self.answer(operation, request).await
    }

    /// Calls an operation that takes a file.
    pub(super) async fn upload(
        &self,
        operation: &str,
        texts: &[(&str, String)],
        file: (&str, Vec<u8>),
    ) -> Result<Value> {
        let mut form = Form::new();
        for (name, text) in texts {
            form = form.text((*name).to_owned(), text.clone());
        }
        let part = Part::bytes(file.1).file_name("package.zip").mime_str("application/zip")?;
        let request = self.request(operation).multipart(form.part(file.0.to_owned(), part));
        self.answer(operation, request).await
    }

    /// Fetches an address that the platform gave.
    pub(super) async fn download(&self, url: &str) -> Result<bytes::Bytes> {
        let answer = self.http.get(url).send().await?.error_for_status()?;
        answer.bytes().await.with_context(|| format!("downloading {url}"))
    }

    fn request(&self, operation: &str) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}/api/platform/{operation}", self.base)).header("version", VERSION);
        if self.token.is_empty() { request } else { request.header("token", &self.token) }
    }

    async fn answer(&self, operation: &str, request: reqwest::RequestBuilder) -> Result<Value> {
        let answer = request.send().await.with_context(|| format!("calling {operation}"))?;
        let status = answer.status();
        let mut body: Value = answer.json().await.with_context(|| format!("{operation}: {status} without JSON"))?;
        let text = |body: &Value, name: &str| body[name].as_str().unwrap_or_default().to_owned();
        if !status.is_success() {
            let (code, message) = (text(&body, "resultCode"), text(&body, "message"));
            bail!(Refused { path: operation.to_owned(), code, message });
        }
        Ok(body["data"].take())
    }
}

/// The number `name` of an answer.
pub(super) fn id(answer: &Value, name: &str) -> Result<i64> {
    answer[name].as_i64().with_context(|| format!("the answer has no {name}: {answer}"))
}

//! A caller of the platform's public interface, for tests: it gives what came, status and all, and judges nothing.

use anyhow::{Context, Result, ensure};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

/// A caller of T/TSAC 002-2025, signed in or not.
#[derive(Debug, Clone)]
pub struct TestClient {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, `null` when it is not JSON.
    pub body: Value,
}

impl Answer {
    /// The standard's code.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body["resultCode"].as_str().unwrap_or_default()
    }

    /// What the answer carries.
    #[must_use]
    pub fn data(&self) -> &Value {
        &self.body["data"]
    }
}

impl TestClient {
    /// A caller of the platform at `base` that has not signed in.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn stranger(base: &str) -> Result<Self> {
        let http = reqwest::Client::builder().no_proxy().build().context("the HTTP client")?;
        Ok(Self { http, base: base.to_owned(), token: None })
    }

    /// A signed-in caller.
    ///
    /// # Errors
    /// When the platform refuses.
    pub async fn sign_in(base: &str, username: &str, password: &str) -> Result<Self> {
        let stranger = Self::stranger(base)?;
        let data = stranger.data("account/authenticate", json!({"username": username, "password": password})).await?;
        let token = data["token"].as_str().context("authenticate gave no token")?.to_owned();
        Ok(Self { token: Some(token), ..stranger })
    }

    /// The token of a caller that has signed in.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Calls `operation` (`task/query`) with `body`.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn call(&self, operation: &str, body: Value) -> Result<Answer> {
        read(self.request(operation).json(&body)).await
    }

    /// Calls `operation` with `body` and gives the data of its success.
    ///
    /// # Errors
    /// When it does not succeed, with what it said.
    pub async fn data(&self, operation: &str, body: Value) -> Result<Value> {
        succeeded(operation, self.call(operation, body).await?)
    }

    /// Calls `operation` with texts and a file named `file`.
    ///
    /// # Errors
    /// When it does not succeed, with what it said.
    pub async fn upload(&self, operation: &str, texts: &[(&str, &str)], file: &str, bytes: Vec<u8>) -> Result<Value> {
        let mut form = Form::new().part(file.to_owned(), Part::bytes(bytes).file_name("package.zip"));
        for (name, text) in texts {
            form = form.text((*name).to_owned(), (*text).to_owned());
        }
        succeeded(operation, read(self.request(operation).multipart(form)).await?)
    }

    /// The id `name` of what `operation` makes of `body`.
    ///
    /// # Errors
    /// When it does not succeed, or gives no such id.
    pub async fn create(&self, operation: &str, name: &str, body: Value) -> Result<i64> {
        let data = self.data(operation, body).await?;
        data[name].as_i64().with_context(|| format!("{operation} gave no {name}: {data}"))
    }

    fn request(&self, operation: &str) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}/api/platform/{operation}", self.base)).header("version", "1.0.0");
        match &self.token {
            Some(token) => request.header("token", token),
            None => request,
        }
    }
}

async fn read(request: reqwest::RequestBuilder) -> Result<Answer> {
    let answer = request.send().await.context("no answer")?;
    let status = answer.status().as_u16();
    let body = serde_json::from_slice(&answer.bytes().await?).unwrap_or_default();
    Ok(Answer { status, body })
}

fn succeeded(operation: &str, mut answer: Answer) -> Result<Value> {
    ensure!(answer.status < 300, "{operation}: {} {}", answer.status, answer.body);
    Ok(answer.body["data"].take())
}

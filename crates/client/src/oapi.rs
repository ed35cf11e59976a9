//! A caller of a platform that speaks OAPI: signs every request, gets a token when it has to.

use std::sync::Arc;

use baigong_model::{Clock, Secret};
use baigong_protocol::request_signature::{Encoding, Source, sign};
use reqwest::{Client, Method};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::{Error, Result, http};

/// The codes of a token that is not, or not any more, good.
const NOT_SIGNED_IN: [i64; 2] = [4007, 4008];
/// The code of an account or a password that is wrong.
const NOT_LET_IN: i64 = 4006;
/// The codes of what is not there.
const NOT_THERE: [i64; 2] = [10001, 10002];
/// The code of a fault of theirs.
const FAULT: i64 = 5000;

/// A caller.
pub struct Oapi {
    http: Client,
    base: String,
    access_key: String,
    secret_key: Secret<String>,
    clock: Arc<dyn Clock>,
    token: Mutex<Option<Secret<String>>>,
}

impl Oapi {
    /// A caller of what is at `url` (`https://host:port`), under a name with a password, or under a key pair.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(
        url: &str,
        (access_key, secret_key): (String, Secret<String>),
        clock: Arc<dyn Clock>,
        certificates: Option<&[u8]>,
    ) -> Result<Self> {
        let base = url.trim_end_matches('/').to_owned();
        Ok(Self { http: http::client(certificates)?, base, access_key, secret_key, clock, token: Mutex::default() })
    }

    /// A GET of `path` (`/oapi/v1/process`) with these parameters; its result.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Value> {
        self.call(&Method::GET, path, parameters, None).await
    }

    /// A request with a JSON body; its result.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn send(&self, method: &Method, path: &str, body: &Value) -> Result<Value> {
        self.call(method, path, &[], Some(body.to_string())).await
    }

    async fn call(
        &self,
        method: &Method,
        path: &str,
        parameters: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Value> {
        let token = self.token().await?;
        match self.once(method, path, parameters, body.clone(), &token).await {
            // It was not carried out: whoever is not known is refused first.
            Err(Error::Refused { code, .. }) if NOT_SIGNED_IN.iter().any(|known| known.to_string() == code) => {
                *self.token.lock().await = None;
                let token = self.token().await?;
                self.once(method, path, parameters, body, &token).await
            }
            answer => answer,
        }
    }

    async fn once(
        &self,
        method: &Method,
        path: &str,
        parameters: &[(&str, &str)],
        body: Option<String>,
        token: &Secret<String>,
    ) -> Result<Value> {
        let timestamp = self.clock.now().to_string();
        let mut sorted: Vec<(String, String)> =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        sorted.sort();
        let source = body.as_ref().map_or(Source::Parameters(&sorted), |body| Source::Body(body.as_bytes()));
        let signature = sign(token.expose(), &timestamp, source, Encoding::Printed);
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.base))
            .header("accesstoken", token.expose())
            .header("timestamp", timestamp)
            .header("signature", signature);
        request = match body {
            Some(body) => request.header("content-type", "application/json").body(body),
            None => request.query(&sorted),
        };
        result(http::answer(request).await?)
    }

    async fn token(&self) -> Result<Secret<String>> {
        let mut token = self.token.lock().await;
        if let Some(token) = &*token {
            return Ok(token.clone());
        }
        let pair = [("accessKey", self.access_key.as_str()), ("secretKey", self.secret_key.expose().as_str())];
        let request = self.http.get(format!("{}/oapi/v1/token", self.base)).query(&pair);
        let given = result(http::answer(request).await?).map_err(|error| match error {
            Error::Refused { code, message } if code == NOT_LET_IN.to_string() => Error::NotLetIn(message),
            other => other,
        })?;
        let given = given["access_token"].as_str().ok_or_else(|| Error::Strange("no access_token".into()))?;
        let given = Secret::new(given.to_owned());
        *token = Some(given.clone());
        Ok(given)
    }

    /// Everything of a paged list, up to `most` rows.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn list(&self, path: &str, parameters: &[(&str, &str)], most: usize) -> Result<Vec<Value>> {
        self.list_until(path, parameters, most, |_| false).await
    }

    /// The same, up to the page with which `is_enough` is content.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn list_until(
        &self,
        path: &str,
        parameters: &[(&str, &str)],
        most: usize,
        is_enough: impl Fn(&[Value]) -> bool,
    ) -> Result<Vec<Value>> {
        const PAGE: usize = 100;
        let size = PAGE.to_string();
        let mut found = Vec::new();
        for page in 1_usize.. {
            let page = page.to_string();
            let mut asked = parameters.to_vec();
            asked.extend([("page", page.as_str()), ("size", size.as_str())]);
            let result = self.get(path, &asked).await?;
            let rows = result["items"].as_array().or(result.as_array()).cloned();
            let rows = rows.ok_or_else(|| Error::Strange(format!("{path} answers no items")))?;
            let is_last = rows.len() < PAGE || is_enough(&rows);
            found.extend(rows);
            if is_last || found.len() >= most {
                break;
            }
        }
        found.truncate(most);
        Ok(found)
    }
}

fn result((status, answer): (u16, Value)) -> Result<Value> {
    let message = || answer["msg"].as_str().unwrap_or_default().chars().take(300).collect::<String>();
    match answer["code"].as_i64() {
        Some(0) => Ok(answer["result"].clone()),
        Some(FAULT) => Err(Error::NoAnswer(format!("{FAULT} {}", message()))),
        Some(code) if NOT_THERE.contains(&code) => Err(Error::Gone { code: code.to_string(), message: message() }),
        Some(code) => Err(Error::Refused { code: code.to_string(), message: message() }),
        None => Err(Error::Strange(format!("status {status}, no code"))),
    }
}

/// An id that comes as a number or as a text.
#[must_use]
pub fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

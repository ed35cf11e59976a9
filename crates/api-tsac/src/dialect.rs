//! How T/TSAC 002-2025 words success and failure (6.1.1.4 to 6.1.1.7, Annex A), and how it knows its callers.

use std::{ops::Deref, path::PathBuf, sync::Arc};

use axum::{
    http::{StatusCode, request::Parts},
    response::Response,
};
use baigong_api_kit::{Answer, Description, Dialect, Failure, Header, Origin, base};
use baigong_core::{Platform, accounts};
use baigong_model::{Permission, Secret};
use baigong_tsac_kit::{codes, envelope};
use serde_json::Value;

/// The dialect of T/TSAC 002-2025.
pub struct Tsac;

/// Who calls, and under which address they reached us: download addresses are given under the same.
pub struct Caller {
    caller: baigong_core::Caller,
    /// How they reached us: `http://host:port`.
    pub(crate) base: Arc<str>,
    /// The token they came with.
    pub(crate) token: Secret<String>,
}

impl Deref for Caller {
    type Target = baigong_core::Caller;

    fn deref(&self) -> &Self::Target {
        &self.caller
    }
}

impl Dialect for Tsac {
    type Context = Platform;
    type Caller = Caller;
    const NAME: &'static str = "tsac";
    const PREFIX: &'static str = "/api/platform";

    fn check(parts: &Parts) -> Result<(), Failure> {
        envelope::check_version(parts)
    }

    async fn authenticate(platform: &Platform, parts: &Parts, _body: &[u8]) -> Result<Caller, Failure> {
        let token = envelope::header(parts, "token")?;
        let caller = accounts::authenticate(platform, token, Origin::of(parts).address).await?;
        Ok(Caller { caller, base: base(parts).into(), token: Secret::new(token.to_owned()) })
    }

    fn may(caller: &Caller, permission: Permission) -> bool {
        caller.permissions().has(permission)
    }

    fn name(caller: &Caller) -> Arc<str> {
        caller.username.clone()
    }

    fn told(failure: &Failure) -> (&'static str, String) {
        codes::of(failure)
    }

    fn ok(status: StatusCode, data: &dyn Answer) -> serde_json::Result<Response> {
        envelope::ok(status, data)
    }

    fn err(failure: &Failure) -> Response {
        envelope::err(failure)
    }

    fn describe() -> Description {
        Description {
            title: "T/TSAC 002-2025",
            about: "RPA management platform, interfaces of clause 6.2, and extensions beside them.",
            version: "1.0.0",
            headers: &[
                envelope::VERSION,
                Header { name: "token", about: "字符令牌: from account/authenticate", is_credential: true },
            ],
            codes: codes::ALL,
        }
    }

    /// Beside the data: a temporary folder may be memory, and uploads are large.
    fn upload_folder(platform: &Platform) -> PathBuf {
        platform.config.data_folder.join("uploads")
    }

    fn envelope(data: Value) -> Value {
        envelope::schema(&data)
    }
}

//! What somebody comes with at each interface: tokens as they are, signatures as each interface wants them.

use std::sync::atomic::{AtomicI64, Ordering};

use baigong_model::{Clock as _, SystemClock};
use baigong_testkit::{
    km_signature::Signed,
    request_signature::{Encoding, Source, sign},
};
use reqwest::RequestBuilder;

/// An interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Tsac,
    Oapi,
    ApiCenter,
    Km,
    Console,
}

/// Somebody's, for all interfaces.
#[derive(Default)]
pub(crate) struct Credentials {
    /// The token, for the standard's and the native interface, and through portals.
    pub(crate) token: String,
    /// The access token of OAPI.
    pub(crate) oapi: String,
    /// The mail and the open API token.
    pub(crate) open: (String, String),
    /// The key pair of the portal they come through.
    pub(crate) portal: (String, String),
}

/// No two requests are signed at the same time: the same signature is the same request.
static LAST: AtomicI64 = AtomicI64::new(0);

fn unused_time() -> i64 {
    let (now, next) = (SystemClock.now(), |last: i64, now: i64| now.max(last + 1));
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last, now)));
    last.map_or(now, |last| next(last, now))
}

impl Credentials {
    /// Adds them to a request with this body, or with these parameters where it has none.
    pub(crate) fn add(
        &self,
        side: Side,
        request: RequestBuilder,
        (parameters, body): (&[(String, String)], &[u8]),
    ) -> RequestBuilder {
        match side {
            Side::Tsac => request.header("token", &self.token).header("version", "1.0.0"),
            Side::Console => request.bearer_auth(&self.token),
            Side::Oapi => {
                let timestamp = unused_time().to_string();
                let source = if body.is_empty() { Source::Parameters(parameters) } else { Source::Body(body) };
                let signature = sign(&self.oapi, &timestamp, source, Encoding::Printed);
                let request = request.header("accesstoken", &self.oapi).header("timestamp", timestamp);
                request.header("signature", signature)
            }
            Side::ApiCenter => {
                let (key, secret) = &self.portal;
                request.header("api-token", &self.token).header("clientId", key).header("clientSecret", secret)
            }
            Side::Km => {
                let ((email, token), timestamp) = (&self.open, (SystemClock.now() / 1000).to_string());
                let sign = Signed { email, timestamp: &timestamp, nonce: None }.sign(token);
                request.query(&[("email", email), ("timestamp", &timestamp), ("sign", &sign)])
            }
        }
    }
}

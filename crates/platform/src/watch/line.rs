//! The one line that is written for a call (T/TSAC 002-2025, 6.1.2.3): trace, source, caller, what was asked, what came of
//! it, when and for how long. It holds the route and not the address, since addresses may be signed; of headers only those
//! that are no credentials; of the body what [`Observed`] masked and shortened; nothing of an upload's contents.

use std::{net::SocketAddr, str::FromStr};

use axum::{
    body::HttpBody,
    extract::{MatchedPath, Request},
    http::{HeaderMap, Method, header::USER_AGENT},
    response::Response,
};
use baigong_api_kit::Observed;
use serde::{Deserialize, Deserializer, de::Error};

use super::Trace;

/// The longest header that is written, in letters.
const MAX_HEADER: usize = 100;

/// Which calls are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// Every call; of reads that succeed one in so many.
    All(u64),
    /// Writes, and whatever failed.
    Writes,
    /// Whatever failed.
    Failures,
    /// None.
    Off,
}

impl Lines {
    /// Whether anything may have to be written, which is known only when a call has ended.
    pub(super) fn listens(self) -> bool {
        self != Self::Off && tracing::enabled!(target: "baigong::call", tracing::Level::INFO)
    }

    /// Whether a call is written down; `number` counts the reads.
    pub(super) fn wants(self, is_read: bool, succeeded: bool, number: u64) -> bool {
        match self {
            Self::All(every) => !succeeded || !is_read || number.is_multiple_of(every),
            Self::Writes => !succeeded || !is_read,
            Self::Failures => !succeeded,
            Self::Off => false,
        }
    }
}

impl FromStr for Lines {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "must be all, all/N (one read in N), writes, failures or off".to_owned();
        match text {
            "all" => Ok(Self::All(1)),
            "writes" => Ok(Self::Writes),
            "failures" => Ok(Self::Failures),
            "off" => Ok(Self::Off),
            other => {
                let every = other.strip_prefix("all/").and_then(|text| text.parse().ok()).filter(|every| *every > 0);
                every.map(Self::All).ok_or_else(wrong)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// What is known of a call before it is served.
pub(super) struct Line {
    method: Method,
    route: Option<MatchedPath>,
    from: Option<SocketAddr>,
    version: String,
    agent: String,
    at: i64,
}

impl Line {
    pub(super) fn begin(request: &Request, from: Option<SocketAddr>, at: i64) -> Self {
        let headers = request.headers();
        Self {
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            from,
            version: header(headers, "version"),
            agent: header(headers, USER_AGENT.as_str()),
            at,
        }
    }

    /// Whether it changes nothing.
    pub(super) fn is_read(&self) -> bool {
        is_read(&self.method, self.route.as_ref().map_or("", MatchedPath::as_str))
    }

    pub(super) fn write(&self, trace: &Trace, observed: &Observed, response: &Response, end: (&str, f64)) {
        let (code, seconds) = end;
        let at = jiff::Timestamp::from_millisecond(self.at).unwrap_or_default();
        let address = self.from.map(|from| from.ip());
        let said = observed.refusal().map(|(_, text)| text);
        tracing::info!(
            target: "baigong::call",
            trace = %trace.id(),
            address = address.map(tracing::field::display),
            caller = observed.caller(),
            method = %self.method,
            interface = self.route.as_ref().map_or("unmatched", MatchedPath::as_str),
            version = self.version,
            agent = self.agent,
            request = observed.request(),
            begun = %at,
            milliseconds = (seconds * 1e6).round() / 1e3,
            status = response.status().as_u16(),
            code,
            said,
            bytes = response.body().size_hint().exact(),
            "call"
        );
    }
}

/// By method and by the name of the operation: lists are asked for by POST too, and what is popped by GET is gone.
fn is_read(method: &Method, route: &str) -> bool {
    match *method {
        Method::POST => route.ends_with("/query") || route.ends_with("/list"),
        Method::PUT | Method::DELETE | Method::PATCH => false,
        _ => !route.ends_with("/pop"),
    }
}

fn header(headers: &HeaderMap, name: &str) -> String {
    let text = headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
    text.chars().take(MAX_HEADER).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_something_is_no_read_by_whatever_method() {
        let reads = |method, route| is_read(&method, route);
        assert!(reads(Method::GET, "/oapi/v1/robot") && reads(Method::HEAD, "/docs"));
        assert!(reads(Method::POST, "/api/platform/task/list") && reads(Method::POST, "/api/platform/task/query"));
        for (method, route) in [
            (Method::PUT, "/oapi/v1/robot"),
            (Method::DELETE, "/oapi/v1/user"),
            (Method::PATCH, "/api/console/applications/{id}"),
            (Method::POST, "/api/platform/task/create"),
            (Method::GET, "/oapi/v1/queue/item/pop"),
        ] {
            assert!(!reads(method.clone(), route), "{method} {route}");
        }
    }

    #[test]
    fn a_setting_says_which_calls_are_written() {
        let lines = |text: &str| text.parse::<Lines>().unwrap();
        assert!(lines("all").wants(true, true, 5) && lines("all/10").wants(true, true, 20));
        assert!(!lines("all/10").wants(true, true, 21) && lines("all/10").wants(true, false, 21));
        assert!(lines("all/10").wants(false, true, 21));
        assert!(lines("writes").wants(false, true, 0) && !lines("writes").wants(true, true, 0));
        assert!(lines("failures").wants(true, false, 0) && !lines("failures").wants(false, true, 0));
        assert!(!lines("off").wants(false, false, 0));
        for wrong in ["", "all/0", "all/", "some"] {
            assert!(wrong.parse::<Lines>().is_err(), "{wrong}");
        }
    }
}

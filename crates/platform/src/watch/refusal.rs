//! Calls that are turned away before they are served, or before they get their answer; and how a call ended, whatever its
//! interface does with HTTP's statuses.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use baigong_api_kit::{Failure, Observed};
use baigong_model::Error;

use super::measures::status_word;
use crate::dialects::Interface;

/// Why a call is turned away.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refusal {
    /// Its address may not call.
    Denied,
    /// Its address calls too often.
    TooMany,
}

impl Refusal {
    fn parts(self) -> (Error, StatusCode) {
        match self {
            Self::Denied => (Error::Forbidden("an address that may call".into()), StatusCode::FORBIDDEN),
            Self::TooMany => {
                let text = "too many calls from this address: try again in a moment";
                (Error::LimitReached(text.into()), StatusCode::TOO_MANY_REQUESTS)
            }
        }
    }

    /// In the words of the interface, or in plain ones where the path is none's.
    pub(super) fn answer(self, interface: Option<&Interface>) -> Response {
        let (error, status) = self.parts();
        match interface {
            Some(interface) => (interface.refuse)(&Failure::Error(error)),
            None => (status, error.to_string()).into_response(),
        }
    }
}

/// How a call ended. Of some interfaces the status is 200 whatever came of a call: their code tells.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    /// The interface's code, or the status where there is none.
    pub(super) code: &'static str,
    /// Whether what was asked was done.
    pub(super) is_success: bool,
}

impl End {
    pub(super) fn of(
        refusal: Option<Refusal>,
        interface: Option<&Interface>,
        observed: &Observed,
        response: &Response,
    ) -> Self {
        let status = response.status();
        let told = match (refusal, interface) {
            (Some(refusal), Some(interface)) => Some((interface.told)(&Failure::Error(refusal.parts().0)).0),
            (Some(_), None) => None,
            (None, _) => observed.refusal().map(|(code, _)| code),
        };
        Self { code: told.unwrap_or_else(|| status_word(status)), is_success: told.is_none() && status.is_success() }
    }
}

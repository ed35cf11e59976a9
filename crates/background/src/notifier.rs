//! Sends what people are told: takes what is due, sends it by mail or POST, and writes down how it went. Knows nothing of
//! who is told what; `core::notices` decides that.

mod guard;
mod mail;
mod webhook;

use std::sync::Arc;

use baigong_core::{
    Platform,
    notices::{self, Delivery},
    warn_channels::Way,
};
use baigong_model::{Error, Result};
use futures_util::future::join_all;
use guard::Guard;

/// How long one message may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(25);

/// Sends what is due at the moment; how many were taken by the other side.
pub async fn run_once(platform: &Platform) -> Result<usize> {
    let due = notices::due(platform).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let outgoing = Outgoing::of(platform)?;
    let sent = join_all(due.iter().map(|delivery| one(platform, &outgoing, delivery))).await;
    sent.into_iter().try_fold(0, |sum, sent| Ok(sum + usize::from(sent?)))
}

/// What messages are sent with.
struct Outgoing {
    guard: Arc<Guard>,
    http: reqwest::Client,
}

impl Outgoing {
    /// Made for a round: messages are rare, and a setting that is wrong shall be told at each.
    fn of(platform: &Platform) -> Result<Self> {
        let guard = Arc::new(Guard::new(platform.config.warn.allowed_networks.clone()));
        let http = webhook::client(&guard, platform.config.warn.certificates.as_deref()).map_err(Error::internal)?;
        Ok(Self { guard, http })
    }
}

async fn one(platform: &Platform, outgoing: &Outgoing, delivery: &Delivery) -> Result<bool> {
    let send = async {
        match &delivery.way {
            Way::Mail(mail) => {
                let certificates = platform.config.warn.certificates.as_deref();
                mail::send(&outgoing.guard, certificates, mail, delivery).await
            }
            Way::Webhook(webhook) => {
                webhook::send(&outgoing.guard, &outgoing.http, platform.now(), webhook, delivery).await
            }
        }
    };
    let sent = tokio::time::timeout(PATIENCE, send).await;
    let refusal = match sent {
        Ok(Ok(())) => None,
        Ok(Err(refusal)) => Some(refusal),
        Err(_) => Some(format!("no answer within {} s", PATIENCE.as_secs())),
    };
    let is_sent = refusal.is_none();
    notices::settle(platform, delivery, refusal).await.map(|()| is_sent)
}

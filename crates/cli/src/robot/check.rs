//! `baigong robot check`: whether a robot could do its work here, and what is wrong where it could not.

use std::{process::ExitCode, time::Duration};

use anyhow::{Context as _, Result};
use baigong_model::{Clock as _, SystemClock};
use baigong_robot::{
    Options,
    preflight::{self, Check},
};

use crate::output;

/// The platform must answer within this.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks, shows what it found, and fails where something is missing that every task needs.
pub(crate) async fn run(options: Options) -> Result<ExitCode> {
    let (platform, secret, screen) = (options.platform_url.clone(), options.secret.clone(), options.screen.clone());
    let mut checks = tokio::task::spawn_blocking(move || preflight::machine(&options)).await?;
    checks.push(preflight::recording(&screen).await);
    if let Some(platform) = platform {
        let base = platform.replacen("ws", "http", usize::from(platform.starts_with("ws")));
        let base = base.trim_end_matches('/');
        checks.extend(platform_and_clock(base).await);
        if let Some(secret) = &secret {
            checks.extend(preflight::secret(base, secret).await);
        }
    }
    for check in &checks {
        match (&check.trouble, check.is_needed) {
            (None, _) => output::line(&format!("ok       {}", check.name)),
            (Some(trouble), true) => output::line(&format!("WRONG    {}: {trouble}", check.name)),
            (Some(trouble), false) => output::line(&format!("missing  {}: {trouble}", check.name)),
        }
    }
    let is_wrong = checks.iter().any(|check| check.is_needed && check.trouble.is_some());
    Ok(if is_wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Whether the platform answers, and how late it is there.
async fn platform_and_clock(platform: &str) -> [Check; 2] {
    let check = |name, trouble, is_needed| Check { name, trouble, is_needed };
    match time_of(platform).await {
        Ok(theirs) => {
            let skew = theirs.and_then(|theirs| preflight::skew_of(SystemClock.now(), theirs));
            [check("platform", None, true), check("clock", skew, false)]
        }
        Err(error) => {
            let unknown = "it cannot be compared while the platform does not answer".to_owned();
            [check("platform", Some(format!("{error:#}")), true), check("clock", Some(unknown), false)]
        }
    }
}

/// The platform's time, to the second, milliseconds since the epoch; none where it does not say.
async fn time_of(platform: &str) -> Result<Option<i64>> {
    let address = format!("{platform}/healthz");
    let answer = reqwest::Client::builder()
        .timeout(PATIENCE)
        .build()?
        .get(&address)
        .send()
        .await
        .with_context(|| format!("{address} cannot be reached"))?;
    let answer = answer.error_for_status().with_context(|| format!("{address} is no platform"))?;
    let date = answer.headers().get(reqwest::header::DATE).and_then(|date| date.to_str().ok());
    let read = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|time| time.timestamp().as_millisecond());
    Ok(date.and_then(read))
}

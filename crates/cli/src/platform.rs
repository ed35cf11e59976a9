//! `baigong platform`: runs the platform until it is told to stop.

use std::process::ExitCode;

use anyhow::Result;
use baigong_model::Secret;
use baigong_platform::{Options, Settings};

use crate::arguments::{PlatformArguments, PlatformPlace};
use crate::{WrongUsage, output, signals};

/// Who the first start makes.
const ADMIN: &str = "admin";
/// The variable with their password, and with that of whoever is given another.
pub(crate) const ADMIN_PASSWORD: &str = "BAIGONG_ADMIN_PASSWORD";
/// The variable with the token that `/metrics` is read with from elsewhere.
const METRICS_TOKEN: &str = "BAIGONG_METRICS_TOKEN";

/// Runs until TERM or Ctrl-C; an error when the platform cannot start or its server fails.
pub(crate) async fn run(arguments: PlatformArguments) -> Result<ExitCode> {
    let stop = signals::listen()?;
    let mut settings = settings(&arguments.place)?;
    settings.listen = arguments.listen.unwrap_or(settings.listen);
    settings.check().map_err(WrongUsage)?;
    let mut options = Options::new(settings);
    options.admin_password = password_for(ADMIN)?;
    options.metrics_token = std::env::var(METRICS_TOKEN).ok().map(Secret::new);
    let mut running = baigong_platform::start(options).await?;
    if let Some(password) = running.made_password.take() {
        show_password(ADMIN, &password);
    }
    tokio::select! {
        _ = stop => {
            running.stop().await;
            Ok(ExitCode::SUCCESS)
        }
        error = running.failed() => Err(error),
    }
}

/// The settings of `place`: file, then variables, then options.
pub(crate) fn settings(place: &PlatformPlace) -> Result<Settings> {
    // A variable that is not UTF-8 cannot be one of ours.
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut settings = Settings::load(place.config.as_deref(), variables).map_err(WrongUsage)?;
    if let Some(data) = &place.data {
        settings.data.clone_from(data);
    }
    settings.database = place.database.clone().or(settings.database);
    Ok(settings)
}

/// The password in the environment for `user`, if there is one.
pub(crate) fn password_for(user: &str) -> Result<Option<Secret<String>>> {
    let password = std::env::var(ADMIN_PASSWORD).ok().filter(|password| !password.is_empty()).map(Secret::new);
    if let Some(password) = &password {
        let checked = baigong_platform::check_new_password(ADMIN_PASSWORD, user, password);
        checked.map_err(|error| WrongUsage(error.into()))?;
    }
    Ok(password)
}

/// Shows a password that was made, the only time. It goes to standard output, never to the log.
pub(crate) fn show_password(user: &str, password: &Secret<String>) {
    output::line(&format!("The password of {user}, shown only now: {}", password.expose()));
    if output::is_lost() {
        tracing::error!(user, "the password could not be shown: give another one with `baigong admin reset-password`");
    }
}

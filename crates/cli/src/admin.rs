//! `baigong admin`: passwords, checks and backups, on the data of a platform that is stopped or running.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use baigong_model::{SystemClock, SystemRandom};
use baigong_platform::Settings;

use crate::WrongUsage;
use crate::arguments::{AdminArguments, AdminCommand, PlatformPlace};
use crate::license;
use crate::output::{self, Colour};
use crate::platform::{self, settings};

/// Runs one of the commands.
pub(crate) async fn run(arguments: AdminArguments) -> Result<ExitCode> {
    match arguments.command {
        AdminCommand::ResetPassword { place, user } => reset_password(&existing(&place)?, &user).await,
        AdminCommand::RotateKey { place } => rotate_key(&existing(&place)?).await,
        AdminCommand::Check { place } => check(&existing(&place)?).await,
        AdminCommand::License { command } => license::run(command),
        AdminCommand::Backup { place, into } => backup(&existing(&place)?, &into).await,
    }
}

/// The settings of a platform that has been started before: a misspelt folder must not make a new, empty platform.
pub(crate) fn existing(place: &PlatformPlace) -> Result<Settings> {
    let settings = settings(place)?;
    settings.check().map_err(WrongUsage)?;
    let known = settings.database.is_some() || settings.data.join("baigong.db").is_file();
    let checked: Result<()> = (|| {
        ensure!(settings.data.is_dir(), "there is no data folder {}: give --data", settings.data.display());
        ensure!(known, "there is no platform in {}: give its --data or --database", settings.data.display());
        Ok(())
    })();
    checked.map_err(WrongUsage)?;
    Ok(settings)
}

async fn reset_password(settings: &Settings, user: &str) -> Result<ExitCode> {
    let wanted = platform::password_for(user)?;
    let open = baigong_platform::open(settings, Arc::new(SystemClock), Arc::new(SystemRandom));
    let made = baigong_platform::reset_password(&open.await?, user, wanted).await?;
    match made {
        Some(password) => platform::show_password(user, &password),
        None => output::line(&format!("{user} has the password of {}", platform::ADMIN_PASSWORD)),
    }
    output::line("The account is unlocked and its tokens are revoked.");
    Ok(ExitCode::SUCCESS)
}

async fn rotate_key(settings: &Settings) -> Result<ExitCode> {
    let open = baigong_platform::open(settings, Arc::new(SystemClock), Arc::new(SystemRandom));
    let rotation = baigong_platform::rotate_key(&open.await?).await?;
    output::line(&format!("{} stored secrets are sealed under key {}", rotation.sealed_anew, rotation.key));
    output::line("Older keys are kept: items of queues and copies of the database still need them.");
    Ok(ExitCode::SUCCESS)
}

async fn check(settings: &Settings) -> Result<ExitCode> {
    output::line(&format!("data folder   {}", settings.data.display()));
    output::line(&format!("database      {}", without_password(settings)));
    let report = baigong_platform::check(settings).await.context("the database")?;
    output::line(&format!("stored files  {}", report.files));
    if report.findings.is_empty() {
        output::line(&output::painted(Colour::Green, "all is well"));
        return Ok(ExitCode::SUCCESS);
    }
    for finding in &report.findings {
        output::line(&output::painted(Colour::Red, finding));
    }
    Ok(ExitCode::FAILURE)
}

async fn backup(settings: &Settings, into: &Path) -> Result<ExitCode> {
    let files = baigong_platform::backup(settings, into).await?;
    output::line(&format!("copied the database and {files} stored files into {}", into.display()));
    output::line(
        "key.bin is not in the copy: keep it in another place. It must lie in the data folder to use the copy:",
    );
    output::line(&format!("  cp KEPT/key.bin {0}/ && baigong platform --data {0}", into.display()));
    Ok(ExitCode::SUCCESS)
}

/// The database's address without what must not be shown.
fn without_password(settings: &Settings) -> String {
    let Some(url) = &settings.database else {
        return format!("sqlite://{}", settings.data.join("baigong.db").display());
    };
    let Some((scheme, rest)) = url.split_once("://") else { return url.clone() };
    match rest.rsplit_once('@') {
        Some((account, place)) => {
            let user = account.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{}", place.split('?').next().unwrap_or_default())
        }
        None => url.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        let shown = |url: &str| without_password(&Settings { database: Some(url.into()), ..Settings::default() });
        assert_eq!(shown("postgres://u:p@ss@h:5432/d?sslmode=require&password=x"), "postgres://u@h:5432/d");
        assert_eq!(shown("postgres://h/d"), "postgres://h/d");
        assert_eq!(without_password(&Settings::default()), "sqlite://data/baigong.db");
    }

    #[test]
    fn a_folder_without_a_platform_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for data in [folder.path().to_owned(), folder.path().join("none")] {
            let place = PlatformPlace { data: Some(data), database: None, config: None };
            let error = existing(&place).unwrap_err();
            assert!(error.downcast_ref::<WrongUsage>().is_some(), "{error:#}");
        }
    }
}

//! Looking after a platform's data, also beside a running one: is everything there, and a copy of it.

use std::{
    fs::{DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use baigong_model::{Error, Result};
use baigong_store::{
    Settings, Store,
    blobs::Blobs,
    maintenance::{self, StoredFile},
};

use crate::Config;

/// The dump of a PostgreSQL database inside a backup's folder.
pub const DUMP: &str = "baigong.dump";

/// What a check found.
#[derive(Debug, Default)]
pub struct Report {
    /// How many steps this version would take at its next start to bring the database up to date.
    pub missing_steps: usize,
    /// How many stored files were looked at.
    pub files: usize,
    /// What is wrong, one sentence each; nothing when all is well.
    pub findings: Vec<String>,
}

/// Checks the database's version and integrity, and that every stored file is there in its full size. Changes nothing.
pub async fn check(config: &Config) -> Result<Report> {
    let store = Store::connect(&config.database).await?;
    let mut report = Report { missing_steps: maintenance::missing_steps(&store).await?, ..Report::default() };
    if report.missing_steps > 0 {
        report.findings.push("the database is not up to date: start the platform once".into());
        return Ok(report);
    }
    report.findings = maintenance::integrity(&store).await?;
    let blobs = Blobs::in_folder(&config.data_folder.join("blobs"))?;
    for (kind, file) in files(&store).await? {
        report.files += 1;
        match blobs.get(&file.blob_key).await {
            Ok((size, _)) if i64::try_from(size).is_ok_and(|size| size == file.size) => {}
            Ok((size, _)) => {
                report
                    .findings
                    .push(format!("the file of {kind} {} has {size} bytes instead of {}", file.id, file.size));
            }
            Err(Error::NotFound { .. }) => report.findings.push(format!("the file of {kind} {} is missing", file.id)),
            Err(error) => return Err(error),
        }
    }
    Ok(report)
}

/// Copies database and files into the folder `into`: first the database as of one moment, then the files it points at, so
/// that the copy is whole. With PostgreSQL the dump must lie in the folder already, made by `pg_dump`; with SQLite
/// the folder must not exist yet. Only the account that copies can read the copy. Answers how many files were copied.
pub async fn backup(config: &Config, into: &Path) -> Result<usize> {
    let is_server = !config.database.url.starts_with("sqlite:");
    let store = if is_server {
        if !into.join(DUMP).is_file() {
            return Err(Error::conflict(dump_first(into)));
        }
        Store::connect(&config.database).await?
    } else {
        make_folder(into)?;
        let copy = into.join("baigong.db");
        maintenance::backup(&config.database, &copy).await?;
        Store::connect(&Settings::sqlite(&copy)).await?
    };
    let from = Blobs::in_folder(&config.data_folder.join("blobs"))?;
    let to = Blobs::in_folder(&into.join("blobs"))?;
    let mut copied = 0;
    for (kind, file) in files(&store).await? {
        let (_, bytes) = from.get(&file.blob_key).await.map_err(|error| match error {
            Error::NotFound { .. } => {
                Error::conflict(format!("the file of {kind} {} is missing: run the check", file.id))
            }
            other => other,
        })?;
        let size = to.put(&file.blob_key, bytes).await?;
        if i64::try_from(size).ok() != Some(file.size) {
            let reason = format!("the file of {kind} {} has {size} bytes instead of {}", file.id, file.size);
            return Err(Error::conflict(format!("{reason}: run the check")));
        }
        copied += 1;
    }
    keep_private(into).map_err(|error| Error::unavailable(format!("{}: {error}", into.display())))?;
    Ok(copied)
}

fn dump_first(into: &Path) -> String {
    let dump: PathBuf = into.join(DUMP);
    format!(
        "copy the database first, with PostgreSQL's own tool, and then run this again for the files: \
         umask 077 && mkdir -p {} && pg_dump --format=custom --file={} DATABASE-URL",
        into.display(),
        dump.display()
    )
}

fn make_folder(folder: &Path) -> Result<()> {
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    let own = || DirBuilder::new().mode(0o700).create(folder);
    let made = parent.map_or(Ok(()), std::fs::create_dir_all).and_then(|()| own());
    made.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Error::already_exists("folder", folder.display().to_string()),
        _ => Error::unavailable(format!("{}: {error}", folder.display())),
    })
}

/// Closes the folder, and then everything in it, to other accounts: it stays closed where a file is put elsewhere.
fn keep_private(folder: &Path) -> io::Result<()> {
    std::fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            keep_private(&entry.path())?;
        } else if kind.is_file() {
            std::fs::set_permissions(entry.path(), Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}

async fn files(store: &Store) -> Result<Vec<(&'static str, StoredFile)>> {
    let packages = maintenance::package_files(store).await?.into_iter().map(|file| ("package", file));
    let artifacts = maintenance::artifact_files(store).await?.into_iter().map(|file| ("artifact", file));
    let versions = baigong_store::files::stored_files(store).await?.into_iter().map(|file| ("version", file));
    let recordings = maintenance::recording_files(store).await?.into_iter().map(|file| ("recording", file));
    Ok(packages.chain(artifacts).chain(versions).chain(recordings).collect())
}

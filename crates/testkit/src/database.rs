//! A fresh, empty database for one test, on either engine. It goes when it is dropped.

use std::future::Future;
use std::path::Path;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::postgres::{self, Cluster};

/// A database that belongs to one test. Keep it until the test is over: dropping it removes the data.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    place: Place,
}

/// What has to go when the test is over.
#[derive(Debug)]
enum Place {
    Sqlite(TempDir),
    Postgres(&'static Cluster, String),
}

impl TestDatabase {
    /// A new SQLite database: a file that does not exist yet, in a folder of its own.
    ///
    /// # Errors
    /// When the temporary folder cannot be made.
    pub fn sqlite() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("baigong-test-").tempdir().context("a temporary folder")?;
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("baigong.db").display());
        Ok(Self { url, place: Place::Sqlite(folder) })
    }

    /// A new, empty PostgreSQL database in the cluster that the tests share.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; the text says what to do.
    pub fn postgres() -> Result<Self> {
        Self::postgres_in(postgres::cluster()?)
    }

    /// A new, empty database in `cluster`.
    ///
    /// # Errors
    /// When the database cannot be made.
    pub fn postgres_in(cluster: &'static Cluster) -> Result<Self> {
        let name = cluster.create_database(None)?;
        Ok(Self { url: cluster.url(&name), place: Place::Postgres(cluster, name) })
    }

    /// A new PostgreSQL database with what `prepare` put into the template called `template`: the first caller prepares, all
    /// others copy the result, which is far quicker than to migrate once a test.
    ///
    /// # Errors
    /// When PostgreSQL is not there, or with what `prepare` says.
    pub async fn postgres_from<F, P>(template: &str, prepare: P) -> Result<Self>
    where
        P: FnOnce(String) -> F,
        F: Future<Output = Result<()>>,
    {
        let cluster = postgres::cluster()?;
        let template = cluster.template(template, prepare).await?;
        let name = cluster.create_database(Some(&template))?;
        Ok(Self { url: cluster.url(&name), place: Place::Postgres(cluster, name) })
    }

    /// The address of the database, as `--database` takes it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder that holds the database, where it is a file.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match &self.place {
            Place::Sqlite(folder) => Some(folder.path()),
            Place::Postgres(..) => None,
        }
    }

    /// Its engine, for messages: "SQLite" or "PostgreSQL".
    #[must_use]
    pub fn engine(&self) -> &'static str {
        match self.place {
            Place::Sqlite(_) => "SQLite",
            Place::Postgres(..) => "PostgreSQL",
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Place::Postgres(cluster, name) = &self.place {
            // A database that stays costs a few megabytes until the cluster goes: no reason to fail a test.
            let _ = cluster.drop_database(name);
        }
    }
}

/// Runs `test` on a fresh database of each engine, SQLite first. A failure's output names the engine.
///
/// # Panics
/// When PostgreSQL is not there (never silently skipped), and when the test panics.
pub async fn on_both(test: impl AsyncFn(TestDatabase)) {
    for make in [TestDatabase::sqlite, TestDatabase::postgres] {
        let database = make().unwrap_or_else(|error| panic!("{error:#}"));
        say_engine(database.engine());
        test(database).await;
    }
}

#[expect(clippy::print_stderr, reason = "the test runner shows it with a failing test, and only then")]
fn say_engine(engine: &str) {
    eprintln!("on {engine}:");
}

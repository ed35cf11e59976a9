//! A whole platform in the test's process: real routes, real store, port 0, a folder of its own.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use baigong_model::{Clock, Random, Secret, SystemClock, SystemRandom};
use baigong_platform::{Options, RunningPlatform, Settings};
use tempfile::TempDir;

use crate::{TestClient, TestDatabase};

/// The password of `admin` on every test server.
pub const PASSWORD: &str = "correct horse battery staple";

/// A running platform. Dropping it removes its folder and its database.
pub struct TestServer {
    running: RunningPlatform,
    settings: Settings,
    // Below the platform, so that it goes first.
    database: TestDatabase,
    folder: TempDir,
}

/// What a test server is made of, where a test wants something else than the usual.
pub struct Builder {
    database: TestDatabase,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    change: Box<dyn FnOnce(&mut Settings)>,
}

impl TestServer {
    /// A platform on `database` with the machine's time.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(database: TestDatabase) -> Result<Self> {
        Self::on(database).start().await
    }

    /// A platform on `database`, to be changed before it starts.
    #[must_use]
    pub fn on(database: TestDatabase) -> Builder {
        let change = Box::new(|_: &mut Settings| ());
        Builder { database, clock: Arc::new(SystemClock), random: Arc::new(SystemRandom), change }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        self.running.url()
    }

    /// Its operations.
    #[must_use]
    pub fn platform(&self) -> &baigong_core::Platform {
        &self.running.platform
    }

    /// Its database.
    #[must_use]
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// A caller signed in as `admin`.
    ///
    /// # Errors
    /// When the platform refuses.
    pub async fn admin(&self) -> Result<TestClient> {
        TestClient::sign_in(&self.url(), "admin", PASSWORD).await
    }

    /// Gives user `id` the token of this hash, for half an hour: so that one that a document prints can be tried.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn give_token(&self, id: i64, hash: String) -> Result<()> {
        let now = self.platform().now();
        let given = self.platform().store.write(move |tx| {
            Box::pin(async move { baigong_store::tokens::insert(tx, &hash, (id, None), now, now + 1_800_000).await })
        });
        given.await.map_err(Into::into)
    }

    /// Stops the platform and starts it again on the same data and the same port.
    ///
    /// # Errors
    /// When it does not start again.
    pub async fn restart(self) -> Result<Self> {
        let Self { running, mut settings, database, folder } = self;
        settings.listen = running.address;
        running.stop().await;
        let running = baigong_platform::start(Options::new(settings.clone())).await?;
        Ok(Self { running, settings, database, folder })
    }

    /// Stops in order, as on TERM.
    pub async fn stop(self) {
        self.running.stop().await;
        drop((self.database, self.folder));
    }
}

impl Builder {
    /// With this time.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// With this randomness.
    #[must_use]
    pub fn random(self, random: Arc<dyn Random>) -> Self {
        Self { random, ..self }
    }

    /// With settings changed so.
    #[must_use]
    pub fn settings(self, change: impl FnOnce(&mut Settings) + 'static) -> Self {
        Self { change: Box::new(change), ..self }
    }

    /// Starts it.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(self) -> Result<TestServer> {
        let folder = tempfile::Builder::new().prefix("baigong-test-").tempdir().context("a temporary folder")?;
        let mut settings = Settings {
            data: folder.path().join("platform"),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database: Some(self.database.url().to_owned()),
            // Tests call as fast as they can; those of the limits set them.
            calls_per_second: 0,
            public_calls_per_second: 0,
            ..Settings::default()
        };
        (self.change)(&mut settings);
        let mut options = Options::new(settings.clone());
        (options.clock, options.random) = (self.clock, self.random);
        options.admin_password = Some(Secret::new(PASSWORD.to_owned()));
        let running = baigong_platform::start(options).await?;
        Ok(TestServer { running, settings, database: self.database, folder })
    }
}

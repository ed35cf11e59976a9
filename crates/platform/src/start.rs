//! Starting and stopping a platform: open, listen, work; then drain in the opposite order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::serve::ListenerExt as _;
use baigong_api_kit::Dialect as _;
use baigong_api_tsac::Tsac;
use baigong_core::{
    Config, Platform, bootstrap,
    licenses::{self, VerifyingKey},
    nodes, server_time,
};
use baigong_model::{Clock, Random, Secret, SystemClock, SystemRandom};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::health::Health;
use crate::watch::Watch;
use crate::{Settings, dialects, folder, http};

/// How long requests may take to end after the platform was told to stop.
const DRAIN: Duration = Duration::from_secs(8);

/// What a platform needs to start.
pub struct Options {
    /// How it is set up.
    pub settings: Settings,
    /// The password of `admin` at the first start; one is made without it.
    pub admin_password: Option<Secret<String>>,
    /// Who brings it may read `/metrics`, from wherever they come.
    pub metrics_token: Option<Secret<String>>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
}

impl Options {
    /// With the machine's own time and randomness.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            admin_password: None,
            metrics_token: None,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }
}

/// A platform that serves. Dropping it stops its work without draining; [`RunningPlatform::stop`] stops it in order.
pub struct RunningPlatform {
    /// Where it listens.
    pub address: SocketAddr,
    /// The password made for `admin` at the first start. It is shown once and stored nowhere.
    pub made_password: Option<Secret<String>>,
    /// Its operations, for whoever runs in the same process.
    pub platform: Platform,
    health: Health,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
    /// Keeps other platforms out of the data folder.
    _folder: std::fs::File,
}

/// Starts a platform: it serves when this returns.
///
/// # Errors
/// When the settings do not go together, the data folder is taken, the database cannot be opened or is of a newer version,
/// or the address is in use. The text says what to do.
pub async fn start(options: Options) -> Result<RunningPlatform> {
    let Options { settings, admin_password, metrics_token, clock, random } = options;
    settings.check()?;
    let taken = folder::take(&settings.data)?;
    // The address first: it is the more likely mistake, and quicker to find than opening a database.
    let listener = TcpListener::bind(settings.listen).await;
    let listener = listener.with_context(|| format!("listening on {}", settings.listen))?;
    let address = listener.local_addr().context("the address listened on")?;
    let platform = open(&settings, clock, random).await?;
    match folder::clear_uploads(&Tsac::upload_folder(&platform)) {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "uploads that were cut short are removed"),
        Err(error) => tracing::warn!(%error, "uploads that were cut short could not be removed"),
    }
    server_time::align(&platform).await?;
    let made_password = bootstrap::bootstrap(&platform, admin_password).await?;
    // Before robots come: until it is known who has a seat, everybody is thought to have one.
    licenses::refresh(&platform).await?;
    nodes::start(&platform).await?;
    let exposed = dialects::exposed(&settings, address);
    if let Some(exposed) = &exposed {
        tracing::warn!("{exposed}");
    }
    let health = Health::new(&platform, baigong_background::start(&platform), exposed);
    let watch = Watch::new(&platform, &settings)?;
    let router = http::router(&platform, &dialects::offered(&settings), health.clone(), watch, metrics_token);
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        // Answers are small and wanted now: do not wait to fill a packet.
        let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
        axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(async { drop(stopped.await) })
            .await
    });
    tracing::info!(%address, data = %settings.data.display(), "the platform serves");
    Ok(RunningPlatform { address, made_password, platform, health, stop, server, _folder: taken })
}

/// Opens the platform of `settings` without serving it: for administration, also beside a running one.
///
/// # Errors
/// When the database cannot be opened or is of a newer version.
pub async fn open(settings: &Settings, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Platform> {
    let actions = Arc::new(baigong_actions::table());
    Platform::open(config(settings)?, clock, random, actions).await.context("opening the database")
}

/// What `core` makes of the settings.
pub(crate) fn config(settings: &Settings) -> Result<Config> {
    let mut config = Config::new(settings.data.clone());
    if let Some(url) = &settings.database {
        config.database.url.clone_from(url);
    }
    config.time_zone = jiff::tz::TimeZone::get(&settings.time_zone).context("time_zone")?;
    config.allow_plain_passwords = settings.plain_passwords();
    config.lease = i64::from(settings.lease_seconds) * 1000;
    config.heartbeat = i64::from(settings.heartbeat_seconds) * 1000;
    config.offline_after = i64::from(settings.offline_seconds) * 1000;
    config.token_idle = i64::from(settings.token_idle_minutes) * 60_000;
    config.token_absolute = i64::from(settings.token_hours) * 3_600_000;
    config.calls_per_second = settings.calls_per_second;
    config.admin_email.clone_from(&settings.admin_email);
    config.smtp = settings.smtp()?;
    let kept = |days: u32| (days > 0).then(|| i64::from(days) * 24 * 3_600_000);
    config.keep_firings = kept(settings.keep_firings_days);
    config.keep_messages = kept(settings.keep_messages_days);
    config.keep_operation_logs = kept(settings.keep_operation_log_days);
    config.keep_recordings = kept(settings.recording_days);
    config.license_public_key = settings.license_public_key.as_deref().map(VerifyingKey::parse).transpose()?;
    config.warn.language = settings.language.into();
    config.warn.allowed_networks = settings.warn_allowed_networks.networks();
    if let Some(file) = &settings.warn_certificates {
        let read = std::fs::read(file).with_context(|| format!("warn_certificates: reading {}", file.display()));
        config.warn.certificates = Some(read?);
    }
    Ok(config)
}

impl RunningPlatform {
    /// Its address for clients.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until the server ends by itself, which it does only when it fails.
    pub async fn failed(&mut self) -> anyhow::Error {
        match (&mut self.server).await {
            Ok(Ok(())) => anyhow::anyhow!("the server ended"),
            Ok(Err(error)) => anyhow::Error::new(error).context("the server"),
            Err(error) => anyhow::Error::new(error).context("the server"),
        }
    }

    /// Stops in order: unready first, no more tasks handed out, robots let go (they come back to the next node or start),
    /// requests ended; all within ten seconds.
    pub async fn stop(self) {
        tracing::info!("the platform stops");
        if let Some(background) = self.health.stopping() {
            background.stop().await;
        }
        let links = &self.platform.links;
        for robot in links.robots() {
            if let Some(connection) = links.update(robot, |linked| linked.connection) {
                links.remove(robot, connection);
            }
        }
        // A server that has failed already hears nothing.
        let _ = self.stop.send(());
        if tokio::time::timeout(DRAIN, self.server).await.is_err() {
            tracing::warn!("some requests did not end in time");
        }
        if let Err(error) = nodes::stop(&self.platform).await {
            tracing::warn!(%error, "the node could not sign off; its lease ends by itself");
        }
    }
}

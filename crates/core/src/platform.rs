//! What every operation has at hand: the database, the blobs, time, randomness, the robots, the keys.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use baigong_flow::ActionTable;
use baigong_model::{Clock, Random, Result};
use baigong_store::{Settings, Store, blobs::Blobs};

use crate::{
    accounts::Sessions,
    bridges, calendars, departments,
    dispatch::Dispatch,
    files::Guesses,
    hot::Hot,
    keys::Keys,
    licenses::{Standing, VerifyingKey},
    links::Links,
    lists::Counts,
    live_views::LiveViews,
    machines::Readings,
    maintenance_windows,
    notices::words::Language,
    passwords::Passwords,
    queue_items::KnownQueues,
    robot_sessions::Steps,
    robots::NodesAlive,
    signals::Signals,
    smtp::Smtp,
    tasks::positions::Positions,
    triggers, vitals,
};

/// How a platform is set up. Durations in milliseconds.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data folder: keys, blobs and, by default, the database.
    pub data_folder: PathBuf,
    /// The database.
    pub database: Settings,
    /// The IANA zone in which times are shown.
    pub time_zone: jiff::tz::TimeZone,
    /// Whether passwords may come in plain text (on by default for loopback and TLS listeners).
    pub allow_plain_passwords: bool,
    /// How long a robot holds a task without renewing.
    pub lease: i64,
    /// How often a robot says that it lives.
    pub heartbeat: i64,
    /// After how long without a word a robot counts as offline.
    pub offline_after: i64,
    /// How long a token lives unused.
    pub token_idle: i64,
    /// How long a token lives at most.
    pub token_absolute: i64,
    /// How long recordings are kept; without it for ever.
    pub keep_recordings: Option<i64>,
    /// The key that licenses are believed by; without it none is.
    pub license_public_key: Option<VerifyingKey>,
    /// How people are told of what happens.
    pub warn: Warn,
    /// How often a token may be used in a second; 0 for no limit.
    pub calls_per_second: u32,
    /// The first administrator's e-mail.
    pub admin_email: String,
    /// The platform's own mail server.
    pub smtp: Option<Smtp>,
    /// For how long it is kept what came of a trigger's instants, milliseconds; none for ever.
    pub keep_firings: Option<i64>,
    /// For how long notices and announcements are kept that are over; none for ever.
    pub keep_messages: Option<i64>,
    /// For how long rows of the operation log are kept; none for ever.
    pub keep_operation_logs: Option<i64>,
}

/// For how long it is usually kept what came of a trigger's instants, and what people were told: 90 days, as notices are.
const KEPT: i64 = 90 * 24 * 3_600_000;

/// How people are told of what happens.
#[derive(Debug, Clone, Default)]
pub struct Warn {
    /// The language of the messages.
    pub language: Language,
    /// Addresses that channels may reach although they are this machine's own or those of its surroundings.
    pub allowed_networks: Vec<ipnet::IpNet>,
    /// Certificates (PEM) that channels are believed by, beside those of the system.
    pub certificates: Option<Vec<u8>>,
}

impl Config {
    /// The defaults, with SQLite in `data_folder`.
    #[must_use]
    pub fn new(data_folder: PathBuf) -> Self {
        Self {
            database: Settings::sqlite(&data_folder.join("baigong.db")),
            data_folder,
            time_zone: jiff::tz::TimeZone::get("Asia/Shanghai").unwrap_or(jiff::tz::TimeZone::UTC),
            allow_plain_passwords: true,
            lease: 60_000,
            heartbeat: 10_000,
            offline_after: 30_000,
            token_idle: 30 * 60_000,
            token_absolute: 12 * 3_600_000,
            keep_recordings: None,
            license_public_key: None,
            warn: Warn::default(),
            calls_per_second: 0,
            admin_email: "admin@baigong.local".into(),
            smtp: None,
            keep_firings: Some(KEPT),
            keep_messages: Some(KEPT),
            keep_operation_logs: None,
        }
    }
}

/// The platform. Cheap to clone; every operation takes it first.
#[derive(Clone)]
pub struct Platform(Arc<Parts>);

/// What a [`Platform`] is made of.
pub struct Parts {
    /// How it is set up.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// Packages and artifacts.
    pub blobs: Blobs,
    /// The hot writes.
    pub hot: Hot,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// How far the clock that all nodes go by is ahead of it, milliseconds.
    pub(crate) clock_difference: AtomicI64,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// The actions that flows may use: uploads are checked against them.
    pub actions: Arc<ActionTable>,
    /// The robots connected to this node.
    pub links: Links,
    /// The screens that are watched.
    pub(crate) live_views: LiveViews,
    /// This node's id.
    pub node_id: Arc<str>,
    /// When leases were last looked at.
    pub(crate) leases_looked_at: AtomicI64,
    /// Queues that were used a moment ago.
    pub(crate) known_queues: KnownQueues,
    /// Where running tasks are.
    pub steps: Steps,
    /// What the dispatcher has been told.
    pub dispatch: Dispatch,
    /// What other nodes are told.
    pub signals: Signals,
    /// When triggers are looked at next.
    pub alarm: triggers::Alarm,
    /// Triggers that could not be decided.
    pub(crate) troubled: triggers::Troubled,
    /// The platform's own keys.
    pub(crate) keys: Keys,
    /// Where passwords are hashed.
    pub(crate) passwords: Passwords,
    /// Wrong passwords of files of late.
    pub(crate) file_guesses: Guesses,
    /// Tokens in use.
    pub(crate) sessions: Sessions,
    /// What machines are doing.
    pub(crate) readings: Readings,
    /// Which robots have a seat.
    pub(crate) licenses: Standing,
    /// The tree of departments.
    pub(crate) departments: departments::Cache,
    /// The maintenance windows in force.
    pub(crate) maintenance: maintenance_windows::Cache,
    /// The days of calendars in use.
    pub(crate) calendars: calendars::Cache,
    /// How many rows lists hold.
    pub(crate) counts: Counts,
    /// What is counted in passing.
    pub counted: vitals::Counted,
    /// Where rows stand in long lists of tasks.
    pub(crate) task_positions: Positions,
    /// Which nodes are alive.
    pub(crate) nodes_alive: NodesAlive,
    /// The bridges that this node works.
    pub(crate) bridges: bridges::Standing,
}

impl std::ops::Deref for Platform {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Platform {
    /// Opens the database and the blobs of `config`.
    pub async fn open(
        config: Config,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        actions: Arc<ActionTable>,
    ) -> Result<Self> {
        let store = Store::open(&config.database).await?;
        let blobs = Blobs::in_folder(&config.data_folder.join("blobs"))?;
        let keys = Keys::load(&config.data_folder, &store, &random, clock.now()).await?;
        let mut id = [0; 8];
        random.fill(&mut id);
        let node_id = hex::encode(id).into();
        let hot = Hot::new(&store);
        let links = Links::default();
        Ok(Self(Arc::new(Parts {
            config,
            store,
            blobs,
            hot,
            clock,
            clock_difference: AtomicI64::new(0),
            random,
            actions,
            links,
            live_views: LiveViews::default(),
            node_id,
            leases_looked_at: AtomicI64::new(0),
            known_queues: KnownQueues::default(),
            steps: Steps::default(),
            dispatch: Dispatch::default(),
            signals: Signals::default(),
            alarm: triggers::Alarm::default(),
            troubled: triggers::Troubled::default(),
            keys,
            passwords: Passwords::new(),
            file_guesses: Guesses::default(),
            sessions: Sessions::default(),
            readings: Readings::default(),
            licenses: Standing::default(),
            departments: departments::Cache::default(),
            maintenance: maintenance_windows::Cache::default(),
            calendars: calendars::Cache::default(),
            counts: Counts::default(),
            counted: vitals::Counted::default(),
            task_positions: Positions::default(),
            nodes_alive: NodesAlive::default(),
            bridges: bridges::Standing::default(),
        })))
    }

    /// Whether it can do its work: it writes, and what it wrote is read back over another connection.
    pub async fn check(&self) -> Result<()> {
        crate::nodes::prove(self).await
    }

    /// The time now, milliseconds since the epoch.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.clock.now() + self.clock_difference.load(Ordering::Relaxed)
    }
}

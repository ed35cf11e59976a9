//! The private PostgreSQL cluster of the tests. It is made in a temporary folder from the operating system's binaries,
//! listens on a random loopback port and asks for a random password. Test processes share it (a runner may start one process
//! per test) and hold it by a shared file lock; a small shell script, its supervisor, sees when no process holds it any more
//! – ended, panicked or killed alike – and then stops and removes it. Knows nothing of what is stored in it.

mod binaries;
mod start;

use std::ffi::OsStr;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow, ensure};
use baigong_model::{Random, SystemRandom};

/// Whether the cluster survives a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// `fsync` off: quick, for tests, shared by all test processes.
    None,
    /// As PostgreSQL comes: for benches. The cluster belongs to this process alone.
    Full,
}

/// A running cluster. It stops when the last process that holds it has ended.
#[derive(Debug)]
pub struct Cluster {
    binaries: PathBuf,
    port: u16,
    password: String,
    /// Holds the shared lock that keeps the cluster alive; the system releases it whatever way the process ends.
    _held: std::fs::File,
    folder: PathBuf,
}

/// The name of the cluster's only account.
const ACCOUNT: &str = "baigong";

/// The cluster that the tests share, started when it is not running yet.
///
/// # Errors
/// When PostgreSQL is not installed, or does not start: the text says what to do.
pub fn cluster() -> Result<&'static Cluster> {
    static SHARED: OnceLock<Result<Cluster, String>> = OnceLock::new();
    SHARED.get_or_init(|| describe(start::start(Durability::None))).as_ref().map_err(|text| anyhow!("{text}"))
}

/// A cluster of this process's own that syncs every commit to the disk, for benches.
///
/// # Errors
/// As for [`cluster`].
pub fn durable_cluster() -> Result<&'static Cluster> {
    static DURABLE: OnceLock<Result<Cluster, String>> = OnceLock::new();
    DURABLE.get_or_init(|| describe(start::start(Durability::Full))).as_ref().map_err(|text| anyhow!("{text}"))
}

fn describe(result: Result<Cluster>) -> Result<Cluster, String> {
    result.map_err(|error| format!("{error:#}"))
}

impl Cluster {
    /// The address of the database `name`.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        format!("postgres://{ACCOUNT}:{}@127.0.0.1:{}/{name}", self.password, self.port)
    }

    /// One of PostgreSQL's own programs, such as `pgbench`, set up to reach this cluster.
    #[must_use]
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.binaries.join(name));
        command.env("PGHOST", "127.0.0.1").env("PGPORT", self.port.to_string()).env("PGUSER", ACCOUNT);
        command.env("PGPASSWORD", &self.password).env("PGCONNECT_TIMEOUT", "20").stdin(Stdio::null());
        command
    }

    /// Makes a database, empty or as a copy of `template`, and gives its name.
    ///
    /// # Errors
    /// With what the server says.
    pub fn create_database(&self, template: Option<&str>) -> Result<String> {
        let name = format!("t_{}", random_hex(8));
        let template = template.unwrap_or("template0");
        self.sql("postgres", &[&format!("CREATE DATABASE {name} TEMPLATE {template}")])?;
        Ok(name)
    }

    /// Removes a database, its connections too.
    ///
    /// # Errors
    /// With what the server says.
    pub fn drop_database(&self, name: &str) -> Result<()> {
        self.sql("postgres", &[&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")]).map(drop)
    }

    /// Runs `statements` one by one in `database` and gives what the server prints, unaligned and without headings.
    ///
    /// # Errors
    /// With what the server says.
    pub fn sql(&self, database: &str, statements: &[&str]) -> Result<String> {
        let mut command = self.program("psql");
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database]);
        for statement in statements {
            command.arg("-c").arg(OsStr::new(statement));
        }
        let output = command.output().context("psql")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}: {}", statements.join("; "), said.trim());
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// The database other databases are copied from: made and prepared once a cluster and test program.
    pub(crate) async fn template<F, P>(&self, name: &str, prepare: P) -> Result<String>
    where
        P: FnOnce(String) -> F,
        F: Future<Output = Result<()>>,
    {
        let template = format!("template_{name}_{:016x}", this_program());
        // Locks are taken by a thread of their own: waiting for another process must not stop this one's runtime.
        let path = self.folder.join("templates.lock");
        let lock =
            tokio::task::spawn_blocking(move || start::locked(&path)).await.context("waiting for the lock")??;
        let known =
            self.sql("postgres", &[&format!("SELECT datistemplate FROM pg_database WHERE datname = '{template}'")])?;
        if known != "t" {
            self.drop_database(&template)?;
            self.sql("postgres", &[&format!("CREATE DATABASE {template} TEMPLATE template0")])?;
            prepare(self.url(&template)).await?;
            // A template can only be copied while nobody is connected to it.
            let close = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'");
            let mark = format!("ALTER DATABASE {template} ALLOW_CONNECTIONS false IS_TEMPLATE true");
            self.sql("postgres", &[&mark, &close])?;
        }
        drop(lock);
        Ok(template)
    }
}

/// Tells this build of this test program from any other: a template made by an older build may hold an older schema.
fn this_program() -> u64 {
    let mut hasher = DefaultHasher::new();
    if let Ok(program) = std::env::current_exe() {
        let built = std::fs::metadata(&program).and_then(|metadata| metadata.modified()).ok();
        (program, built).hash(&mut hasher);
    }
    hasher.finish()
}

fn random_hex(bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    SystemRandom.fill(&mut buffer);
    hex::encode(buffer)
}

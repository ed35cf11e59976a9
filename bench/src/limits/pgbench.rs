//! PostgreSQL's own load generator with a script of ours, on the same cluster, in a database with the platform's tables.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use baigong_store::{Settings, Store};
use baigong_testkit::postgres::{self, Cluster};

/// A database for pgbench.
pub(crate) struct Pgbench {
    cluster: &'static Cluster,
    database: String,
}

/// One task, queued.
pub(crate) const PUSH_TASK: &str = "INSERT INTO task (department_id, process_id, package_id, pool_id, state, priority, fence, \
    create_mode, created_by, is_record, is_warn, in_parameters, max_run_minutes, max_wait_minutes, retry_safe, created_at) \
    VALUES (1, 1, 1, 1, 'queued', 1, 0, 2, 1, false, false, '[]', 0, 0, false, 0);\n";
/// The most urgent task that nobody else is taking, given to a robot; `:id` is then its id, or 0 when there was none.
pub(crate) const CLAIM_TASK: &str = "\\set id 0\nUPDATE task SET state = 'assigned', fence = fence + 1, robot_id = :client_id, \
    assigned_at = 1, lease_until = 2 WHERE id = (SELECT id FROM task WHERE state = 'queued' AND pool_id = 1 \
    ORDER BY priority, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id \\aset\n";
/// Its start, then its end.
pub(crate) const RUN_TASK: &str = "UPDATE task SET state = 'running', started_at = 1 WHERE id = :id AND state = 'assigned';\n\
    UPDATE task SET state = 'succeeded', ended_at = 2, lease_until = NULL WHERE id = :id AND state = 'running';\n";
/// One item of a data queue.
pub(crate) const PUSH_ITEM: &str = "INSERT INTO queue_item (queue_id, state, priority, payload, attempts, fence, created_at, \
    available_at) VALUES (1, 'new', 1, '{\"code\":\"600000\"}', 0, 0, 0, 0);\n";
/// The next item, taken.
pub(crate) const POP_ITEM: &str = "UPDATE queue_item SET state = 'running', fence = fence + 1, attempts = attempts + 1, \
    holder = 'bench', lease_until = 1 WHERE id = (SELECT id FROM queue_item WHERE queue_id = 1 AND state = 'new' \
    AND available_at <= 1 ORDER BY priority, id LIMIT 1 FOR UPDATE SKIP LOCKED);\n";
/// An item, ended: any one, since which does not matter.
pub(crate) const FINISH_ITEM: &str = "\\set id random(1, 100000)\n\
    UPDATE queue_item SET state = 'succeeded', ended_at = 1, holder = NULL, lease_until = NULL WHERE id = :id;\n";

impl Pgbench {
    /// A new database.
    pub(crate) async fn open() -> Result<Self> {
        let cluster = postgres::durable_cluster()?;
        let database = cluster.create_database(None)?;
        drop(Store::open(&Settings::new(cluster.url(&database))).await?);
        Ok(Self { cluster, database })
    }

    /// Runs `statement` once.
    pub(crate) fn sql(&self, statement: &str) -> Result<()> {
        self.cluster.sql(&self.database, &[statement]).map(drop)
    }

    /// Runs of `script` a second, by so many clients, for `window` (whole seconds).
    pub(crate) async fn rate(&self, script: &str, clients: usize, window: Duration) -> Result<f64> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), script)?;
        let mut command = self.cluster.program("pgbench");
        command.args(["-n", "-M", "prepared", "-j", "2", "-c"]).arg(clients.to_string());
        command.arg("-T").arg(window.as_secs().max(1).to_string()).arg("-f").arg(file.path()).arg(&self.database);
        let output = tokio::task::spawn_blocking(move || command.output()).await?.context("pgbench")?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
        let line = said.lines().find_map(|line| line.strip_prefix("tps = ")).context("pgbench gave no tps")?;
        Ok(line.split_whitespace().next().unwrap_or_default().parse()?)
    }
}

impl Drop for Pgbench {
    fn drop(&mut self) {
        // It goes with the cluster at the latest.
        let _ = self.cluster.drop_database(&self.database);
    }
}

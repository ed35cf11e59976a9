//! The contents page of the background work.

use baigong_core::{
    Platform, accounts, agenda, agent_rollouts, calendars, deadlines, dispatch, files, first_answers, licenses,
    machines, maintenance_windows, nodes, notices, pools, recordings, retention, robot_operations, robot_sessions,
    robots, server_time, triggers,
};
use baigong_model::Result;
use futures_util::{FutureExt, future::BoxFuture};

use crate::{bridges, notifier};

/// One piece of work.
pub(crate) struct Work {
    /// Its name in the log.
    pub(crate) name: &'static str,
    /// How often, milliseconds.
    pub(crate) every: u64,
    /// What it does.
    pub(crate) run: fn(Platform) -> BoxFuture<'static, Result<()>>,
}

/// All of it.
pub(crate) const TABLE: &[Work] = &[
    Work { name: "server-time", every: 30_000, run: |p| async move { server_time::align(&p).await.map(drop) }.boxed() },
    Work { name: "node-lease", every: 10_000, run: |p| async move { nodes::renew(&p).await.map(drop) }.boxed() },
    Work {
        name: "task-leases",
        every: 5_000,
        run: |p| async move { robot_sessions::renew_leases(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "silent-robots",
        every: 5_000,
        run: |p| async move { robot_sessions::drop_silent(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "task-steps",
        every: 1_000,
        run: |p| async move { robot_sessions::write_steps(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "ended-leases",
        every: 2_000,
        run: |p| async move { deadlines::end_leases(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "maximum-waiting-time",
        every: 1_000,
        run: |p| async move { deadlines::expire_waiting(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "maximum-run-time",
        every: 1_000,
        run: |p| async move { deadlines::expire_running(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "queue-items",
        every: 1_000,
        run: |p| async move { deadlines::sweep_items(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "dispatch-net",
        every: 1_000,
        run: |p| async move { dispatch::run_everywhere(&p).await.map(drop) }.boxed(),
    },
    Work { name: "pools", every: 2_000, run: |p| async move { pools::learn_from_others(&p).await.map(drop) }.boxed() },
    Work {
        name: "first-answers",
        every: 60_000,
        run: |p| async move { first_answers::forget(&p).await.map(drop) }.boxed(),
    },
    Work { name: "bridges", every: 1_000, run: |p| async move { bridges::run_once(&p).await.map(drop) }.boxed() },
    Work { name: "notifier", every: 1_000, run: |p| async move { notifier::run_once(&p).await.map(drop) }.boxed() },
    Work { name: "reminders", every: 1_000, run: |p| async move { agenda::remind(&p).await.map(drop) }.boxed() },
    Work { name: "old-notices", every: 3_600_000, run: |p| async move { notices::forget(&p).await.map(drop) }.boxed() },
    Work { name: "trigger-queues", every: 1_000, run: |p| async move { triggers::look(&p).await.map(drop) }.boxed() },
    Work {
        name: "waiting-firings",
        every: 1_000,
        run: |p| async move { triggers::release(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "token-use",
        every: 30_000,
        run: |p| async move { accounts::flush_token_use(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "robot-calls",
        every: 3_600_000,
        run: |p| async move { robot_sessions::forget_calls(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "machine-readings",
        every: 60_000,
        run: |p| async move { machines::keep_readings(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "robot-operations",
        every: 2_000,
        run: |p| async move { robot_operations::ask_all(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "agent-rollouts",
        every: 2_000,
        run: |p| async move { agent_rollouts::advance(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "robots-cut-off",
        every: 2_000,
        run: |p| async move { robots::cut_off_changed(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "missing-robots",
        every: 10_000,
        run: |p| async move { robots::tell_missing(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "old-firings",
        every: 3_600_000,
        run: |p| async move { triggers::forget(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "old-messages",
        every: 3_600_000,
        run: |p| async move { retention::remove_messages(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "old-operation-logs",
        every: 3_600_000,
        run: |p| async move { retention::remove_operation_logs(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "old-foreign-runs",
        every: 3_600_000,
        run: |p| async move { retention::remove_foreign_runs(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "maintenance-windows",
        every: 1_000,
        run: |p| async move { maintenance_windows::look_again(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "deleted-files",
        every: 3_600_000,
        run: |p| async move { files::remove_deleted(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "lost-uploads",
        every: 6 * 3_600_000,
        run: |p| async move { files::sweep(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "old-recordings",
        every: 3_600_000,
        run: |p| async move { recordings::remove_old(&p).await.map(drop) }.boxed(),
    },
    Work { name: "licenses", every: 10_000, run: |p| async move { licenses::refresh(&p).await }.boxed() },
    Work {
        name: "calendar-ends",
        every: 6 * 3_600_000,
        run: |p| async move { calendars::warn_of_ends(&p).await.map(drop) }.boxed(),
    },
    Work {
        name: "license-expiry",
        every: 86_400_000,
        run: |p| async move { licenses::warn_of_expiry(&p).await.map(drop) }.boxed(),
    },
];

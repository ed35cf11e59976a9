//! Fills a database as years of work would have left it. The rows are made by the database itself, in slices, after the
//! pattern of a process that is there already. The names of all of them begin with the word below.

use anyhow::{Context as _, Result, ensure};
use baigong_store::{ConnectionTrait as _, Store};
use clap::Args;
use futures_util::FutureExt as _;
use sea_orm::{DatabaseConnection, Statement};

/// What the names of seeded rows begin with.
pub(crate) const NAME: &str = "seeded";
/// How many rows one transaction writes.
const SLICE: u64 = 20_000;
/// Departments below the root, processes with a group of robots each, and queues.
const DEPARTMENTS: u64 = 50;
const PROCESSES: u64 = 100;
const QUEUES: u64 = 10;

/// How many of each.
#[derive(Debug, Clone, Args)]
pub(crate) struct Size {
    /// Tasks; one in a hundred waits, the others have ended
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) tasks: u64,
    /// Items of data queues; half of them wait
    #[arg(long, default_value_t = 100_000)]
    pub(crate) items: u64,
    /// Robots, none of them connected
    #[arg(long, default_value_t = 10_000)]
    pub(crate) robots: u64,
    /// Triggers, each once a day at nine
    #[arg(long, default_value_t = 5_000)]
    pub(crate) triggers: u64,
}

/// What is already there.
struct Pattern {
    department: i64,
    process: i64,
    /// When the last of the rows was made, milliseconds since the epoch.
    now: i64,
}

/// Fills `store`; `now` is in milliseconds since the epoch.
pub(crate) async fn fill(store: &Store, size: &Size, now: i64) -> Result<()> {
    let number = async |text: &str| number(store.reader(), text).await;
    let seeded = number("SELECT COUNT(*) FROM robot_group WHERE name LIKE 'seeded %'").await?;
    ensure!(seeded == 0, "this database has been filled before");
    let process = number("SELECT COALESCE(MIN(id), 0) FROM process WHERE package_id IS NOT NULL").await?;
    ensure!(process > 0, "there is no process with an activated package to work after: run the demo on it first");
    let department = number("SELECT MIN(id) FROM department").await?;
    let pattern = Pattern { department, process, now };
    for (count, text) in statements(size, &pattern) {
        slices(store, count, &text).await?;
    }
    Ok(())
}

/// One number.
pub(crate) async fn number(reader: &DatabaseConnection, text: &str) -> Result<i64> {
    let statement = Statement::from_string(reader.get_database_backend(), text);
    let row = reader.query_one_raw(statement).await?.context("no answer")?;
    Ok(row.try_get_by_index::<Option<i64>>(0)?.unwrap_or(0))
}

/// Runs `text` for the numbers 1 to `count`, a slice at a time: `{n}` is where the numbers come from.
async fn slices(store: &Store, count: u64, text: &str) -> Result<()> {
    let mut first = 1;
    while first <= count {
        let last = (first + SLICE - 1).min(count);
        let numbers = format!(
            "(WITH RECURSIVE numbers (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM numbers WHERE i < {last}) \
             SELECT i FROM numbers) AS n"
        );
        let text = text.replace("{n}", &numbers);
        let written = store.write(move |tx| {
            async move { tx.execute_unprepared(&text).await.map(drop).map_err(baigong_model::Error::internal) }.boxed()
        });
        written.await?;
        first = last + 1;
    }
    Ok(())
}

/// How many numbers, and the statement that makes a row of each.
fn statements(size: &Size, pattern: &Pattern) -> Vec<(u64, String)> {
    let mut all = organisation(pattern);
    all.extend(robots(size, pattern));
    all.extend(work(size, pattern));
    all
}

/// The id of the seeded row of `table` whose turn it is for number `i`: rows of one table were inserted one after the other.
fn turn(table: &str, count: u64) -> String {
    format!("(SELECT MIN(id) FROM {table} WHERE name LIKE '{NAME} %') + n.i % {count}")
}

fn organisation(pattern: &Pattern) -> Vec<(u64, String)> {
    let Pattern { department, now, .. } = pattern;
    vec![
        (
            DEPARTMENTS,
            format!(
                "INSERT INTO department (name, live_name, parent_id, created_at)
                 SELECT '{NAME} ' || n.i, '{department}/{NAME} ' || n.i, {department}, {now} FROM {{n}} ORDER BY n.i"
            ),
        ),
        (
            1,
            format!(
                "INSERT INTO machine (name, live_name, created_at) SELECT '{NAME} ' || n.i, '{NAME} ' || n.i, {now} FROM {{n}}"
            ),
        ),
    ]
}

fn robots(size: &Size, pattern: &Pattern) -> Vec<(u64, String)> {
    let now = pattern.now;
    let department = turn("department", DEPARTMENTS);
    let own = format!("(SELECT p.id FROM robot_pool p WHERE p.pool_key = '{NAME} robot ' || n.i)");
    let group = |of: &str| format!("(SELECT p.id FROM robot_pool p WHERE p.pool_key = '{NAME} group ' || {of})");
    vec![
        (size.robots, format!("INSERT INTO robot_pool (pool_key) SELECT '{NAME} robot ' || n.i FROM {{n}}")),
        (PROCESSES, format!("INSERT INTO robot_pool (pool_key) SELECT '{NAME} group ' || n.i FROM {{n}}")),
        (
            size.robots,
            format!(
                "INSERT INTO robot (department_id, machine_id, pool_id, name, live_name, robot_type, machine_name,
                    machine_username, desktop_type, resolution_width, resolution_height, resolution_depth,
                    is_auto_unlock_enabled, log_level, secret_hash, max_tasks, created_at)
                 SELECT {department}, (SELECT MAX(id) FROM machine WHERE name LIKE '{NAME} %'), {own}, '{NAME} ' || n.i,
                    '{NAME} ' || n.i, 0, 'HOST', 'robot', 0, 1920, 1080, 32, FALSE, 'info', '{NAME} ' || n.i, 1, {now}
                 FROM {{n}} ORDER BY n.i"
            ),
        ),
        (
            PROCESSES,
            format!(
                "INSERT INTO robot_group (department_id, pool_id, name, live_name, created_at)
                 SELECT {department}, {}, '{NAME} ' || n.i, '{NAME} ' || n.i, {now} FROM {{n}} ORDER BY n.i",
                group("n.i")
            ),
        ),
        (
            1,
            format!(
                "INSERT INTO robot_pool_member (pool_id, robot_id)
                 SELECT r.pool_id, r.id FROM robot r, {{n}} WHERE r.name LIKE '{NAME} %'
                 UNION ALL SELECT g.pool_id, r.id FROM robot r, {{n}}, robot_group g
                 WHERE r.name LIKE '{NAME} %' AND g.name LIKE '{NAME} %' AND g.id % {PROCESSES} = r.id % {PROCESSES}"
            ),
        ),
    ]
}

fn work(size: &Size, pattern: &Pattern) -> Vec<(u64, String)> {
    let Pattern { process, now, .. } = pattern;
    let department = turn("department", DEPARTMENTS);
    let (seeded, group, queue) =
        (turn("process", PROCESSES), turn("robot_group", PROCESSES), turn("data_queue", QUEUES));
    let robot = turn("robot", size.robots.max(1));
    let state = "CASE n.i % 100 WHEN 0 THEN 'queued' WHEN 1 THEN 'failed' WHEN 2 THEN 'cancelled' WHEN 3 THEN 'lost' \
                 ELSE 'succeeded' END";
    let at = format!("{now} - ({} - CAST(n.i AS BIGINT)) * 30000", size.tasks);
    let run = |after: u32| format!("CASE WHEN n.i % 100 > 0 THEN {at} + {after} END");
    let item = "CASE n.i % 10 WHEN 0 THEN 'failed' WHEN 1 THEN 'succeeded' WHEN 2 THEN 'succeeded' \
                WHEN 3 THEN 'succeeded' WHEN 4 THEN 'succeeded' ELSE 'new' END";
    vec![
        (
            PROCESSES,
            format!(
                "INSERT INTO process (department_id, robot_group_id, package_id, name, live_name, is_record, in_parameters,
                    task_name, created_at)
                 SELECT {department}, {group}, p.package_id, '{NAME} ' || n.i, '{NAME} ' || n.i, FALSE, p.in_parameters,
                    p.task_name, {now}
                 FROM {{n}}, process p WHERE p.id = {process} ORDER BY n.i"
            ),
        ),
        (
            size.tasks,
            format!(
                "INSERT INTO task (department_id, process_id, package_id, pool_id, robot_id, state, priority, fence,
                    create_mode, created_by, is_record, is_warn, in_parameters, out_parameters, max_run_minutes,
                    max_wait_minutes, retry_safe, created_at, assigned_at, started_at, ended_at)
                 SELECT {department}, {seeded}, (SELECT package_id FROM process WHERE id = {process}),
                    (SELECT MIN(pool_id) FROM robot_group WHERE name LIKE '{NAME} %') + n.i % {PROCESSES},
                    CASE WHEN n.i % 100 > 0 THEN {robot} END, {state}, 1, 1, 2, 1, FALSE, FALSE, '[]', '[]', 0, 0, FALSE,
                    {at}, {}, {}, {} FROM {{n}} ORDER BY n.i",
                run(900),
                run(1000),
                run(61_000)
            ),
        ),
        (
            QUEUES,
            format!(
                "INSERT INTO data_queue (department_id, name, live_name, lease_seconds, max_attempts, default_priority,
                    created_at)
                 SELECT {department}, '{NAME} ' || n.i, '{NAME} ' || n.i, 600, 3, 1, {now} FROM {{n}} ORDER BY n.i"
            ),
        ),
        (
            size.items,
            format!(
                "INSERT INTO queue_item (queue_id, state, priority, payload, reference, attempts, fence, created_at,
                    available_at)
                 SELECT {queue}, {item}, 1, '{{\"code\": \"' || n.i || '\"}}', 'reference ' || n.i, 0, 0, {now} - n.i,
                    {now} - n.i FROM {{n}} ORDER BY n.i"
            ),
        ),
        (
            size.triggers,
            format!(
                "INSERT INTO task_trigger (department_id, process_id, name, live_name, is_activated, priority, assign_type,
                    robot_group_id, in_parameters, is_record, is_warn, max_run_minutes, max_wait_minutes, trigger_type, cron,
                    time_zone, uses_calendar, queue_threshold, misfire_policy, overlap_policy, version, is_armed,
                    next_fire_at, created_by, created_at)
                 SELECT {department}, {seeded}, '{NAME} ' || n.i, '{NAME} ' || n.i, TRUE, 1, 1, {group}, '[]', FALSE, FALSE,
                    0, 0, 0, '0 0 9 * * ?', 'Asia/Shanghai', FALSE, 0, 'fire-once', 'parallel', 1, TRUE,
                    {now} + 86400000, 1, {now} FROM {{n}} ORDER BY n.i"
            ),
        ),
    ]
}

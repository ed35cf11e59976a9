//! The tables. A step that was released is never changed, a new one follows it; `user_version` counts the steps.

use baigong_model::{Error, Result};
use futures_util::FutureExt;
use sea_orm::{ConnectionTrait, Statement};

use crate::{OWN_IDS_ABOVE, error::translate, triggers, write::RobotStore};

const FIRST: &str = "
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE token (hash TEXT PRIMARY KEY, used_at BIGINT NOT NULL);
CREATE TABLE package (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, version TEXT NOT NULL, live_name TEXT UNIQUE,
    kind TEXT NOT NULL, sha256 TEXT NOT NULL, size BIGINT NOT NULL, info TEXT NOT NULL, retry_safe BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL, deleted_at BIGINT);
CREATE INDEX package_sha256 ON package (sha256);
CREATE TABLE process (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, live_name TEXT UNIQUE, remark TEXT,
    package_id BIGINT REFERENCES package (id), in_parameters TEXT NOT NULL, task_name TEXT,
    created_at BIGINT NOT NULL, deleted_at BIGINT);
CREATE INDEX process_package ON process (package_id);
CREATE TABLE task (
    id INTEGER PRIMARY KEY AUTOINCREMENT, is_own BOOLEAN NOT NULL, process_id BIGINT NOT NULL, process_name TEXT NOT NULL,
    package_id BIGINT REFERENCES package (id), task_name TEXT, priority INTEGER NOT NULL, is_record BOOLEAN NOT NULL,
    in_parameters TEXT NOT NULL, out_parameters TEXT, state TEXT NOT NULL, is_held BOOLEAN NOT NULL, fence BIGINT NOT NULL,
    message TEXT, max_run_minutes BIGINT NOT NULL, max_wait_minutes BIGINT NOT NULL, wait_until BIGINT, paused_at BIGINT,
    retry_safe BOOLEAN NOT NULL, created_at BIGINT NOT NULL, started_at BIGINT, ended_at BIGINT,
    revision BIGINT NOT NULL, told_revision BIGINT NOT NULL, platform_id BIGINT);
CREATE INDEX task_untold ON task (id) WHERE is_own AND revision > told_revision;
CREATE INDEX task_platform ON task (platform_id) WHERE platform_id IS NOT NULL;
CREATE INDEX task_state ON task (state, priority, id);
CREATE INDEX task_process ON task (process_id, id);
CREATE INDEX task_package ON task (package_id);
CREATE INDEX task_started ON task (started_at);
CREATE INDEX task_ended ON task (ended_at);
CREATE INDEX task_created ON task (created_at, id);
CREATE TABLE task_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT, task_id BIGINT NOT NULL, fence BIGINT NOT NULL, first_sequence BIGINT NOT NULL,
    lines TEXT NOT NULL, is_told BOOLEAN NOT NULL, UNIQUE (task_id, fence, first_sequence));
CREATE INDEX task_log_untold ON task_log (id) WHERE NOT is_told;
CREATE TABLE file (
    id INTEGER PRIMARY KEY AUTOINCREMENT, folder_path TEXT NOT NULL, name TEXT NOT NULL, live_path TEXT UNIQUE,
    password_hash TEXT, size BIGINT NOT NULL, intent TEXT, is_made BOOLEAN NOT NULL, updated_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL, deleted_at BIGINT);
CREATE TABLE recording (
    id INTEGER PRIMARY KEY AUTOINCREMENT, task_id BIGINT NOT NULL, fence BIGINT NOT NULL, path TEXT NOT NULL,
    started_at BIGINT NOT NULL, ended_at BIGINT, size BIGINT NOT NULL, state TEXT NOT NULL);
CREATE INDEX recording_task ON recording (task_id, id);
CREATE INDEX recording_path ON recording (path);
";

/// Brings the tables up to date.
pub(crate) async fn make(store: &RobotStore) -> Result<()> {
    store.write(|tx| {
        async move {
            let query = Statement::from_string(tx.get_database_backend(), "PRAGMA user_version");
            let row = tx.query_one_raw(query).await.map_err(translate)?;
            let version: i32 = row.map_or(Ok(0), |row| row.try_get_by_index(0)).map_err(translate)?;
            match version {
                0 => {
                    tx.execute_unprepared(FIRST).await.map_err(translate)?;
                    tx.execute_unprepared(triggers::TABLES).await.map_err(translate)?;
                    let ids = format!(
                        "INSERT INTO sqlite_sequence (name, seq) VALUES ('task', {OWN_IDS_ABOVE}), ('process', {OWN_IDS_ABOVE});
                         PRAGMA user_version = 1;"
                    );
                    tx.execute_unprepared(&ids).await.map(drop).map_err(translate)
                }
                1 => Ok(()),
                newer => Err(Error::unavailable(format!(
                    "the robot's database is of version {newer}, made by a newer program: this one reads version 1"
                ))),
            }
        }
        .boxed()
    })
    .await
}

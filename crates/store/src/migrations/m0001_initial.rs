//! The first tables. Times are milliseconds since the epoch (`*_at`, `*_until`); JSON is opaque text; `deleted_at` marks
//! what was deleted (deletes are soft).

mod application_access;
mod applications;
mod bridges;
mod calendars;
mod maintenance;
mod messages;
mod notices;
mod operation_logs;
mod operations;
mod organisation;
mod own_tasks;
mod resources;
mod triggers;

use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use crate::connect::{id_column, in_key_order};

/// The step.
pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "0001_initial"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let engine = manager.get_database_backend();
        let write = |text: &str| text.replace("$ID", id_column(engine)).replace(" $IN_KEY_ORDER", in_key_order(engine));
        for text in [
            PEOPLE,
            ROBOTS,
            PROCESSES,
            TASKS,
            QUEUES,
            RECORDS,
            resources::RESOURCES,
            maintenance::TABLES,
            notices::TABLES,
            operations::TABLES,
            organisation::TABLES,
            triggers::TRIGGERS,
            calendars::CALENDARS,
            applications::TABLES,
            application_access::TABLES,
            operation_logs::TABLES,
            messages::TABLES,
            bridges::TABLES,
            own_tasks::TABLES,
        ] {
            for statement in text.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
                manager.get_connection().execute_unprepared(&write(statement)).await?;
            }
        }
        Ok(())
    }
}

const PEOPLE: &str = "
CREATE TABLE department (
    id $ID, name TEXT NOT NULL, live_name TEXT UNIQUE, parent_id BIGINT NOT NULL DEFAULT 0,
    code TEXT, position BIGINT NOT NULL DEFAULT 0, remark TEXT, created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX department_parent ON department (parent_id);
CREATE TABLE role (
    id $ID, name TEXT NOT NULL, live_name TEXT UNIQUE, permissions TEXT NOT NULL, data_scope TEXT NOT NULL,
    departments TEXT NOT NULL, is_built_in BOOLEAN NOT NULL, remark TEXT, created_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE TABLE app_user (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), role_id BIGINT NOT NULL REFERENCES role (id),
    name TEXT NOT NULL, username TEXT NOT NULL, live_username TEXT UNIQUE, password_hash TEXT NOT NULL,
    email TEXT, mobile TEXT, remark TEXT, failures INTEGER NOT NULL DEFAULT 0, failures_since BIGINT, locked_until BIGINT,
    created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX app_user_department ON app_user (department_id, id);
CREATE INDEX app_user_role ON app_user (role_id);
CREATE INDEX app_user_email ON app_user (email);
CREATE INDEX app_user_mobile ON app_user (mobile);
CREATE TABLE token (
    hash TEXT PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES app_user (id), application_id BIGINT,
    is_refresh BOOLEAN NOT NULL DEFAULT FALSE, created_at BIGINT NOT NULL, used_at BIGINT NOT NULL, expires_at BIGINT NOT NULL
);
CREATE INDEX token_user ON token (user_id);
CREATE INDEX token_application ON token (application_id) WHERE application_id IS NOT NULL;
CREATE INDEX token_expires ON token (expires_at);
CREATE TABLE used_nonce (hash TEXT PRIMARY KEY, expires_at BIGINT NOT NULL);
CREATE INDEX used_nonce_expires ON used_nonce (expires_at);
CREATE TABLE platform_key (name TEXT PRIMARY KEY, value TEXT NOT NULL, created_at BIGINT NOT NULL);
";

const ROBOTS: &str = "
CREATE TABLE machine (
    id $ID, name TEXT NOT NULL, live_name TEXT UNIQUE, remark TEXT, created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE TABLE robot_pool (id $ID, pool_key TEXT NOT NULL UNIQUE);
CREATE TABLE robot (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), machine_id BIGINT NOT NULL REFERENCES machine (id),
    pool_id BIGINT NOT NULL REFERENCES robot_pool (id), name TEXT NOT NULL, live_name TEXT UNIQUE, robot_type INTEGER NOT NULL,
    machine_name TEXT NOT NULL, machine_username TEXT NOT NULL, machine_password TEXT, remark TEXT,
    desktop_type INTEGER NOT NULL, resolution_width INTEGER NOT NULL, resolution_height INTEGER NOT NULL,
    resolution_depth INTEGER NOT NULL, is_auto_unlock_enabled BOOLEAN NOT NULL, log_level TEXT NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE, max_tasks INTEGER NOT NULL,
    service_state TEXT NOT NULL DEFAULT 'started', node_id TEXT, connection BIGINT, incarnation TEXT, online_at BIGINT,
    missing_since BIGINT, firing_book BIGINT, last_firing BIGINT,
    install_path TEXT, installed_at BIGINT, agent_version TEXT, ip TEXT, system TEXT,
    created_by BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX robot_department ON robot (department_id, id);
CREATE INDEX robot_owner ON robot (created_by, id);
CREATE INDEX robot_machine ON robot (machine_id);
CREATE INDEX robot_node ON robot (node_id);
CREATE INDEX robot_own_pool ON robot (pool_id);
CREATE INDEX robot_missing ON robot (missing_since) WHERE missing_since IS NOT NULL;
CREATE TABLE robot_pool_member (
    pool_id BIGINT NOT NULL REFERENCES robot_pool (id), robot_id BIGINT NOT NULL REFERENCES robot (id),
    PRIMARY KEY (pool_id, robot_id)
);
CREATE INDEX robot_pool_member_robot ON robot_pool_member (robot_id);
CREATE TABLE robot_group (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), pool_id BIGINT NOT NULL REFERENCES robot_pool (id),
    name TEXT NOT NULL, live_name TEXT UNIQUE, remark TEXT, created_by BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX robot_group_department ON robot_group (department_id, id);
CREATE INDEX robot_group_owner ON robot_group (created_by, id);
CREATE INDEX robot_group_pool ON robot_group (pool_id);
CREATE TABLE node (id TEXT PRIMARY KEY, started_at BIGINT NOT NULL, lease_until BIGINT NOT NULL);
";

const PROCESSES: &str = "
CREATE TABLE package (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), name TEXT NOT NULL, version TEXT NOT NULL,
    live_name TEXT UNIQUE, kind TEXT NOT NULL, sha256 TEXT NOT NULL, size BIGINT NOT NULL, blob_key TEXT NOT NULL,
    info TEXT NOT NULL, retry_safe BOOLEAN NOT NULL, created_by BIGINT NOT NULL, created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX package_department ON package (department_id, id);
CREATE INDEX package_owner ON package (created_by, id);
CREATE TABLE process (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id),
    robot_group_id BIGINT NOT NULL REFERENCES robot_group (id), package_id BIGINT REFERENCES package (id),
    name TEXT NOT NULL, live_name TEXT UNIQUE, remark TEXT, is_record BOOLEAN NOT NULL, in_parameters TEXT NOT NULL,
    task_name TEXT, fail_try_times INTEGER NOT NULL DEFAULT 0, created_by BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX process_department ON process (department_id, id);
CREATE INDEX process_owner ON process (created_by, id);
CREATE INDEX process_group ON process (robot_group_id);
CREATE INDEX process_package ON process (package_id);
";

const TASKS: &str = "
CREATE TABLE task (
    id $ID, department_id BIGINT NOT NULL, process_id BIGINT NOT NULL, package_id BIGINT NOT NULL, trigger_id BIGINT,
    pool_id BIGINT NOT NULL, robot_id BIGINT, state TEXT NOT NULL, priority INTEGER NOT NULL, fence BIGINT NOT NULL,
    create_mode INTEGER NOT NULL, created_by BIGINT NOT NULL, is_record BOOLEAN NOT NULL, is_warn BOOLEAN NOT NULL,
    warn_type INTEGER, in_parameters TEXT NOT NULL, task_name TEXT, out_parameters TEXT, message TEXT, current_step TEXT,
    max_run_minutes BIGINT NOT NULL, max_wait_minutes BIGINT NOT NULL, retry_safe BOOLEAN NOT NULL,
    fail_try_times INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
    paused_at BIGINT, paused_with_robot BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL, assigned_at BIGINT, started_at BIGINT, ended_at BIGINT,
    lease_until BIGINT, wait_until BIGINT, run_until BIGINT, deleted_at BIGINT
);
CREATE INDEX task_claim ON task (state, pool_id, priority, id);
CREATE INDEX task_lease ON task (state, lease_until);
CREATE INDEX task_wait ON task (state, wait_until);
CREATE INDEX task_run ON task (state, run_until);
CREATE INDEX task_department ON task (department_id, id);
CREATE INDEX task_owner ON task (created_by, id);
CREATE INDEX task_process ON task (process_id, id);
CREATE INDEX task_robot ON task (robot_id, state);
CREATE INDEX task_started ON task (started_at);
CREATE INDEX task_department_started ON task (department_id, started_at, id);
CREATE INDEX task_package ON task (package_id, state);
CREATE TABLE task_log (
    task_id BIGINT NOT NULL, fence BIGINT NOT NULL, first_sequence BIGINT NOT NULL, last_sequence BIGINT NOT NULL,
    levels INTEGER NOT NULL, lines TEXT NOT NULL, PRIMARY KEY (task_id, fence, first_sequence)
);
CREATE TABLE artifact (
    id $ID, task_id BIGINT NOT NULL, fence BIGINT NOT NULL, name TEXT NOT NULL, size BIGINT NOT NULL, sha256 TEXT NOT NULL,
    blob_key TEXT NOT NULL, created_at BIGINT NOT NULL, UNIQUE (task_id, fence, name)
);
";

const QUEUES: &str = "
CREATE TABLE data_queue (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), name TEXT NOT NULL, live_name TEXT UNIQUE,
    remark TEXT, lease_seconds BIGINT NOT NULL, max_attempts INTEGER NOT NULL, default_priority INTEGER NOT NULL,
    success_queue_id BIGINT REFERENCES data_queue (id), failure_queue_id BIGINT REFERENCES data_queue (id),
    max_items BIGINT, robots TEXT NOT NULL DEFAULT '',
    created_by BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX data_queue_success ON data_queue (success_queue_id);
CREATE INDEX data_queue_failure ON data_queue (failure_queue_id);
CREATE INDEX data_queue_department ON data_queue (department_id, id);
CREATE INDEX data_queue_name ON data_queue (name);
CREATE INDEX data_queue_owner ON data_queue (created_by, id);
CREATE TABLE queue_item (
    id $ID, queue_id BIGINT NOT NULL, state TEXT NOT NULL, priority INTEGER NOT NULL, payload TEXT NOT NULL, reference TEXT,
    attempts INTEGER NOT NULL, fence BIGINT NOT NULL, holder TEXT, output TEXT, reason TEXT, created_at BIGINT NOT NULL,
    available_at BIGINT NOT NULL, expires_at BIGINT, lease_until BIGINT, ended_at BIGINT,
    is_secret BOOLEAN NOT NULL DEFAULT FALSE, origin_id BIGINT
);
CREATE INDEX queue_item_claim ON queue_item (queue_id, state, priority, id, available_at, expires_at);
CREATE INDEX queue_item_list ON queue_item (queue_id, id) WHERE state <> 'deleted';
CREATE UNIQUE INDEX queue_item_reference ON queue_item (queue_id, reference) WHERE reference IS NOT NULL AND state <> 'deleted';
CREATE INDEX queue_item_due ON queue_item (available_at) WHERE state = 'postponed';
CREATE INDEX queue_item_deadline ON queue_item (expires_at) WHERE expires_at IS NOT NULL AND state IN ('new', 'postponed');
CREATE INDEX queue_item_lease ON queue_item (lease_until) WHERE state = 'running';
CREATE INDEX queue_item_holder ON queue_item (holder) WHERE holder IS NOT NULL;
CREATE INDEX queue_item_origin ON queue_item (origin_id) WHERE origin_id IS NOT NULL;
";

const RECORDS: &str = "
CREATE TABLE robot_call (
    task_id BIGINT NOT NULL, fence BIGINT NOT NULL, call_id BIGINT NOT NULL, reply TEXT NOT NULL, created_at BIGINT NOT NULL,
    PRIMARY KEY (task_id, fence, call_id)
);
CREATE INDEX robot_call_created ON robot_call (created_at);
CREATE TABLE audit (
    id $ID, at BIGINT NOT NULL, user_id BIGINT, username TEXT NOT NULL, address TEXT, action TEXT NOT NULL,
    kind TEXT NOT NULL, object_id BIGINT, department_id BIGINT, detail TEXT NOT NULL
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_object ON audit (kind, object_id);
CREATE INDEX audit_user ON audit (user_id, id);
";

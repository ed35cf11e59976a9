//! Maintenance windows: times in which robots get no tasks.

pub(super) const TABLES: &str = "
CREATE TABLE maintenance_window (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), name TEXT NOT NULL, live_name TEXT UNIQUE, remark TEXT,
    target_kind TEXT NOT NULL, target_id BIGINT NOT NULL, starts_at BIGINT, ends_at BIGINT, cron_expression TEXT,
    duration_minutes BIGINT, time_zone TEXT NOT NULL, on_running TEXT NOT NULL, created_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX maintenance_window_department ON maintenance_window (department_id, id);
CREATE INDEX maintenance_window_owner ON maintenance_window (created_by, id);
CREATE INDEX maintenance_window_target ON maintenance_window (target_kind, target_id);
CREATE INDEX maintenance_window_deleted ON maintenance_window (deleted_at);
";

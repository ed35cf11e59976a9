//! What robots are asked to do with themselves: versions of their program, their rolling upgrades, single operations.

pub(super) const TABLES: &str = "
CREATE TABLE agent_version (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), name TEXT NOT NULL, system TEXT NOT NULL,
    live_name TEXT UNIQUE, sha256 TEXT NOT NULL, size BIGINT NOT NULL, blob_key TEXT NOT NULL, signature TEXT, remark TEXT,
    created_by BIGINT NOT NULL, created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX agent_version_department ON agent_version (department_id, id);
CREATE INDEX agent_version_owner ON agent_version (created_by, id);
CREATE INDEX agent_version_deleted ON agent_version (deleted_at);
CREATE TABLE agent_rollout (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), name TEXT NOT NULL, live_name TEXT UNIQUE,
    version_id BIGINT NOT NULL REFERENCES agent_version (id), state TEXT NOT NULL, reason TEXT, wave_size BIGINT NOT NULL,
    most_at_once BIGINT NOT NULL, drain_seconds BIGINT NOT NULL, allows_older BOOLEAN NOT NULL,
    created_by BIGINT NOT NULL, created_at BIGINT NOT NULL, ended_at BIGINT, deleted_at BIGINT
);
CREATE INDEX agent_rollout_department ON agent_rollout (department_id, id);
CREATE INDEX agent_rollout_owner ON agent_rollout (created_by, id);
CREATE INDEX agent_rollout_version ON agent_rollout (version_id);
CREATE INDEX agent_rollout_running ON agent_rollout (id) WHERE state = 'running';
CREATE TABLE robot_operation (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), robot_id BIGINT NOT NULL REFERENCES robot (id),
    kind TEXT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL, drain_seconds BIGINT NOT NULL,
    rollout_id BIGINT REFERENCES agent_rollout (id), version_id BIGINT REFERENCES agent_version (id), wave BIGINT NOT NULL,
    version_before TEXT, created_by BIGINT NOT NULL, created_at BIGINT NOT NULL, asked_at BIGINT, ended_at BIGINT
);
CREATE INDEX robot_operation_department ON robot_operation (department_id, id);
CREATE INDEX robot_operation_owner ON robot_operation (created_by, id);
CREATE INDEX robot_operation_robot ON robot_operation (robot_id, id);
CREATE INDEX robot_operation_rollout ON robot_operation (rollout_id, wave, id);
CREATE INDEX robot_operation_version ON robot_operation (version_id);
CREATE INDEX robot_operation_open ON robot_operation (id) WHERE state IN ('waiting', 'accepted');
";

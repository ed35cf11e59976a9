//! Triggers and what came of each of their instants.

pub(super) const TRIGGERS: &str = "
CREATE TABLE task_trigger (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), process_id BIGINT NOT NULL REFERENCES process (id),
    name TEXT NOT NULL, live_name TEXT UNIQUE, description TEXT, is_activated BOOLEAN NOT NULL,
    priority INTEGER NOT NULL, assign_type INTEGER NOT NULL, robot_group_id BIGINT REFERENCES robot_group (id),
    robot_list_pool_id BIGINT REFERENCES robot_pool (id), in_parameters TEXT NOT NULL, task_name TEXT,
    is_record BOOLEAN NOT NULL, is_warn BOOLEAN NOT NULL, warn_type INTEGER,
    max_run_minutes BIGINT NOT NULL, max_wait_minutes BIGINT NOT NULL,
    trigger_type INTEGER NOT NULL, cron TEXT NOT NULL, time_zone TEXT NOT NULL, uses_calendar BOOLEAN NOT NULL,
    calendar_id BIGINT, queue_id BIGINT REFERENCES data_queue (id), queue_threshold BIGINT NOT NULL,
    misfire_policy TEXT NOT NULL, overlap_policy TEXT NOT NULL, start_at BIGINT, end_at BIGINT,
    version BIGINT NOT NULL, is_armed BOOLEAN NOT NULL, next_fire_at BIGINT, decided_until BIGINT,
    created_by BIGINT NOT NULL, created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX task_trigger_department ON task_trigger (department_id, id);
CREATE INDEX task_trigger_owner ON task_trigger (created_by, id);
CREATE INDEX task_trigger_process ON task_trigger (process_id, id);
CREATE INDEX task_trigger_group ON task_trigger (robot_group_id);
CREATE INDEX task_trigger_robot_list ON task_trigger (robot_list_pool_id);
CREATE INDEX task_trigger_calendar ON task_trigger (calendar_id);
CREATE INDEX task_trigger_queue ON task_trigger (queue_id);
CREATE INDEX task_trigger_next ON task_trigger (next_fire_at) WHERE next_fire_at IS NOT NULL;
CREATE INDEX task_trigger_watching ON task_trigger (id) WHERE trigger_type = 1;
CREATE TABLE trigger_firing (
    id $ID, trigger_id BIGINT NOT NULL REFERENCES task_trigger (id), fire_at BIGINT NOT NULL, outcome TEXT NOT NULL,
    reason TEXT, detail TEXT, task_ids TEXT NOT NULL, until_at BIGINT, instants BIGINT, recorded_at BIGINT NOT NULL,
    UNIQUE (trigger_id, fire_at)
);
CREATE INDEX trigger_firing_age ON trigger_firing (recorded_at);
CREATE INDEX trigger_firing_queued ON trigger_firing (trigger_id, fire_at) WHERE outcome = 'queued';
CREATE INDEX task_of_trigger ON task (trigger_id, state) WHERE trigger_id IS NOT NULL
";

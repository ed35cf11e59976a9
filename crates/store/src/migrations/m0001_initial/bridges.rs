//! Foreign platforms, what is known of them, and the runs that were started there from here.

pub(super) const TABLES: &str = "
CREATE TABLE bridge (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), name TEXT NOT NULL, live_name TEXT UNIQUE,
    kind TEXT NOT NULL, url TEXT NOT NULL, username TEXT NOT NULL, sealed TEXT NOT NULL,
    robot_id BIGINT NOT NULL REFERENCES robot (id), robot_group_id BIGINT NOT NULL REFERENCES robot_group (id),
    is_active BOOLEAN NOT NULL, state TEXT NOT NULL, detail TEXT, reached_at BIGINT, failures INTEGER NOT NULL,
    turn_at BIGINT NOT NULL, listed_at BIGINT, created_by BIGINT NOT NULL, created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX bridge_department ON bridge (department_id, id);
CREATE INDEX bridge_owner ON bridge (created_by, id);
CREATE INDEX bridge_robot ON bridge (robot_id);
CREATE INDEX bridge_group ON bridge (robot_group_id);
CREATE INDEX bridge_turn ON bridge (turn_at) WHERE deleted_at IS NULL;
CREATE TABLE foreign_object (
    id $ID, bridge_id BIGINT NOT NULL REFERENCES bridge (id), kind TEXT NOT NULL, foreign_id TEXT NOT NULL,
    name TEXT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL, local_id BIGINT, seen_at BIGINT NOT NULL,
    UNIQUE (bridge_id, kind, foreign_id)
);
CREATE INDEX foreign_object_list ON foreign_object (bridge_id, kind, id);
CREATE INDEX foreign_object_local ON foreign_object (local_id) WHERE local_id IS NOT NULL;
CREATE TABLE foreign_run (
    task_id BIGINT NOT NULL, fence BIGINT NOT NULL, bridge_id BIGINT NOT NULL REFERENCES bridge (id),
    phase TEXT NOT NULL, known TEXT NOT NULL, foreign_id TEXT, sent_at BIGINT, lines BIGINT NOT NULL,
    stop_wanted BOOLEAN NOT NULL, PRIMARY KEY (task_id, fence)
);
CREATE INDEX foreign_run_bridge ON foreign_run (bridge_id, phase);
";

//! What was made on robots themselves, and what stands for it here.

pub(super) const TABLES: &str = "
CREATE TABLE own_process (
    robot_id BIGINT NOT NULL REFERENCES robot (id), book BIGINT NOT NULL, number BIGINT NOT NULL,
    process_id BIGINT NOT NULL REFERENCES process (id), PRIMARY KEY (robot_id, book, number)
);
CREATE INDEX own_process_process ON own_process (process_id);
CREATE TABLE own_task (
    robot_id BIGINT NOT NULL REFERENCES robot (id), book BIGINT NOT NULL, number BIGINT NOT NULL,
    task_id BIGINT NOT NULL, revision BIGINT NOT NULL, PRIMARY KEY (robot_id, book, number)
);
CREATE INDEX own_task_task ON own_task (task_id);
";

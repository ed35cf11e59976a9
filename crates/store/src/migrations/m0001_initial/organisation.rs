//! Licenses and their seats, what machines are doing, recordings.

pub(super) const TABLES: &str = "
CREATE TABLE license (
    id $ID, serial TEXT NOT NULL UNIQUE, customer TEXT NOT NULL, document TEXT NOT NULL,
    created_by BIGINT NOT NULL, created_at BIGINT NOT NULL
);
CREATE TABLE license_seat (
    id $ID, seat_type TEXT NOT NULL, holder TEXT NOT NULL UNIQUE, robot_id BIGINT UNIQUE REFERENCES robot (id),
    created_by BIGINT NOT NULL, created_at BIGINT NOT NULL
);
CREATE INDEX license_seat_type ON license_seat (seat_type, id);
CREATE TABLE machine_reading (
    machine_id BIGINT PRIMARY KEY REFERENCES machine (id), robot_id BIGINT NOT NULL, read_at BIGINT NOT NULL,
    reading TEXT NOT NULL
);
CREATE TABLE recording (
    id $ID, task_id BIGINT NOT NULL, fence BIGINT NOT NULL, part INTEGER NOT NULL, robot_id BIGINT NOT NULL,
    started_at BIGINT NOT NULL, ended_at BIGINT NOT NULL, sealed_key TEXT NOT NULL, chunks INTEGER,
    in_order BOOLEAN NOT NULL, created_at BIGINT NOT NULL, UNIQUE (task_id, fence, part)
);
CREATE INDEX recording_ended ON recording (ended_at);
CREATE TABLE recording_chunk (
    recording_id BIGINT NOT NULL REFERENCES recording (id), number INTEGER NOT NULL, started_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL, size BIGINT NOT NULL, blob_key TEXT, lost TEXT, PRIMARY KEY (recording_id, number)
);
";

//! What people are told of, and over which channels.

/// `notice` is the outbox: a row is written with what it tells of and sent later, at least once.
pub(super) const TABLES: &str = "
CREATE TABLE warn_channel (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), created_by BIGINT NOT NULL, name TEXT NOT NULL,
    live_name TEXT UNIQUE, warn_type INTEGER NOT NULL, format TEXT NOT NULL, least_level INTEGER NOT NULL,
    is_active BOOLEAN NOT NULL, settings TEXT NOT NULL, sealed TEXT, created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX warn_channel_department ON warn_channel (department_id, id);
CREATE TABLE notice (
    id $ID, department_id BIGINT NOT NULL, idempotency_key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, level INTEGER NOT NULL,
    object_id BIGINT, process_id BIGINT, detail TEXT NOT NULL, warn_type INTEGER, created_by BIGINT NOT NULL,
    channel_id BIGINT, state TEXT NOT NULL, storm_key TEXT, occurrences BIGINT NOT NULL, merged_into BIGINT,
    attempts INTEGER NOT NULL, next_try BIGINT, last_error TEXT, created_at BIGINT NOT NULL, sent_at BIGINT
);
CREATE INDEX notice_due ON notice (state, next_try);
CREATE INDEX notice_department ON notice (department_id, id);
CREATE INDEX notice_storm ON notice (storm_key, id);
CREATE INDEX notice_channel ON notice (channel_id, id);
";

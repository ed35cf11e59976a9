//! Calendars and their non-working days. The days of those that come with the platform are not stored.

pub(super) const CALENDARS: &str = "
CREATE TABLE calendar (
    id $ID, name TEXT NOT NULL, live_name TEXT UNIQUE, shipped_code TEXT UNIQUE, created_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE TABLE calendar_day (
    calendar_id BIGINT NOT NULL REFERENCES calendar (id), day TEXT NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (calendar_id, day)
);
";

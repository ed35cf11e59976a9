//! What applications tell people inside Baigong: notices to some, announcements to all of their users; and what they put on
//! the agendas of people.

pub(super) const TABLES: &str = "
CREATE TABLE message (
    id $ID, application_id BIGINT NOT NULL REFERENCES application (id), is_announcement BOOLEAN NOT NULL,
    title TEXT NOT NULL, content TEXT NOT NULL, valid_from BIGINT NOT NULL, valid_until BIGINT NOT NULL,
    created_by BIGINT NOT NULL, created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX message_application ON message (application_id, is_announcement, id);
CREATE INDEX message_validity ON message (valid_until);
CREATE INDEX message_deleted ON message (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE TABLE message_recipient (
    message_id BIGINT NOT NULL REFERENCES message (id), user_id BIGINT NOT NULL REFERENCES app_user (id),
    PRIMARY KEY (message_id, user_id)
);
CREATE INDEX message_recipient_user ON message_recipient (user_id);
CREATE TABLE agenda_item (
    id $ID, user_id BIGINT NOT NULL REFERENCES app_user (id), application_id BIGINT NOT NULL REFERENCES application (id),
    content TEXT NOT NULL, start_date TEXT NOT NULL, end_date TEXT NOT NULL, is_reminded BOOLEAN NOT NULL,
    remind_ways TEXT NOT NULL, remind_time TEXT NOT NULL, time_zone TEXT, remind_at BIGINT, remind_error TEXT,
    created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX agenda_item_user ON agenda_item (user_id, start_date, id);
CREATE INDEX agenda_item_application ON agenda_item (application_id);
CREATE INDEX agenda_item_due ON agenda_item (remind_at) WHERE remind_at IS NOT NULL;
";

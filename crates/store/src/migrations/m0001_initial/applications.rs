//! Applications (API clients with a key pair), the tokens of people for other systems, the scenes that robots are listed
//! under, and first answers kept for requests that come again.

pub(super) const TABLES: &str = "
CREATE TABLE application (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), owner_id BIGINT NOT NULL REFERENCES app_user (id),
    name TEXT NOT NULL, live_name TEXT UNIQUE, description TEXT, access_key_id TEXT NOT NULL UNIQUE,
    secret_hash TEXT NOT NULL, old_secret_hash TEXT, old_secret_until BIGINT, permissions TEXT NOT NULL, departments TEXT,
    allowed_addresses TEXT NOT NULL, denied_addresses TEXT NOT NULL, created_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX application_in_department ON application (department_id, id);
CREATE INDEX application_made_by ON application (created_by, id);
CREATE INDEX application_of_owner ON application (owner_id);
CREATE TABLE application_robot (
    application_id BIGINT NOT NULL REFERENCES application (id), robot_id BIGINT NOT NULL REFERENCES robot (id),
    PRIMARY KEY (application_id, robot_id)
);
CREATE INDEX application_robot_robot ON application_robot (robot_id);
CREATE TABLE robot_scene (
    id $ID, robot_id BIGINT NOT NULL REFERENCES robot (id), name TEXT NOT NULL, live_name TEXT UNIQUE, description TEXT,
    is_default BOOLEAN NOT NULL, created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX robot_scene_robot ON robot_scene (robot_id, id);
CREATE TABLE open_api_token (
    user_id BIGINT PRIMARY KEY REFERENCES app_user (id), sealed TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE TABLE first_answer (
    hash TEXT PRIMARY KEY, request TEXT NOT NULL, status INTEGER, answer TEXT, expires_at BIGINT NOT NULL
) $IN_KEY_ORDER;
";

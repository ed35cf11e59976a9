//! Assets, credentials, folders and files, and the keys that users registered.

pub(super) const RESOURCES: &str = "
CREATE TABLE asset (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), name TEXT NOT NULL, live_name TEXT UNIQUE,
    kind TEXT NOT NULL, value TEXT NOT NULL, is_global BOOLEAN NOT NULL, remark TEXT,
    is_expression BOOLEAN NOT NULL DEFAULT FALSE, is_client_editable BOOLEAN NOT NULL DEFAULT FALSE,
    created_by BIGINT NOT NULL, created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX asset_department ON asset (department_id, id);
CREATE INDEX asset_name ON asset (name);
CREATE INDEX asset_owner ON asset (created_by, id);
CREATE TABLE asset_robot (
    asset_id BIGINT NOT NULL REFERENCES asset (id), robot_id BIGINT NOT NULL REFERENCES robot (id),
    PRIMARY KEY (asset_id, robot_id)
);
CREATE INDEX asset_robot_robot ON asset_robot (robot_id);
CREATE TABLE asset_access (
    id $ID, asset_id BIGINT NOT NULL REFERENCES asset (id), at BIGINT NOT NULL, action TEXT NOT NULL, user_id BIGINT,
    robot_id BIGINT, process_id BIGINT, task_id BIGINT
);
CREATE INDEX asset_access_asset ON asset_access (asset_id, id);
CREATE INDEX asset_access_at ON asset_access (at);
CREATE TABLE credential (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), name TEXT NOT NULL, live_name TEXT UNIQUE,
    username TEXT NOT NULL, password TEXT NOT NULL, is_global BOOLEAN NOT NULL, remark TEXT, created_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX credential_department ON credential (department_id, id);
CREATE INDEX credential_owner ON credential (created_by, id);
CREATE TABLE credential_robot (
    credential_id BIGINT NOT NULL REFERENCES credential (id), robot_id BIGINT NOT NULL REFERENCES robot (id),
    PRIMARY KEY (credential_id, robot_id)
);
CREATE INDEX credential_robot_robot ON credential_robot (robot_id);
CREATE TABLE user_key (
    user_id BIGINT PRIMARY KEY REFERENCES app_user (id), public_key TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE TABLE folder_tree (
    department_id BIGINT PRIMARY KEY REFERENCES department (id), version BIGINT NOT NULL
);
CREATE TABLE folder (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), parent_id BIGINT REFERENCES folder (id),
    name TEXT NOT NULL, path TEXT NOT NULL, live_path TEXT UNIQUE, created_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX folder_department ON folder (department_id, id);
CREATE INDEX folder_parent ON folder (parent_id);
CREATE INDEX folder_owner ON folder (created_by, id);
CREATE TABLE file (
    id $ID, department_id BIGINT NOT NULL REFERENCES department (id), folder_id BIGINT NOT NULL REFERENCES folder (id),
    name TEXT NOT NULL, live_name TEXT UNIQUE, version BIGINT NOT NULL, password_hash TEXT, password_at BIGINT, tag TEXT,
    created_by BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX file_department ON file (department_id, id);
CREATE INDEX file_folder ON file (folder_id, id);
CREATE INDEX file_owner ON file (created_by, id);
CREATE INDEX file_deleted ON file (deleted_at);
CREATE TABLE file_version (
    id $ID, file_id BIGINT NOT NULL REFERENCES file (id), number BIGINT NOT NULL, size BIGINT NOT NULL,
    sha256 TEXT NOT NULL, blob_key TEXT UNIQUE, created_by BIGINT NOT NULL, created_at BIGINT NOT NULL,
    UNIQUE (file_id, number)
);
";

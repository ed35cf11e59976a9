//! What an application keeps for itself: its menus, its roles, and who of the platform's users has which of them where.
//! `application_department` says which departments an application has made.

pub(super) const TABLES: &str = "
CREATE TABLE application_menu (
    id $ID, application_id BIGINT NOT NULL REFERENCES application (id), parent_id BIGINT NOT NULL DEFAULT 0,
    name TEXT NOT NULL, live_name TEXT UNIQUE, kind TEXT NOT NULL, route_key TEXT NOT NULL, redirect TEXT NOT NULL,
    permission TEXT NOT NULL, position BIGINT NOT NULL, is_visible BOOLEAN NOT NULL, created_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX application_menu_application ON application_menu (application_id, id);
CREATE INDEX application_menu_parent ON application_menu (parent_id);
CREATE TABLE application_role (
    id $ID, application_id BIGINT NOT NULL REFERENCES application (id), name TEXT NOT NULL, role_key TEXT NOT NULL,
    live_name TEXT UNIQUE, position BIGINT NOT NULL, data_scope TEXT NOT NULL, departments TEXT NOT NULL,
    created_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX application_role_application ON application_role (application_id, id);
CREATE TABLE application_role_menu (
    role_id BIGINT NOT NULL REFERENCES application_role (id), menu_id BIGINT NOT NULL REFERENCES application_menu (id),
    PRIMARY KEY (role_id, menu_id)
);
CREATE INDEX application_role_menu_menu ON application_role_menu (menu_id);
CREATE TABLE application_user (
    role_id BIGINT NOT NULL REFERENCES application_role (id), user_id BIGINT NOT NULL REFERENCES app_user (id),
    department_id BIGINT NOT NULL REFERENCES department (id),
    application_id BIGINT NOT NULL REFERENCES application (id), created_at BIGINT NOT NULL,
    PRIMARY KEY (role_id, user_id, department_id)
);
CREATE INDEX application_user_application ON application_user (application_id, user_id);
CREATE INDEX application_user_user ON application_user (user_id);
CREATE INDEX application_user_department ON application_user (department_id);
CREATE TABLE application_department (
    application_id BIGINT NOT NULL REFERENCES application (id), department_id BIGINT NOT NULL REFERENCES department (id),
    PRIMARY KEY (application_id, department_id)
);
CREATE INDEX application_department_department ON application_department (department_id);
";

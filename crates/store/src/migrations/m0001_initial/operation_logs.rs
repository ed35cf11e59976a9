//! What applications write down of what their users do.

pub(super) const TABLES: &str = "
CREATE TABLE operation_log (
    id $ID, application_id BIGINT NOT NULL REFERENCES application (id), department_id BIGINT NOT NULL,
    created_by BIGINT NOT NULL, title TEXT NOT NULL, business_type INTEGER NOT NULL, method TEXT NOT NULL,
    request_method TEXT NOT NULL, operator_type INTEGER NOT NULL, operator_name TEXT NOT NULL,
    operator_nick TEXT NOT NULL, operator_role TEXT NOT NULL, operator_id BIGINT, operator_department TEXT NOT NULL,
    url TEXT NOT NULL, ip TEXT NOT NULL, location TEXT NOT NULL, parameters TEXT NOT NULL, result TEXT NOT NULL,
    status INTEGER NOT NULL, error TEXT NOT NULL, operated_at BIGINT NOT NULL, created_at BIGINT NOT NULL
);
CREATE INDEX operation_log_application ON operation_log (application_id, id);
CREATE INDEX operation_log_department ON operation_log (department_id, id);
CREATE INDEX operation_log_writer ON operation_log (created_by, id);
CREATE INDEX operation_log_operated ON operation_log (operated_at);
CREATE INDEX operation_log_created ON operation_log (created_at);
";

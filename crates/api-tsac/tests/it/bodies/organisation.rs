//! Accounts, departments, users, roles.

use serde_json::json;

use super::Body;
use crate::{fixture::Fixture, server::PASSWORD};

impl Fixture {
    pub(super) fn organisation(&self) -> Vec<Body> {
        let Self { department, employee, role, tag, spare, .. } = self;
        vec![
            ("/api/platform/account/authenticate", json!({ "username": "admin", "password": PASSWORD })),
            ("/api/platform/account/public-key", json!({})),
            ("/api/platform/department/create", json!({ "depName": "清算组", "parentId": department })),
            (
                "/api/platform/department/update",
                json!({ "depId": spare.department, "depName": "新部门", "parentId": department }),
            ),
            ("/api/platform/department/list", json!({ "depId": department })),
            (
                "/api/platform/employee/create",
                json!({
                    "employeeName": "王芳", "username": format!("wangfang{tag}"), "password": "initial-Passw0rd",
                    "depId": department, "email": "wang@example.com", "mobile": "13800000000", "roleId": role,
                }),
            ),
            (
                "/api/platform/employee/update",
                json!({ "employeeId": employee, "employeeName": "李明明", "password": "another-Passw0rd", "email": "li@example.com" }),
            ),
            ("/api/platform/employee/query", json!({ "employeeId": employee })),
            ("/api/platform/employee/list", json!({ "depId": department })),
            ("/api/platform/employee/assign-role", json!({ "employeeId": employee, "roleId": role })),
            (
                "/api/platform/role/create",
                json!({
                    "roleName": format!("复核角色{tag}"), "permissions": ["role:write"], "dataScope": "self", "remark": "r",
                }),
            ),
            ("/api/platform/role/update", json!({ "roleId": spare.role, "remark": "changed" })),
            ("/api/platform/role/query", json!({ "roleId": role })),
            ("/api/platform/role/list", json!({})),
        ]
    }
}

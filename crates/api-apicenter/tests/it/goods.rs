//! One request of each operation that succeeds. From it the generated tests make the others.

use serde_json::{Value, json};

use crate::server::{Server, path};

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Good {
    pub(crate) method: &'static str,
    /// As the table prints it.
    pub(crate) printed: String,
    /// As it is sent.
    pub(crate) path: String,
    pub(crate) body: Value,
    /// Whether it names something of a department.
    pub(crate) names_department: bool,
    /// The name of the file that it brings, if it brings one.
    pub(crate) file: Option<&'static str>,
    /// What it needs beside the permission of its line.
    pub(crate) needs: &'static [&'static str],
}

/// One thing of each kind, in a department.
pub(crate) struct Things {
    pub(crate) department: i64,
    /// An empty department below it.
    below: i64,
    pub(crate) username: String,
    user: i64,
    role: i64,
    spare_roles: [i64; 2],
    menu: i64,
    spare_menus: [i64; 3],
    file: String,
    channel: i64,
    notices: [i64; 2],
    announcements: [i64; 2],
    item: i64,
}

impl Things {
    pub(crate) async fn make(server: &Server, name: &str) -> Self {
        let department = server.department(name).await;
        let made =
            server.get("POST", &path("client/addDept"), json!({ "deptName": "below", "parentId": department })).await;
        let username = format!("user-of-{name}");
        let user = server.user(&username, department, &["robot:read"]).await;
        let role = |key: &str| json!({ "roleName": key, "roleKey": format!("{name}:{key}"), "roleSort": 1 });
        let roles = json!([role("a"), role("b"), role("c")]);
        let roles = ids(&server.get("POST", &path("client/addRoleBatch"), roles).await);
        let menu =
            |key: &str| json!({ "menuName": key, "menuType": "C", "menuKey": format!("{name}-{key}"), "perms": key });
        let menus = json!([menu("a"), menu("b"), menu("c"), menu("d")]);
        let menus = ids(&server.get("POST", &path("client/addMenuBatch"), menus).await);
        let given = json!([{ "userId": user, "deptId": department, "roleId": roles[0] }]);
        server.get("POST", &path("client/addUserAuth"), given).await;
        let file = server.client_of(department, name).await;
        let file = server.upload(&file, "对账单.txt", b"bytes").await.body["data"]["id"].as_str().unwrap().to_owned();
        server.root_channels().await;
        let channel = server.gateway(department, &format!("gateway of {name}")).await;
        let text = |title: &str| {
            json!({
                "userName": "admin", "title": title, "content": "内容", "availableTimeStart": "2022-10-10",
                "availableTimeEnd": "2023-10-10", "userIds": user.to_string(),
            })
        };
        let notices = ids(&server.get("POST", &path("notice/pushBatch"), json!([text("a"), text("b")])).await);
        let announcements = ids(&server.get("POST", &path("gg/pushBatch"), json!([text("a"), text("b")])).await);
        let item = server.get("POST", &path("msg/rcInfo"), agenda_item(&username)).await["data"].as_i64().unwrap();
        Self {
            item,
            channel,
            notices: [notices[0], notices[1]],
            announcements: [announcements[0], announcements[1]],
            file,
            department,
            below: made["data"].as_i64().unwrap(),
            username,
            user,
            role: roles[0],
            spare_roles: [roles[1], roles[2]],
            menu: menus[0],
            spare_menus: [menus[1], menus[2], menus[3]],
        }
    }

    /// A request of each operation, those that delete last.
    pub(crate) fn goods(&self) -> Vec<Good> {
        [self.looks(), self.messages(), self.changes()].concat()
    }

    fn looks(&self) -> Vec<Good> {
        let Self { department, role, .. } = *self;
        let named = json!({ "userName": self.username });
        let page = json!({ "pageNum": 1, "pageSize": 100 });
        let users = json!({ "pageNum": 1, "pageSize": 100, "deptId": department });
        vec![
            seeing(here("GET", "user/userinfo", named.clone()), &["access:read"]),
            seeing(here("GET", "user/permissions", named.clone()), &["employee:read"]),
            here("GET", "user/getAllUser", users.clone()),
            seeing(here("GET", "user/deptRoles", named), &["employee:read"]),
            seeing(
                here(
                    "GET",
                    "user/hasRole",
                    json!({ "userName": self.username, "roleKey": format!("{}:a", self.name()) }),
                ),
                &["employee:read"],
            ),
            here("GET", "user/getAllUserByApp", users),
            good("GET", &path("client/role/{roleId}"), json!({ "roleId": role }), false, &[]),
            free("GET", "user/getAllRole", page.clone()),
            free("GET", "user/getAllRoleByApp", page.clone()),
            here("GET", "user/deptDetailById", json!({ "id": department })),
            free("GET", "user/getAllDept", page.clone()),
            free("GET", "user/getAllDeptByApp", page),
            free("GET", "client/menus", json!({})),
            Good { file: Some("file"), ..free("POST", "file/client/add", json!({ "userName": "" })) },
            here("GET", "file/client/download", json!({ "id": self.file })),
            free("GET", "file/client/list", json!({ "pageNum": 1, "pageSize": 100, "fname": "单" })),
            here("GET", "file/client/exist", json!({ "id": self.file })),
            here("GET", "file/client/hasPermission", json!({ "id": self.file })),
            here("GET", "file/client/delete", json!({ "id": self.file })),
        ]
    }

    fn messages(&self) -> Vec<Good> {
        let mail = json!({ "sendTo": ["xx@qq.com"], "subject": "标题", "content": "内容" });
        let template = json!({
            "channlCode": format!("MC{:05}", self.channel), "channlName": format!("gateway of {}", self.name()),
            "templateId": "61", "userNames": [self.username, ""],
        });
        let announcement = json!({
            "userName": self.username, "title": "测试标题", "content": "内容", "availableTimeStart": "2022-10-10",
            "availableTimeEnd": "2023-10-10",
        });
        let days = json!({
            "userName": self.username, "pageNum": 1, "pageSize": 10, "startDate": "2022-08-01", "endDate": "2022-10-01",
        });
        let mut notice = announcement.clone();
        notice["userIds"] = self.user.to_string().into();
        vec![
            free("GET", "message/channel/listAll", json!({})),
            free("POST", "message/sendEmail", mail.clone()),
            free("POST", "message/sendEmailBatch", json!([mail])),
            free("GET", "message/sendSMSCaptcha", json!({ "sendTo": "13000000000", "content": "123456" })),
            free("POST", "message/sendSMSContent", json!({ "sendToList": ["13000000000"], "content": "保护环境" })),
            good("GET", "/api/msg/message/channel/list", json!({ "name": "gate", "type": "sms" }), false, &[]),
            good("GET", "/api/msg/message/channel/getInfo", json!({ "id": self.channel }), true, &[]),
            good("POST", "/api/msg/message/chanel/Capability", template, true, &["warn:read"]),
            good("POST", "/api/msg/mail/sendMakeCall", json!({ "form": "1001", "to": "13000000000" }), false, &[]),
            seeing(here("POST", "notice/push", notice.clone()), &["employee:read"]),
            seeing(here("POST", "notice/pushBatch", json!([notice])), &["employee:read"]),
            seeing(here("POST", "gg/push", announcement.clone()), &["employee:read"]),
            seeing(here("POST", "gg/pushBatch", json!([announcement])), &["employee:read"]),
            free("GET", "notice/delete", json!({ "id": self.notices[0] })),
            free("POST", "notice/deleteBatch", json!([self.notices[1]])),
            free("GET", "gg/delete", json!({ "id": self.announcements[0] })),
            free("POST", "gg/deleteBatch", json!([self.announcements[1]])),
            seeing(here("POST", "msg/rcInfo", agenda_item(&self.username)), &["employee:read"]),
            seeing(here("GET", "msg/rcInfo/list", days), &["employee:read"]),
            here("GET", "msg/rcInfo/info/{id}", json!({ "id": self.item })),
            here("GET", "msg/rcInfo/delete/{id}", json!({ "id": self.item })),
            free("POST", "operlog", json!({ "title": "测试" })),
            free("GET", "operlog/list", json!({ "title": "测" })),
        ]
    }

    fn changes(&self) -> Vec<Good> {
        let Self { department, below, user, role, menu, .. } = *self;
        let ([role_b, role_c], [menu_b, menu_c, menu_d]) = (self.spare_roles, self.spare_menus);
        let auth = json!([{ "userId": user, "deptId": department, "roleId": role }]);
        let dept = json!({ "deptId": below, "deptName": "below 2", "parentId": department.to_string(), "deptNo": "9", "orderNum": 2 });
        let new_dept =
            |name: &str| json!({ "deptName": name, "parentId": department.to_string(), "deptNo": null, "orderNum": 1 });
        let new_role = |key: &str| json!({ "roleName": key, "roleKey": key, "roleSort": 1 });
        let new_menu = |key: &str| {
            json!({
                "menuName": "父菜单", "parentId": 0, "orderNum": "1", "menuType": "C", "visible": "1",
                "perms": "auth:key:demo", "menuKey": key, "redirect": "/DataDevelop/DataSourceManage",
            })
        };
        let change = json!({ "menuId": menu, "menuName": "菜单", "parentId": 0 });
        vec![
            here(
                "POST",
                "client/updateRoleDataScope",
                json!({ "roleId": role, "dataScope": 2, "deptIds": [department] }),
            ),
            free("POST", "client/updateRoleMenu", json!([{ "roleId": role, "menuId": menu }])),
            free(
                "POST",
                "client/updateRole",
                json!({ "roleId": role, "roleName": "测试角色", "roleKey": format!("{}:a", self.name()), "roleSort": 1 }),
            ),
            free("POST", "client/addRole", new_role("one")),
            free("POST", "client/addRoleBatch", json!([new_role("two"), new_role("three")])),
            here("POST", "client/updateDept", dept.clone()),
            here("POST", "client/updateDeptBatch", json!([dept])),
            here("POST", "client/addDept", new_dept("one")),
            here("POST", "client/addDeptBatch", json!([new_dept("two"), new_dept("three")])),
            free("POST", "client/updateMenu", change.clone()),
            free("POST", "client/updateMenuBatch", json!([change])),
            free("POST", "client/addMenu", new_menu("one")),
            free("POST", "client/addMenuBatch", json!([new_menu("two"), new_menu("three")])),
            here("POST", "client/addUserAuth", auth.clone()),
            here("POST", "client/deleteUserAuth", auth),
            free("GET", "client/deleteRole", json!({ "roleId": role_b })),
            free("POST", "client/deleteRoleBatch", json!([role_c])),
            free("POST", "client/deleteMenuBatch", json!([menu_b])),
            free("GET", "client/deleteMenu", json!({ "menuId": menu_c })),
            good("DELETE", "/api/system/menu/three/{menuId}", json!({ "menuId": menu_d }), false, &[]),
            here("GET", "client/deleteDept", json!({ "deptId": below })),
        ]
    }

    /// A request that deletes a department that [`Things::goods`] deletes too.
    pub(crate) fn delete_departments(&self) -> Good {
        good("POST", &path("client/deleteDept"), json!([self.below]), true, &[])
    }

    fn name(&self) -> &str {
        self.username.trim_start_matches("user-of-")
    }
}

/// About something of a department.
fn here(method: &'static str, name: &str, body: Value) -> Good {
    good(method, &path(name), body, true, &[])
}

fn free(method: &'static str, name: &str, body: Value) -> Good {
    good(method, &path(name), body, false, &[])
}

fn seeing(good: Good, needs: &'static [&'static str]) -> Good {
    Good { needs, ..good }
}

/// What stands in the path of the operation is taken out of the body.
fn good(
    method: &'static str,
    printed: &str,
    mut body: Value,
    names_department: bool,
    needs: &'static [&'static str],
) -> Good {
    let mut path = printed.to_owned();
    for name in ["roleId", "menuId", "id"] {
        let place = format!("{{{name}}}");
        if path.contains(&place) {
            let value = body.as_object_mut().unwrap().remove(name).unwrap();
            path = path.replace(&place, &value.to_string());
        }
    }
    Good { method, printed: printed.to_owned(), path, body, names_department, file: None, needs }
}

fn ids(answer: &Value) -> Vec<i64> {
    answer["data"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect()
}

fn agenda_item(username: &str) -> Value {
    json!({
        "userName": username, "content": "需求会议", "remind": true, "remindWay": "1,2", "remindTime": "23:00",
        "startDate": "2022-09-01", "endDate": "2022-09-01",
    })
}

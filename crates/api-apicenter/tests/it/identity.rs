//! What the document prints about users, roles, departments and menus, as its examples send and show it.

use baigong_core::{audits, departments};
use baigong_testkit::on_both;
use serde_json::{Value, json};

use crate::server::{Server, path};

/// The names of an object's fields.
fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap_or_else(|| panic!("{object}")).keys().map(String::as_str).collect()
}

#[track_caller]
fn has_exactly(object: &Value, expected: &[&str]) {
    let (mut ours, mut expected) = (names(object), expected.to_vec());
    ours.sort_unstable();
    expected.sort_unstable();
    assert_eq!(ours, expected, "{object}");
}

/// A department, a user of it, a role with a menu and all of it given to the user.
struct Office {
    department: i64,
    user: i64,
    role: i64,
    menus: [i64; 2],
}

impl Office {
    async fn make(server: &Server) -> Self {
        let add = json!({ "deptName": "测试部门", "parentId": null, "deptNo": "0755", "orderNum": 1 });
        let department = server.get("POST", &path("client/addDept"), add).await["data"].as_i64().unwrap();
        let user = server.user("yyh", department, &["robot:read"]).await;
        let role = json!({ "roleName": "测试角色", "roleKey": "role:test", "roleSort": 1 });
        let role = server.get("POST", &path("client/addRole"), role).await["data"].as_i64().unwrap();
        let menu = |name: &str, parent: i64, key: &str, perms: &str| {
            json!({
                "menuName": name, "parentId": parent, "orderNum": "1", "menuType": "C", "visible": "1", "perms": perms,
                "menuKey": key, "redirect": "/DataDevelop/DataSourceManage",
            })
        };
        let add = menu("父菜单", 0, "parent", "auth:key:demo");
        let above = server.get("POST", &path("client/addMenu"), add).await["data"].as_i64().unwrap();
        let add = json!([menu("子菜单", above, "child", "")]);
        let below = server.get("POST", &path("client/addMenuBatch"), add).await["data"][0].as_i64().unwrap();
        let links = json!([{ "roleId": role, "menuId": above }, { "roleId": role, "menuId": below }]);
        server.get("POST", &path("client/updateRoleMenu"), links).await;
        let given = json!([{ "userId": user, "deptId": department, "roleId": role }]);
        server.get("POST", &path("client/addUserAuth"), given).await;
        Self { department, user, role, menus: [above, below] }
    }
}

#[tokio::test]
async fn a_user_is_shown_with_what_they_have_here() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let office = Office::make(&server).await;
        let scope = json!({ "roleId": office.role, "dataScope": 2, "deptIds": [office.department] });
        let done = server.get("POST", &path("client/updateRoleDataScope"), scope).await;
        assert_eq!(done, json!({ "code": 0, "msg": "操作成功", "data": null }));
        let asked = json!({ "userName": "yyh" });
        let info = server.get("GET", &path("user/userinfo"), asked.clone()).await;
        let profile = json!({
            "userId": office.user, "sex": "未知", "avatar": "", "username": "yyh", "nick": "yyh nick",
            "phonenumber": "13800000000",
        });
        let role = json!({
            "id": office.role, "name": "测试角色", "code": "role:test", "deptId": office.department, "deptCode": "0755",
            "deptName": "测试部门", "dataScope": "2",
        });
        let mut whole = role.clone();
        whole["permissions"] = json!(["auth:key:demo"]);
        whole["deptIds"] = json!([office.department]);
        let data = json!({ "profile": profile, "roles": [whole], "recordTime": "2026-11-21T20:00:00.000+08:00" });
        assert_eq!(info, json!({ "code": 0, "msg": "请求成功", "data": data }));
        let roles = server.get("GET", &path("user/deptRoles"), asked.clone()).await;
        assert_eq!(roles["data"], json!([role]));
        let menus = server.get("GET", &path("user/permissions"), asked.clone()).await;
        let first = json!({
            "id": office.menus[0], "pid": 0, "name": "父菜单", "code": "auth:key:demo", "type": "C", "orderNum": 1,
            "path": "/DataDevelop/DataSourceManage",
        });
        assert_eq!((&menus["data"][0], menus["data"].as_array().unwrap().len()), (&first, 2));
        let asks = |key: &str| json!({ "userName": "yyh", "roleKey": key });
        let has = server.get("GET", &path("user/hasRole"), asks("role:test")).await;
        assert_eq!(has, json!({ "code": 0, "msg": "请求成功", "data": null }));
        let other = json!({ "roleName": "other", "roleKey": "other" });
        server.get("POST", &path("client/addRole"), other).await;
        let not = server.call("GET", &path("user/hasRole"), asks("other")).await;
        assert_eq!(not.refusal(), "用户没有当前角色权限!");
        let none = server.call("GET", &path("user/hasRole"), asks("nothing")).await;
        assert_eq!(none.refusal(), "当前角色不存在,请刷新重试");
        let below = json!({ "deptName": "下级", "parentId": office.department });
        server.get("POST", &path("client/addDept"), below).await;
        for (scope, departments) in [("1", 0), ("3", 1), ("4", 2), ("5", 0)] {
            let body = json!({ "roleId": office.role, "dataScope": scope });
            server.get("POST", &path("client/updateRoleDataScope"), body).await;
            let role = &server.get("GET", &path("user/userinfo"), asked.clone()).await["data"]["roles"][0];
            assert_eq!((&role["dataScope"], role["deptIds"].as_array().unwrap().len()), (&json!(scope), departments));
        }
    })
    .await;
}

#[tokio::test]
async fn lists_are_pages_whether_asked_in_the_query_or_in_a_body() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let office = Office::make(&server).await;
        let all = path("user/getAllUser");
        let asked = json!({ "pageNum": 2, "pageSize": 1 });
        let page = server.get("GET", &all, asked.clone()).await;
        has_exactly(&page, &["code", "msg", "total", "rows", "pageNum", "pageSize", "currPage"]);
        let numbers = ["total", "pageNum", "pageSize", "currPage"].map(|name| page[name].as_i64().unwrap());
        assert_eq!((numbers, &page["msg"]), ([2, 2, 1, 2], &Value::Null));
        let user = json!({
            "userId": office.user, "sex": "未知", "avatar": "", "username": "yyh", "nick": "yyh nick",
            "phonenumber": "13800000000", "authApp": true,
        });
        assert_eq!(page["rows"], json!([user]));
        let in_body = server.send("GET", &all, &server.client.headers(), asked.to_string()).await;
        assert_eq!(in_body.body, page);
        let of = json!({ "deptId": office.department });
        assert_eq!(server.get("GET", &all, of.clone()).await["total"], 1);
        let first = server.get("GET", &all, json!({ "pageSize": 1 })).await;
        assert_eq!(first["rows"][0]["authApp"], false, "the administrator has no role here");
        let here = server.get("GET", &path("user/getAllUserByApp"), json!({})).await;
        assert_eq!((&here["total"], &here["rows"]), (&json!(1), &json!([user])));
        assert_eq!(server.get("GET", &path("user/getAllUserByApp"), of).await["total"], 1);
        let roles = server.get("GET", &path("user/getAllRoleByApp"), json!({})).await;
        assert_eq!(roles["rows"], json!([{ "id": office.role, "name": "测试角色", "code": "role:test" }]));
        let theirs = server.get("GET", &path("user/getAllRole"), json!({ "pageSize": 1 })).await;
        has_exactly(&theirs["rows"][0], &["id", "name", "code"]);
        assert_eq!((&theirs["pageSize"], &theirs["currPage"]), (&json!(1), &json!(1)));
        assert_eq!(theirs["total"], theirs["pageNum"], "pages of one");
        let row =
            json!({ "id": office.department, "pid": server.root, "name": "测试部门", "code": "0755", "type": "0" });
        let known = server.get("GET", &path("user/getAllDeptByApp"), json!({})).await;
        assert_eq!(known["rows"], json!([row]));
        let every = server.get("GET", &path("user/getAllDept"), json!({ "pageNum": 1, "pageSize": 10 })).await;
        assert_eq!((&every["total"], &every["rows"][1]), (&json!(2), &row));
        assert_eq!(every["rows"][0]["pid"], 0);
        let one = server.get("GET", &path("user/deptDetailById"), json!({ "id": office.department })).await;
        assert_eq!(one, json!({ "code": 0, "msg": "请求成功", "data": row }));
        let role = server.get("GET", &format!("{}/{}", path("client/role"), office.role), json!({})).await;
        let shown =
            json!({ "id": office.role, "name": "测试角色", "code": "role:test", "permissions": ["auth:key:demo"] });
        assert_eq!(role["data"], shown);
    })
    .await;
}

#[tokio::test]
async fn menus_are_shown_as_they_were_sent_and_go_with_their_links() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let office = Office::make(&server).await;
        let [above, below] = office.menus;
        let menus = async || server.get("GET", &path("client/menus"), json!({})).await["data"].clone();
        let shown = json!({
            "menuId": above, "parentId": 0, "menuName": "父菜单", "orderNum": "1", "menuType": "C", "visible": "1",
            "perms": "auth:key:demo", "menuKey": "parent", "redirect": "/DataDevelop/DataSourceManage",
        });
        assert_eq!(menus().await[0], shown);
        let change = json!([{ "menuId": below, "menuName": "改名", "orderNum": 7, "visible": 0, "perms": "two" }]);
        server.get("POST", &path("client/updateMenuBatch"), change).await;
        let changed = menus().await;
        let changed = changed.as_array().unwrap().iter().find(|row| row["menuId"] == below).unwrap().clone();
        assert_eq!((&changed["menuName"], &changed["orderNum"]), (&json!("改名"), &json!("7")));
        assert_eq!((&changed["visible"], &changed["parentId"]), (&json!("0"), &json!(above)));
        let refused = server.call("GET", &path("client/deleteMenu"), json!({ "menuId": above })).await;
        assert_eq!(refused.refusal(), "菜单“父菜单”有下级菜单，请先删除下级菜单");
        let refused = server.call("POST", &path("client/deleteMenuBatch"), json!([below, 999_999])).await;
        assert!(refused.refusal().contains("菜单 999999"), "{refused:?}");
        assert_eq!(menus().await.as_array().unwrap().len(), 2, "all or nothing");
        let gone = server.get("DELETE", &format!("/api/system/menu/three/{above}"), json!({})).await;
        assert_eq!(gone, json!({ "code": 0, "msg": "操作成功", "data": above }));
        assert_eq!(menus().await, json!([]));
        let role = server.get("GET", &format!("{}/{}", path("client/role"), office.role), json!({})).await;
        assert_eq!(role["data"]["permissions"], json!([]));
        let refused = server.call("GET", &path("client/deleteRole"), json!({ "roleId": office.role })).await;
        assert_eq!(refused.refusal(), "角色“测试角色”已授权给用户，请先取消授权");
        let auth = json!([{ "userId": office.user, "deptId": office.department, "roleId": office.role }]);
        server.get("POST", &path("client/deleteUserAuth"), auth).await;
        server.get("GET", &path("client/deleteRole"), json!({ "roleId": office.role })).await;
        assert_eq!(server.get("GET", &path("user/getAllRoleByApp"), json!({})).await["total"], 0);
    })
    .await;
}

#[tokio::test]
async fn a_department_made_here_is_the_platforms_and_under_its_rules() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let office = Office::make(&server).await;
        let tree = departments::tree(&server.platform).await.unwrap();
        let row = tree.get(office.department).unwrap();
        assert_eq!((row.name.as_str(), row.code.as_deref(), row.position), ("测试部门", Some("0755"), 1));
        let change = json!([{ "deptId": office.department, "deptName": "改名", "parentId": null, "deptNo": "0", "orderNum": 2 }]);
        server.get("POST", &path("client/updateDeptBatch"), change).await;
        let one = server.get("GET", &path("user/deptDetailById"), json!({ "id": office.department })).await;
        assert_eq!((&one["data"]["name"], &one["data"]["code"]), (&json!("改名"), &json!("0")));
        assert_eq!(one["data"]["pid"], server.root, "it stays where it is");
        let refused = server.call("GET", &path("client/deleteDept"), json!({ "deptId": office.department })).await;
        assert!(refused.refusal().contains("yyh"), "somebody is in it: {refused:?}");
        let two = json!([{ "deptName": "a" }, { "deptName": "b", "parentId": office.department }]);
        let made = server.get("POST", &path("client/addDeptBatch"), two).await["data"].clone();
        let twice = server.call("POST", &path("client/addDeptBatch"), json!([{ "deptName": "c" }, { "deptName": "a" }])).await;
        assert!(twice.refusal().contains("已存在"), "{twice:?}");
        assert_eq!(server.get("GET", &path("user/getAllDept"), json!({})).await["total"], 4, "all or nothing");
        let none = server.call("POST", &path("client/deleteDept"), json!([made[0], 999_999])).await;
        assert!(none.refusal().contains("部门 999999"), "{none:?}");
        server.get("POST", &path("client/deleteDept"), made).await;
        assert_eq!(server.get("GET", &path("user/getAllDept"), json!({})).await["total"], 2);
        let query = audits::AuditQuery { kind: Some("department".into()), ..Default::default() };
        let rows = audits::list(&server.platform, &server.admin, query).await.unwrap();
        assert!(rows.iter().all(|row| row.username == "admin (portal)"), "{rows:?}");
        assert_eq!(rows.len(), 6);
    })
    .await;
}

#[tokio::test]
async fn one_application_does_not_see_what_another_keeps() {
    let server = Server::start().await;
    let office = Office::make(&server).await;
    let other = server.another_client("other").await;
    let get = async |name: &str, body: Value| server.call_as(&other, "GET", &path(name), &body).await;
    assert_eq!(get("client/menus", json!({})).await.body["data"], json!([]));
    for list in ["user/getAllRoleByApp", "user/getAllUserByApp", "user/getAllDeptByApp"] {
        assert_eq!(get(list, json!({})).await.body["total"], 0, "{list}");
    }
    let info = get("user/userinfo", json!({ "userName": "yyh" })).await;
    assert_eq!(
        (&info.body["data"]["profile"]["userId"], &info.body["data"]["roles"]),
        (&json!(office.user), &json!([]))
    );
    assert_eq!(get(&format!("client/role/{}", office.role), json!({})).await.refusal(), "当前角色不存在,请刷新重试");
    let [above, _] = office.menus;
    let three = server.call_as(&other, "DELETE", &format!("/api/system/menu/three/{above}"), &json!({})).await;
    assert!(three.refusal().contains("不存在"), "{three:?}");
    let role = json!([{ "roleName": "same", "roleKey": "role:test" }]);
    assert!(server.call_as(&other, "POST", &path("client/addRoleBatch"), &role).await.is_good(), "a key of its own");
    let again = server.call("POST", &path("client/addRoleBatch"), role).await;
    assert!(again.refusal().contains("role:test"), "{again:?}");
}

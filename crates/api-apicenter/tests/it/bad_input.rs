//! Input that no honest client sends: every operation refuses it with the code 500 and a reason, and changes nothing.

use baigong_api_apicenter::table;
use baigong_api_kit::Shape;
use serde_json::{Value, json};

use crate::{
    goods::{Good, Things},
    server::{Answer, Server, path},
};

async fn send(server: &Server, good: &Good, body: String) -> Answer {
    server.send(good.method, &good.path, &server.client.headers(), body).await
}

async fn world() -> (Server, Vec<Good>) {
    let server = Server::start().await;
    let things = Things::make(&server, "mine").await;
    let mut goods = things.goods();
    goods.push(things.delete_departments());
    (server, goods)
}

#[tokio::test]
async fn bodies_of_another_form_are_refused() {
    let (server, goods) = world().await;
    let before = server.stored().await;
    for good in goods.iter().filter(|good| good.file.is_none()) {
        let text = good.body.to_string();
        let mut bodies =
            vec!["{".to_owned(), format!("{text}{text}"), "\"x\"".to_owned(), "null".to_owned(), "[[]]".to_owned()];
        bodies.push(if good.body.is_array() { "{}".to_owned() } else { format!("[{text}]") });
        if good.method == "POST" {
            bodies.push(String::new());
        }
        for body in bodies {
            let answer = send(&server, good, body.clone()).await;
            assert!(!answer.refusal().is_empty(), "{} {body}: {answer:?}", good.path);
        }
    }
    assert_eq!(server.stored().await, before);
}

#[tokio::test]
async fn fields_that_are_missing_empty_or_mistyped_are_named() {
    let (server, goods) = world().await;
    let before = server.stored().await;
    let table = table();
    let mut tried = 0;
    for good in goods.iter().filter(|good| good.method == "POST" && good.file.is_none()) {
        let operation =
            table.operations().find(|it| it.method.as_str() == good.method && it.path == good.printed).unwrap();
        let (shape, is_list) = match &*operation.shape {
            Shape::Array(item) => (&**item, true),
            shape => (shape, false),
        };
        let first = if is_list { good.body[0].clone() } else { good.body.clone() };
        for field in shape.object_fields() {
            let wrong = match &field.shape {
                Shape::Integer { .. } => vec![json!("x"), json!(1.5), json!(true), json!([1]), json!(9e30)],
                Shape::String { .. } => vec![json!({}), json!(["x"]), json!("a\0b")],
                _ => vec![json!("x"), json!([[]])],
            };
            let mut values: Vec<Option<Value>> = wrong.into_iter().map(Some).collect();
            if field.is_required {
                values.extend([None, Some(Value::Null), Some(json!(""))]);
            }
            for value in values {
                let mut body = first.clone();
                match value {
                    None => drop(body.as_object_mut().unwrap().remove(&field.name)),
                    Some(value) => body[&field.name] = value,
                }
                // The good entry before it must not happen either.
                let body = if is_list { json!([first, body]) } else { body };
                let answer = send(&server, good, body.to_string()).await;
                assert!(answer.refusal().contains(&field.name), "{} {body}: {answer:?}", good.path);
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
    assert_eq!(server.stored().await, before);
}

/// A good item of an agenda but for one field.
fn agenda(field: &str, value: &str) -> Value {
    let mut item = json!({
        "userName": "admin", "content": "x", "remind": true, "remindWay": "1,2", "remindTime": "23:00",
        "startDate": "2022-09-01", "endDate": "2022-09-01",
    });
    item[field] = value.into();
    item
}

/// A good notice but for one field.
fn notice(field: &str, value: &str) -> Value {
    let mut notice = json!({
        "userName": "admin", "title": "x", "content": "x", "availableTimeStart": "2022-10-10",
        "availableTimeEnd": "2023-10-10", "userIds": "1",
    });
    notice[field] = value.into();
    notice
}

#[tokio::test]
async fn values_out_of_range_are_refused() {
    let (server, _) = world().await;
    let before = server.stored().await;
    let long = "长".repeat(5000);
    for (method, name, body) in [
        ("GET", "user/getAllUser", json!({ "pageNum": 0 })),
        ("GET", "user/getAllUser", json!({ "pageSize": 1001 })),
        ("GET", "user/getAllUser", json!({ "pageSize": "x" })),
        ("GET", "user/getAllUser", json!({ "deptId": 999_999 })),
        ("GET", "user/userinfo", json!({ "userName": "" })),
        ("GET", "user/userinfo", json!({ "userName": "nobody" })),
        ("GET", "user/deptDetailById", json!({ "id": -1 })),
        ("GET", "client/role/x", json!({})),
        ("GET", "client/role/-5", json!({})),
        ("POST", "client/addRole", json!({ "roleName": long, "roleKey": "x" })),
        ("POST", "client/addRole", json!({ "roleName": "x", "roleKey": "a b" })),
        ("POST", "client/addRole", json!({ "roleName": "x", "roleKey": long })),
        ("POST", "client/addMenu", json!({ "menuName": "x" })),
        ("POST", "client/addMenu", json!({ "menuType": "C" })),
        ("POST", "client/addMenu", json!({ "menuName": "x", "menuType": "X" })),
        ("POST", "client/addMenu", json!({ "menuName": "x", "menuType": "C", "visible": "2" })),
        ("POST", "client/addMenu", json!({ "menuName": "x", "menuType": "C", "parentId": 999_999 })),
        ("POST", "client/addMenu", json!({ "menuName": "x", "menuType": "C", "redirect": long })),
        ("POST", "client/updateMenu", json!({ "menuName": "x" })),
        ("POST", "client/updateRoleDataScope", json!({ "roleId": 1, "dataScope": "6" })),
        ("POST", "client/updateRoleDataScope", json!({ "roleId": 1, "dataScope": "2", "deptIds": [] })),
        ("POST", "client/addDept", json!({ "deptName": "x", "parentId": "x" })),
        ("POST", "client/addDept", json!({ "deptName": "x", "deptNo": "a-b" })),
        ("POST", "client/addDept", json!({ "deptName": "x\ny" })),
        ("POST", "message/sendEmail", json!({ "sendTo": [], "subject": "x", "content": "x" })),
        ("POST", "message/sendEmail", json!({ "sendTo": ["x"], "subject": "x", "content": "x" })),
        ("POST", "message/sendEmail", json!({ "sendTo": ["a@b.cn"], "subject": "x\r\nBcc: c@d.cn", "content": "x" })),
        ("POST", "message/sendEmailBatch", json!([])),
        ("GET", "message/sendSMSCaptcha", json!({ "sendTo": "x", "content": "1" })),
        ("POST", "message/sendSMSContent", json!({ "sendToList": ["x"], "content": "1" })),
        ("POST", "notice/push", notice("userIds", "x")),
        ("POST", "notice/push", notice("userIds", "999999")),
        ("POST", "notice/push", notice("roleIds", "999999")),
        ("POST", "notice/push", notice("deptIds", "999999")),
        ("POST", "notice/push", notice("channelCodes", "MC99999")),
        ("POST", "notice/push", notice("userName", "nobody")),
        ("POST", "notice/push", notice("availableTimeStart", "2022")),
        ("POST", "notice/push", notice("availableTimeEnd", "2021-10-10")),
        ("GET", "notice/delete", json!({ "id": 999_999 })),
        ("POST", "gg/deleteBatch", json!([])),
        ("POST", "msg/rcInfo", agenda("userName", "nobody")),
        ("POST", "msg/rcInfo", agenda("remindWay", "4")),
        ("POST", "msg/rcInfo", agenda("remindTime", "25:00")),
        ("POST", "msg/rcInfo", agenda("startDate", "2022-9-1")),
        ("POST", "msg/rcInfo", agenda("endDate", "2022-08-31")),
        ("POST", "msg/rcInfo", agenda("timeZone", "Mars/Olympus")),
        ("POST", "msg/rcInfo", agenda("id", "999999")),
        ("GET", "msg/rcInfo/info/999999", json!({})),
        ("GET", "msg/rcInfo/delete/x", json!({})),
        ("POST", "client/addRoleBatch", json!([])),
        ("POST", "client/deleteDept", json!([])),
        ("POST", "client/deleteMenuBatch", json!(vec![1; 1001])),
    ] {
        let answer = server.call(method, &path(name), body.clone()).await;
        let refusal = answer.refusal();
        assert!(refusal.chars().any(|letter| letter > '\u{2e80}'), "{name} {body}: not translated: {refusal}");
    }
    let menu = server.call("DELETE", "/api/system/menu/three/x", json!({})).await;
    assert!(menu.refusal().contains("菜单 x"), "{menu:?}");
    let both = format!("{}?pageNum=1", path("user/getAllUser"));
    let answer = server.send("GET", &both, &server.client.headers(), json!({ "pageNum": 2 }).to_string()).await;
    assert!(answer.refusal().contains("pageNum"), "{answer:?}");
    assert_eq!(server.stored().await, before);
}

#[tokio::test]
async fn another_method_is_answered_405() {
    let server = Server::start().await;
    let answer = server.call("DELETE", &path("client/menus"), json!({})).await;
    assert_eq!((answer.status, &answer.body["code"]), (405, &json!(500)));
}

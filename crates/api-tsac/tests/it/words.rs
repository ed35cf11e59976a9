//! What a refusal says: in Chinese, naming the field as the caller wrote it, and what would be right.

use std::io::Write as _;

use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{
    fixture::{Fixture, Good},
    server::{Answer, Server},
};

/// Whether nothing in it was left in English but the names of fields and what callers have written themselves.
fn is_chinese(message: &str) -> bool {
    let words = message.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| word.len() > 1);
    let english = ["must", "the", "is", "be", "not", "no", "has", "it", "was", "of", "at", "cannot"];
    words.clone().all(|word| !english.contains(&word))
}

fn refused(answer: &Answer, code: &str, part: &str) {
    let message = answer.body["message"].as_str().unwrap();
    assert_eq!(answer.body["resultCode"], code, "{answer:?}");
    assert!(message.contains(part) && is_chinese(message), "{part}: {answer:?}");
}

#[tokio::test]
async fn reasons_are_told_in_chinese() {
    let server = Server::start().await;
    let fixture = Fixture::make(&server).await;
    let Fixture { queue, packages, .. } = fixture;
    let items = "/api/platform/data-queue/item";
    let cases = [
        (
            "/api/platform/package/delete".to_owned(),
            json!({ "packageId": packages[0] }),
            "10009",
            "流程“日终对账”正在使用此流程包版本",
        ),
        ("/api/platform/license/reclaim".to_owned(), json!({ "designer": "张三" }), "10008", "许可席位"),
        (
            "/api/platform/license/import".to_owned(),
            json!({ "license": "{" }),
            "10011",
            "license 不是许可文件：对象不完整（第 1 行第 1 列）",
        ),
        (
            format!("{items}/list"),
            json!({ "queueId": queue, "filter": "amount:/5/" }),
            "10011",
            "filter 不支持正则表达式",
        ),
        (format!("{items}/list"), json!({ "queueId": queue, "filter": "priority:x" }), "10011", "为数值"),
        (format!("{items}/push"), json!({ "queueId": queue }), "10006", "缺少 payload"),
        (
            format!("{items}/push"),
            json!({ "queueId": queue, "items": [{ "priority": 1 }] }),
            "10006",
            "items[0].payload",
        ),
        (
            format!("{items}/push"),
            json!({ "queueId": queue, "payload": 1, "deadline": "2001-01-01 00:00:00" }),
            "10011",
            "deadline 应晚于当前时间",
        ),
    ];
    for (path, body, code, part) in cases {
        refused(&server.call(&path, &body).await, code, part);
    }
}

#[tokio::test]
async fn reasons_of_administration_are_told_in_chinese() {
    let server = Server::start().await;
    let Fixture { department, process, role, .. } = Fixture::make(&server).await;
    let built_in = server.get("/api/platform/role/list", json!({})).await;
    let built_in = built_in["roles"].as_array().unwrap().iter().find(|it| it["isBuiltIn"] == true).unwrap();
    let employee = |password: &str, name: &str| json!({ "employeeName": "王芳", "username": name, "password": password, "depId": department, "roleId": role });
    let channel = |more: Value| {
        let mut body = json!({
            "depId": department, "channelName": "邮件", "warnType": 0, "smtpHost": "mail.example", "mailFrom": "rpa@example.com",
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let cases = [
        ("/api/platform/employee/create", employee("1", "wangfang"), "10011", "password 应有 8 至 128 个字符"),
        ("/api/platform/employee/create", employee("wangfang", "wangfang"), "10011", "password 不得与用户名相同"),
        ("/api/platform/role/delete", json!({ "roleId": built_in["roleId"] }), "10009", "内置角色不可删除"),
        ("/api/platform/audit/list", json!({ "kind": "robots" }), "10011", "kind 应为其中之一："),
        (
            "/api/platform/warn-channel/create",
            channel(json!({ "mailFrom": "nobody" })),
            "10011",
            "mailFrom 应为邮箱地址",
        ),
        ("/api/platform/warn-channel/create", channel(json!({ "mailTo": ["nobody"] })), "10011", "mailTo 应为邮箱地址"),
        ("/api/platform/trigger/create", trigger(department, process, &json!({})), "10006", "缺少 cronExpression"),
        (
            "/api/platform/trigger/create",
            trigger(department, process, &json!({ "triggerType": 0, "cronExpression": "" })),
            "10005",
            "cronExpression",
        ),
    ];
    for (path, body, code, part) in cases {
        refused(&server.call(path, &body).await, code, part);
    }
}

#[tokio::test]
async fn requests_that_cannot_be_read_are_told_in_chinese() {
    let server = Server::start().await;
    let headers = [("content-type", "application/json"), ("token", server.token.as_str())];
    let version = |version| [&headers[..], &[("version", version)]].concat();
    let path = "/api/platform/robot/list";
    refused(&server.send(path, &version("2.0.0"), "{}".into()).await, "10002", "支持 1.x.y，例如 1.0.0");
    refused(&server.send(path, &version("1.0.0"), "[]".into()).await, "10012", "应为 JSON 对象");
    refused(&server.send(path, &version("1.0.0"), "{\"a\":".into()).await, "10012", "内容不完整（第 1 行第 5 列）");
    let file = Some(b"PK\x03\x04 no workbook".to_vec());
    let calendar = json!({ "calendarName": "节假日" });
    let good = Good { path: "/api/platform/calendar/import".into(), body: calendar, file };
    refused(&server.try_good(&server.token, &good).await, "10011", "不是可读取的表格文件");
}

/// A package of kind flow with these steps, and one file more.
fn flow_package(steps: &str, other: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let flow = format!("flow: f\nvariables: {{total: 0}}\nsteps:\n{steps}");
    let manifest = "kind: flow\nname: f\nversion: 1.0.0\n";
    for (name, content) in [("baigong.yaml", manifest), ("main.flow.yaml", &flow), (other, "x")] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[tokio::test]
async fn packages_that_are_refused_are_told_in_chinese() {
    let server = Server::start().await;
    let Fixture { department, .. } = Fixture::make(&server).await;
    let set = "  - {id: a, set: {total: 1}}\n";
    let cases = [
        (b"not a zip".to_vec(), "zip：文件不是 zip。流程包应为 zip 文件"),
        (flow_package(set, "../evil"), "../evil：路径中的 .. 指向流程包之外。请使用普通的相对名称"),
        (flow_package(set, "/etc/evil"), "/etc/evil：路径是绝对路径"),
        (flow_package(set, "C:/evil"), "C:/evil：路径含有盘符"),
        (
            flow_package("  - {id: a, do: exel.readRange, with: {file: x}}\n", "x"),
            "main.flow.yaml 第 4 行第 17 列，步骤“a”：没有动作“exel.readRange”",
        ),
        (
            flow_package("  - {id: a, set: {total: \"${totl}\"}}\n", "x"),
            "步骤“a”：“totl”中：没有变量“totl”。应为“total”？",
        ),
        (
            flow_package("  - {id: a, if: 1 +, then: []}\n", "x"),
            "“1 +”不是表达式：表达式不完整，结尾缺少内容。请更正表达式",
        ),
        (flow_package("  - {id: a}\n", "x"), "步骤没有说明做什么"),
    ];
    for (file, part) in cases {
        let body = json!({ "packageName": "坏包", "packageVersion": "1.0.0", "depId": department });
        let good = Good { path: "/api/platform/package/create".into(), body, file: Some(file) };
        let answer = server.try_good(&server.token, &good).await;
        assert_eq!(answer.body["resultCode"], "10011", "{answer:?}");
        assert!(answer.body["message"].as_str().unwrap().contains(part), "{part}: {answer:?}");
    }
    let kept = server.get("/api/platform/package/query", json!({ "keyword": "坏包" })).await;
    assert_eq!(kept["packageList"], json!([]), "a package that was refused is kept");
}

#[tokio::test]
async fn what_became_of_items_is_told_in_chinese() {
    let server = Server::start().await;
    let Fixture { queue, items, .. } = Fixture::make(&server).await;
    let end = json!({ "itemId": items[0], "fence": 9, "outcome": "success" });
    let ended = json!({ "queueId": queue, "items": [end, { "itemId": 987_654, "fence": 1, "outcome": "success" }] });
    let answer = server.get("/api/platform/data-queue/item/finish", ended).await;
    for (place, part) in [(0, "租约已失效"), (1, "数据队列消息 987654")] {
        let error = answer["results"][place]["error"].as_str().unwrap();
        assert!(error.contains(part) && is_chinese(error), "{answer}");
    }
}

fn trigger(department: i64, process: i64, more: &Value) -> Value {
    let mut body = json!({
        "triggerName": "按数据", "depId": department, "processId": process, "assignType": 1, "isRecord": false,
        "isDefineCalendar": false,
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_queue_trigger_needs_no_cron_expression_and_a_deleted_process_rests_it() {
    let server = Server::start().await;
    let Fixture { department, process, queue, tasks, .. } = Fixture::make(&server).await;
    for (name, cron) in [("一", json!({})), ("二", json!({ "cronExpression": "" }))] {
        let mut more = json!({ "triggerName": name, "triggerType": 1, "queueId": queue });
        more.as_object_mut().unwrap().extend(cron.as_object().unwrap().clone());
        let made = server.get("/api/platform/trigger/create", trigger(department, process, &more)).await;
        let shown = server.get("/api/platform/trigger/query", json!({ "triggerId": made["triggerId"] })).await;
        assert_eq!((&shown["cronExpression"], &shown["isActivated"]), (&json!(""), &json!(true)), "{name}");
    }
    let deleted = server.get("/api/platform/process/delete", json!({ "processId": process })).await;
    let triggers = deleted["affectedTriggerIds"].as_array().unwrap();
    assert_eq!(triggers.len(), 3);
    for trigger in triggers {
        let shown = server.get("/api/platform/trigger/query", json!({ "triggerId": trigger })).await;
        assert_eq!(shown["isActivated"], false, "{shown}");
        let activate = json!({ "triggerId": trigger, "isActivated": true });
        refused(&server.call("/api/platform/trigger/update", &activate).await, "10009", "调度的流程已删除");
    }
    let task = server.get("/api/platform/task/query", json!({ "taskId": tasks[0] })).await;
    assert_eq!(task["taskMessage"], "流程已删除");
}

#[tokio::test]
async fn a_preview_says_once_from_when_on_the_calendar_knows_nothing() {
    let server = Server::start().await;
    let calendars = server.get("/api/platform/calendar/list", json!({ "keyword": "上海" })).await;
    let calendar = &calendars["calendars"][0]["calendarId"];
    let body = json!({ "cronExpression": "0 0 9 * * ?", "calendarId": calendar, "count": 1000 });
    let preview = server.get("/api/platform/trigger/preview", body).await;
    let days = preview["skippedDays"].as_array().unwrap();
    let unknown: Vec<&Value> = days.iter().filter(|day| day["reason"] == "calendarYearUnknown").collect();
    assert_eq!((unknown.len(), unknown.last()), (1, days.last().as_ref()), "{days:?}");
    let detail = unknown[0]["detail"].as_str().unwrap();
    assert!(detail.contains("日历只包含到 20"), "{detail}");
    assert!(days.iter().any(|day| day["detail"].as_str().unwrap().ends_with(" 周末")), "{days:?}");
}

#[tokio::test]
async fn a_channel_shows_whether_it_has_a_secret() {
    let server = Server::start().await;
    let fixture = Fixture::make(&server).await;
    let secret = async || {
        let shown = server.get("/api/platform/warn-channel/query", json!({ "channelId": fixture.channel })).await;
        shown["secret"].as_str().unwrap().to_owned()
    };
    assert_eq!(secret().await, "", "none was given");
    let update = json!({ "channelId": fixture.channel, "secret": "signing-key" });
    server.get("/api/platform/warn-channel/update", update).await;
    assert_eq!(secret().await, "******");
}

//! 日历 (6.2.15) as its callers see it.

use axum::http::Request;
use baigong_testkit::on_both;
use serde_json::{Value, json};

use crate::{fixture::Good, server::Server};

async fn make(server: &Server, days: Value) -> i64 {
    let new = json!({ "calendarName": "清算日历", "nonWorkingDays": days });
    let made = server.call("/api/platform/calendar/create", &new).await;
    assert_eq!((made.status, &made.body["resultCode"]), (201, &json!("00000")), "{made:?}");
    made.body["data"]["calendarId"].as_i64().unwrap()
}

#[tokio::test]
async fn a_calendar_is_made_changed_shown_and_deleted() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let id = make(&server, json!(["2026-12-26", "2026-12-25", "2026-12-25"])).await;
        let query = async || server.get("/api/platform/calendar/query", json!({ "calendarId": id })).await;
        assert_eq!(query().await["nonWorkingDays"], json!(["2026-12-25", "2026-12-26"]));
        let update = json!({ "calendarId": id, "calendarName": "新名", "nonWorkingDays": [] });
        server.get("/api/platform/calendar/update", update).await;
        assert_eq!(query().await["nonWorkingDays"], json!([]));
        let list = server.get("/api/platform/calendar/list", json!({ "pageSize": 100 })).await;
        let last = list["calendars"].as_array().unwrap().last().unwrap().clone();
        let expected = json!({
            "calendarId": id, "calendarName": "新名", "isDeleted": false, "kind": "custom", "knownUntil": "",
        });
        assert_eq!((last, &list["total"]), (expected, &json!(5)));
        server.get("/api/platform/calendar/delete", json!({ "calendarId": id })).await;
        assert_eq!(query().await["isDeleted"], json!(true));
        assert_eq!(server.get("/api/platform/calendar/list", json!({})).await["total"], json!(4));
    })
    .await;
}

#[tokio::test]
async fn wrong_days_get_the_code_of_a_wrong_time_and_wrong_types_that_of_a_wrong_type() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let cases = [
            (json!(["2026-02-30"]), "10301"),
            (json!(["2026/01/01"]), "10301"),
            (json!(["2026-01-01", ""]), "10301"),
            (json!([20260101]), "10007"),
            (json!("2026-01-01"), "10007"),
            (Value::Null, "10005"),
        ];
        for (days, code) in cases {
            let body = json!({ "calendarName": "x", "nonWorkingDays": days });
            let answer = server.call("/api/platform/calendar/create", &body).await;
            assert_eq!((answer.status, &answer.body["resultCode"]), (400, &json!(code)), "{body}: {answer:?}");
        }
        let absent = server.call("/api/platform/calendar/create", &json!({ "calendarName": "x" })).await;
        assert_eq!(absent.body["resultCode"], "10006", "{absent:?}");
        assert_eq!(server.get("/api/platform/calendar/list", json!({})).await["total"], json!(4), "nothing was made");
    })
    .await;
}

#[tokio::test]
async fn exchanges_come_with_the_platform_and_stay_as_they_are() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let list = server.get("/api/platform/calendar/list", json!({ "keyword": "XSHG" })).await;
        let shanghai = &list["calendars"][0];
        assert_eq!((&shanghai["kind"], &shanghai["knownUntil"]), (&json!("exchange"), &json!("2026-12-31")));
        let id = &shanghai["calendarId"];
        for (path, body) in [
            ("/api/platform/calendar/update", json!({ "calendarId": id, "nonWorkingDays": [] })),
            ("/api/platform/calendar/delete", json!({ "calendarId": id })),
        ] {
            let refused = server.call(path, &body).await;
            assert_eq!((refused.status, &refused.body["resultCode"]), (409, &json!("10009")), "{refused:?}");
            assert!(refused.body["message"].as_str().unwrap().contains("内置日历"), "{refused:?}");
        }
        let day = async |date: &str| {
            server.get("/api/platform/calendar/day", json!({ "calendarId": id, "date": date })).await
        };
        assert_eq!(day("2026-10-01").await, json!({ "isWorking": false, "isKnown": true, "reason": "国庆节" }));
        assert_eq!(day("2026-09-30").await, json!({ "isWorking": true, "isKnown": true, "reason": "" }));
        assert_eq!(day("2027-01-04").await, json!({ "isWorking": false, "isKnown": false, "reason": "" }));
    })
    .await;
}

#[tokio::test]
async fn days_come_from_a_file_and_go_to_one() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let import = async |body: Value, file: &str| {
            let (path, file) = ("/api/platform/calendar/import".to_owned(), Some(file.as_bytes().to_vec()));
            server.try_good(&server.token, &Good { path, body, file }).await
        };
        let imported = import(json!({ "calendarName": "2027" }), "日期,名称\n2027-01-01,元旦\n2027-02-06,春节\n").await;
        assert_eq!(imported.status, 200, "{imported:?}");
        let id = &imported.body["data"]["calendarId"];
        let shown = server.get("/api/platform/calendar/query", json!({ "calendarId": id })).await;
        assert_eq!(shown["dayNames"], json!(["元旦", "春节"]));
        let wrong = import(json!({ "calendarId": id, "mode": "add" }), "2027-01-01\nsoon\n").await;
        assert_eq!(wrong.body["resultCode"], "10011", "{wrong:?}");
        assert!(wrong.body["message"].as_str().unwrap().contains("第 2 行"), "{wrong:?}");
        let request = Request::post("/api/platform/calendar/export")
            .header("version", "1.0.0")
            .header("token", &server.token)
            .header("content-type", "application/json");
        let body = json!({ "calendarId": id, "bom": false }).to_string();
        let (status, headers, file) = server.raw(request.body(body.into()).unwrap()).await;
        assert_eq!(status, 200);
        assert_eq!(headers["content-type"], "text/csv; charset=utf-8");
        assert_eq!(String::from_utf8(file.to_vec()).unwrap(), "date,name\r\n2027-01-01,元旦\r\n2027-02-06,春节\r\n");
    })
    .await;
}

#[tokio::test]
async fn a_wrong_expression_is_told_in_chinese_with_its_field() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let cases = [
            ("0 0 12", "现有 3 个"),
            ("60 * * * * ?", "秒：“60”应在 0 至 59 之间"),
            ("0 0/0 * * * ?", "分：“0/0”的步长应为 1 至 59"),
            ("0 0 X * * ?", "时：无法识别“X”，应为 0 至 23"),
            ("0 0 9 15X * ?", "日：无法识别“15X”，应为 1 至 31"),
            ("0 0 9 1W,15W * ?", "日：“1W,15W”不能写成列表"),
            ("0 0 9 * FOO ?", "月：无法识别“FOO”，应为 1 至 12"),
            ("0 0 9 ? * MON-FRI/2", "星期：无法识别“MON-FRI/2”，应为 1（SUN）"),
            ("0 9 * * ?", "星期：无法识别“?”，应为 0（SUN）"),
            ("0 0 9 ? * 2,,3", "星期：“2,,3”中多了逗号"),
            ("0 0 9 * * ? X", "年：无法识别“X”，应为 1970"),
            ("0 0 9 * * ? 2030-2020", "年：“2030-2020”的终点早于起点"),
            ("0 0 9 * * *", "日与星期不能同时指定"),
            ("0 0 9 ? * ?", "日与星期不能同时为 ?"),
        ];
        for (cron, part) in cases {
            let body = json!({ "cronExpression": cron, "timeZone": "Asia/Shanghai" });
            let answer = server.call("/api/platform/trigger/preview", &body).await;
            assert_eq!((answer.status, &answer.body["resultCode"]), (400, &json!("10011")), "{cron}: {answer:?}");
            assert!(answer.body["message"].as_str().unwrap().contains(part), "{cron}: {answer:?}");
        }
    })
    .await;
}

//! Messages, notices and channels, as their examples send and show them. Mails go to a real server in the tests of the
//! background work.

use baigong_core::notices;
use baigong_testkit::on_both;
use serde_json::{Value, json};

use crate::server::{Server, path};

#[tokio::test]
async fn without_a_channel_nothing_is_said_to_be_sent() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let phone = json!({ "sendTo": "13000000000", "content": "123456" });
        let mail = json!({ "sendTo": ["xx@qq.com"], "subject": "标题", "content": "内容" });
        let list = json!({ "sendToList": ["13000000000"], "content": "x" });
        for (method, name, body, said) in [
            ("POST", path("message/sendEmail"), mail.clone(), "未配置邮件通道"),
            ("POST", path("message/sendEmailBatch"), json!([mail]), "未配置邮件通道"),
            ("GET", path("message/sendSMSCaptcha"), phone, "未配置短信通道"),
            ("POST", path("message/sendSMSContent"), list, "未配置短信通道"),
            ("POST", "/api/msg/mail/sendMakeCall".to_owned(), json!({ "form": "1", "to": "2" }), "未配置短信通道"),
        ] {
            assert_eq!(server.call(method, &name, body).await.refusal(), said, "{name}");
        }
        let channels = server.get("GET", &path("message/channel/listAll"), json!({})).await;
        assert_eq!(channels["data"], json!([]));
        assert_eq!(notices::due(&server.platform).await.unwrap().len(), 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_sent_waits_in_the_outbox_and_channels_are_shown_with_code_and_type() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let (mail, sms) = (server.mail_channel().await, server.gateway(server.root, "福大短信").await);
        let shown = json!([
            { "name": "邮件通道", "code": format!("MC{mail:05}"), "type": "mail" },
            { "name": "福大短信", "code": format!("MC{sms:05}"), "type": "sms" },
        ]);
        let channels = server.get("GET", &path("message/channel/listAll"), json!({})).await;
        assert_eq!((&channels["data"], &channels["msg"]), (&shown, &json!("请求成功")));
        let asked = json!({ "name": "福大短信", "type": "sms" });
        let page = server.get("GET", "/api/msg/message/channel/list", asked).await;
        let row = json!({ "id": sms, "name": "福大短信", "code": format!("MC{sms:05}"), "type": "sms" });
        assert_eq!((&page["total"], &page["rows"], &page["pageNum"]), (&json!(1), &json!([row]), &json!(1)));
        let info = server.get("GET", "/api/msg/message/channel/getInfo", json!({ "id": sms })).await;
        assert_eq!((&info["data"]["code"], &info["data"]["type"]), (&row["code"], &row["type"]));
        let own = server.call("GET", "/api/msg/message/channel/getInfo", json!({})).await;
        assert!(own.refusal().contains("未配置邮件通道"), "the platform has no mail server of its own: {own:?}");
        let done = json!({ "code": 0, "msg": "请求成功", "data": null });
        let one = json!({ "sendTo": ["xx@qq.com"], "subject": "标题", "content": "内容" });
        assert_eq!(server.get("POST", &path("message/sendEmail"), one.clone()).await, done);
        let refused = server
            .call(
                "POST",
                &path("message/sendEmailBatch"),
                json!([one, { "sendTo": ["x"], "subject": "a", "content": "b" }]),
            )
            .await;
        assert!(refused.refusal().contains("sendTo"), "{refused:?}");
        assert_eq!(server.get("POST", &path("message/sendEmailBatch"), json!([one])).await, done);
        let captcha = json!({ "sendTo": "13000000000", "content": "123456" });
        assert_eq!(server.get("GET", &path("message/sendSMSCaptcha"), captcha).await, done);
        let due = notices::due(&server.platform).await.unwrap();
        let titles: Vec<_> = due.iter().map(|it| (it.message.title.as_str(), it.message.text.as_str())).collect();
        assert_eq!(titles, [("标题", "内容"), ("标题", "内容"), ("", "123456")]);
    })
    .await;
}

#[tokio::test]
async fn a_notice_is_told_and_taken_back_by_its_own_application_only() {
    let server = Server::start().await;
    let text = |name: &str| -> Value {
        json!({
            "userName": "admin", "title": "测试标题", "content": "内容", "availableTimeStart": "2026-10-10",
            "availableTimeEnd": "2026-11-21", "userIds": name,
        })
    };
    let told = server.get("POST", &path("notice/push"), text("1")).await;
    assert_eq!((&told["msg"], told["data"].is_i64()), (&json!("请求成功"), true));
    let both = server.get("POST", &path("notice/pushBatch"), json!([text("1"), text("1，1")])).await["data"].clone();
    assert_eq!(both.as_array().unwrap().len(), 2);
    let page = baigong_model::Page::new(None, None).unwrap();
    let shown = async || baigong_core::messages::shown(&server.platform, &server.admin, page).await.unwrap().total;
    assert_eq!(shown().await, 3, "the last day counts");
    let other = server.another_client("other").await;
    let hidden = server.call_as(&other, "POST", &path("notice/deleteBatch"), &both).await;
    assert!(hidden.refusal().contains("消息"), "{hidden:?}");
    let wrong = server.call("POST", &path("gg/deleteBatch"), both.clone()).await;
    assert!(wrong.refusal().contains("不存在"), "{wrong:?}");
    server.get("POST", &path("notice/deleteBatch"), both).await;
    server.get("GET", &path("notice/delete"), json!({ "id": told["data"] })).await;
    assert_eq!(shown().await, 0);
}

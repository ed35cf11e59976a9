//! What applications send leaves the platform: mails over the platform's own server, short messages through a gateway.

use std::net::IpAddr;

use baigong_core::{
    Caller, Platform, accounts, applications, messages,
    messages::{Mail, Text},
    warn_channels::ChannelChange,
};
use baigong_model::Secret;
use baigong_platform::Settings;
use baigong_testkit::TestDatabase;
use serde_json::{Value, json};

use crate::{
    mail_server::MailServer,
    warnings::{Hook, Scene},
};

/// An application of the administrator's, as itself.
async fn application(platform: &Platform) -> Caller {
    let admin = accounts::caller_of(platform, 1).await.unwrap();
    let new = applications::NewApplication { name: "portal".into(), ..Default::default() };
    let (_, pair) = applications::create(platform, &admin, new).await.unwrap();
    let from: Option<IpAddr> = None;
    let token = applications::sign_in(platform, &pair.access_key_id, &pair.secret, from).await.unwrap().token;
    applications::acting(platform, &pair.access_key_id, &pair.secret, token.expose(), from).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_goes_over_the_platforms_own_server_wherever_that_stands() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = MailServer::start("plain", folder.path()).await;
    let port = server.port;
    // Channels may not reach this machine; the platform's own server is where its configuration says.
    let own = move |settings: &mut Settings| {
        settings.warn_allowed_networks = "".parse().unwrap();
        settings.smtp_url = Some(format!("smtp://127.0.0.1:{port}"));
        settings.smtp_from = Some("rpa@example.com".into());
    };
    let scene = Scene::new(TestDatabase::sqlite().unwrap(), own).await;
    let caller = application(&scene.platform).await;
    let mail = Mail { to: vec!["li@example.com".into()], subject: "标题".into(), content: "正文".into() };
    messages::send_mails(&scene.platform, &caller, vec![mail]).await.unwrap();
    let (state, error) = scene.send().await;
    assert!(state == "waiting" && error.contains("come again"), "{state} {error}");
    assert_eq!(server.told().await["refused"], true);
    scene.clock.advance(10_000);
    assert_eq!(scene.send().await, ("sent".into(), String::new()));
    let mail = server.told().await;
    assert_eq!((&mail["subject"], &mail["from"]), (&json!("标题"), &json!("rpa@example.com")));
    assert_eq!((&mail["to"], mail["text"].as_str().unwrap().trim_end()), (&json!(["li@example.com"]), "正文"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_hears_what_it_is_and_for_whom() {
    let scene = Scene::new(TestDatabase::sqlite().unwrap(), |_| ()).await;
    let caller = application(&scene.platform).await;
    let gateway = Hook::start(json!({})).await;
    let url = Some(Secret::new(gateway.url("127.0.0.1")));
    scene.channel(1, None, ChannelChange { url, ..ChannelChange::default() }).await;
    let text = Text { to: vec!["13000000000".into()], content: Secret::new("123456".into()), is_captcha: true };
    messages::send_text(&scene.platform, &caller, text).await.unwrap();
    messages::call(&scene.platform, &caller, "1001".into(), "1002".into()).await.unwrap();
    assert_eq!(scene.send().await, ("sent".into(), String::new()));
    let heard: Vec<Value> =
        gateway.heard.lock().unwrap().iter().map(|(_, body)| serde_json::from_slice(body).unwrap()).collect();
    let find = |wanted: &str| heard.iter().find(|it| it["use"] == wanted).unwrap_or_else(|| panic!("{heard:?}"));
    let captcha = find("captcha");
    assert_eq!((&captcha["recipients"], &captcha["text"]), (&json!(["13000000000"]), &json!("123456")));
    let call = find("call");
    assert_eq!(
        (&call["from"], &call["recipients"], &call["kind"]),
        (&json!("1001"), &json!(["1002"]), &json!("message"))
    );
}

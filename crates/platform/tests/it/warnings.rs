//! Notices leave the platform: over a real mail server, without TLS and with it, and to webhooks.

use std::io::Write as _;
use std::sync::{Arc, Mutex};

use axum::{Json, Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use baigong_background::notifier;
use baigong_core::warn_channels::{self, ChannelChange, NewChannel};
use baigong_core::{
    Caller, Platform, bootstrap, deadlines, departments, notices, packages, processes, robot_groups, tasks,
};
use baigong_model::{ManualClock, Page, Secret, SystemRandom};
use baigong_platform::Settings;
use baigong_testkit::{TestDatabase, on_both};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::mail_server::{MailServer, certificates};

/// A platform that nobody serves: the test does its background work.
pub(crate) struct Scene {
    pub(crate) platform: Platform,
    pub(crate) clock: Arc<ManualClock>,
    folder: tempfile::TempDir,
    _database: TestDatabase,
}

impl Scene {
    pub(crate) async fn new(database: TestDatabase, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        certificates(folder.path());
        let mut settings = Settings {
            data: folder.path().join("platform"),
            database: Some(database.url().to_owned()),
            warn_allowed_networks: "127.0.0.0/8".parse().unwrap(),
            warn_certificates: Some(folder.path().join("ca.pem")),
            ..Settings::default()
        };
        change(&mut settings);
        std::fs::create_dir_all(&settings.data).unwrap();
        let clock = Arc::new(ManualClock::at(1_795_262_400_000));
        let platform = baigong_platform::open(&settings, clock.clone(), Arc::new(SystemRandom)).await.unwrap();
        bootstrap::bootstrap(&platform, Some(Secret::new("correct horse battery staple".into()))).await.unwrap();
        Self { platform, clock, folder, _database: database }
    }

    pub(crate) async fn channel(&self, warn_type: i64, format: Option<&str>, change: ChannelChange) -> i64 {
        let change = ChannelChange { name: Some(format!("channel {warn_type}")), ..change };
        let new = NewChannel { department_id: self.root().await, warn_type, format: format.map(str::to_owned), change };
        warn_channels::create(&self.platform, &Caller::platform(), new).await.unwrap()
    }

    async fn mail(&self, port: u16, security: &str, with_password: bool) -> i64 {
        let change = ChannelChange {
            host: Some("127.0.0.1".into()),
            port: Some(port.into()),
            security: Some(security.into()),
            username: with_password.then(|| "rpa".into()),
            key: with_password.then(|| Secret::new("hunter2".into())),
            from: Some("rpa@example.com".into()),
            to: Some(vec!["ops@example.com".into()]),
            ..ChannelChange::default()
        };
        self.channel(0, None, change).await
    }

    async fn hook(&self, format: &str, url: String, key: &str) -> i64 {
        let (url, key) = (Some(Secret::new(url)), Some(Secret::new(key.to_owned())));
        self.channel(2, Some(format), ChannelChange { url, key, ..ChannelChange::default() }).await
    }

    async fn root(&self) -> i64 {
        departments::tree(&self.platform).await.unwrap().parents_first().next().unwrap().id
    }

    /// A task of the process "日终对账" waits too long.
    async fn task_expires(&self, warn_type: i64) -> i64 {
        let (platform, caller, department_id) = (&self.platform, &Caller::platform(), self.root().await);
        let new = robot_groups::NewRobotGroup { department_id, name: "g".into(), remark: None };
        let robot_group_id = robot_groups::create(platform, caller, new).await.unwrap();
        let file = self.folder.path().join("package.zip");
        let mut zip = ZipWriter::new(std::fs::File::create(&file).unwrap());
        zip.start_file("baigong.yaml", SimpleFileOptions::default()).unwrap();
        zip.write_all(b"kind: command\nname: test\ncommand: [\"true\"]\n").unwrap();
        zip.finish().unwrap();
        let new = packages::NewPackage { department_id, name: "p".into(), version: "1".into(), file };
        let package = packages::create(platform, caller, new).await.unwrap();
        let new = processes::NewProcess {
            department_id,
            robot_group_id,
            name: "日终对账".into(),
            remark: None,
            is_record: false,
            fail_try_times: 0,
        };
        let process_id = processes::create(platform, caller, new).await.unwrap();
        processes::activate_package_version(platform, caller, process_id, package, vec![], None).await.unwrap();
        let new = tasks::NewTasks {
            process_id,
            is_warn: true,
            warn_type: Some(warn_type),
            max_waiting_time: 1,
            ..tasks::NewTasks::default()
        };
        let task = tasks::create(platform, caller, new).await.unwrap()[0];
        self.clock.advance(61_000);
        deadlines::expire_waiting(platform).await.unwrap();
        task
    }

    /// Sends what is due; the last error of the newest notice, and its state.
    pub(crate) async fn send(&self) -> (String, String) {
        notifier::run_once(&self.platform).await.unwrap();
        let page = Page::new(None, None).unwrap();
        let query = notices::NoticeQuery { department_id: None, state: None, kind: None, channel_id: None, page };
        let newest = notices::list(&self.platform, &Caller::platform(), query).await.unwrap().rows.remove(0);
        (newest.state, newest.last_error.unwrap_or_default())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_was_refused_once_arrives_with_its_id() {
    on_both(async |database| {
        let scene = Scene::new(database, |_| ()).await;
        let mut server = MailServer::start("plain", scene.folder.path()).await;
        scene.mail(server.port, "none", false).await;
        let task = scene.task_expires(0).await;
        let (state, error) = scene.send().await;
        assert!(state == "waiting" && error.contains("come again"), "{state} {error}");
        assert_eq!(server.told().await["refused"], true);
        scene.clock.advance(10_000);
        assert_eq!(scene.send().await, ("sent".into(), String::new()));
        let mail = server.told().await;
        assert_eq!(mail["subject"], "[百工] 任务等待超时：日终对账");
        assert_eq!(mail["to"], json!(["ops@example.com"]));
        assert!(mail["text"].as_str().unwrap().contains(&format!("任务：{task}")), "{mail}");
        assert!(mail["id"].as_str().unwrap().starts_with(&format!("<task.{task}.0.task-wait-expired.")), "{mail}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_go_over_tls_to_a_server_of_a_private_authority_and_in_english_if_wanted() {
    for (mode, security) in [("starttls", "starttls"), ("tls", "tls")] {
        let english = |settings: &mut Settings| settings.language = baigong_platform::Speech::English;
        let scene = Scene::new(TestDatabase::sqlite().unwrap(), english).await;
        let mut server = MailServer::start(mode, scene.folder.path()).await;
        let channel = scene.mail(server.port, security, true).await;
        warn_channels::test(&scene.platform, &Caller::platform(), channel).await.unwrap();
        assert_eq!(scene.send().await, ("sent".into(), String::new()), "{mode}");
        let mail = server.told().await;
        assert_eq!(
            (&mail["tls"], &mail["user"], &mail["subject"]),
            (&true.into(), &"rpa".into(), &"[百工] Test".into())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_to_a_server_that_cannot_be_believed() {
    let no_authority = |settings: &mut Settings| settings.warn_certificates = None;
    let scene = Scene::new(TestDatabase::sqlite().unwrap(), no_authority).await;
    let server = MailServer::start("tls", scene.folder.path()).await;
    let channel = scene.mail(server.port, "tls", true).await;
    warn_channels::test(&scene.platform, &Caller::platform(), channel).await.unwrap();
    let (state, error) = scene.send().await;
    assert!(state == "waiting" && error.to_lowercase().contains("certificate"), "{state} {error}");
    // A server without TLS is not spoken to where STARTTLS is wanted.
    let plain = MailServer::start("plain", scene.folder.path()).await;
    let change =
        ChannelChange { port: Some(plain.port.into()), security: Some("starttls".into()), ..ChannelChange::default() };
    warn_channels::update(&scene.platform, &Caller::platform(), channel, change).await.unwrap();
    warn_channels::test(&scene.platform, &Caller::platform(), channel).await.unwrap();
    let (state, error) = scene.send().await;
    assert!(state == "waiting" && error.contains("STARTTLS"), "{state} {error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_is_not_reached_unless_the_configuration_allows_it() {
    let closed = |settings: &mut Settings| settings.warn_allowed_networks = "".parse().unwrap();
    let scene = Scene::new(TestDatabase::sqlite().unwrap(), closed).await;
    let hook = Hook::start(json!({})).await;
    for url in [hook.url("127.0.0.1"), hook.url("localhost"), "http://169.254.169.254/latest".to_owned()] {
        let channel = scene.hook("webhook", url.clone(), "").await;
        warn_channels::test(&scene.platform, &Caller::platform(), channel).await.unwrap();
        let (state, error) = scene.send().await;
        assert!(state == "waiting" && error.contains("warn_allowed_networks"), "{url}: {state} {error}");
        warn_channels::delete(&scene.platform, &Caller::platform(), channel).await.unwrap();
    }
    assert!(hook.heard.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_signed_and_group_robots_are_spoken_to_in_their_form() {
    let scene = Scene::new(TestDatabase::sqlite().unwrap(), |_| ()).await;
    let hook = Hook::start(json!({ "errcode": 0, "code": 0 })).await;
    for (format, text) in
        [("webhook", "/text"), ("wecom", "/text/content"), ("dingtalk", "/text/content"), ("feishu", "/content/text")]
    {
        let channel = scene.hook(format, hook.url("127.0.0.1"), "the key").await;
        warn_channels::test(&scene.platform, &Caller::platform(), channel).await.unwrap();
        assert_eq!(scene.send().await, ("sent".into(), String::new()), "{format}");
        warn_channels::delete(&scene.platform, &Caller::platform(), channel).await.unwrap();
        let (headers, body) = hook.heard.lock().unwrap().pop().unwrap();
        let json: Value = serde_json::from_slice(&body).unwrap();
        assert!(json.pointer(text).unwrap().as_str().unwrap().contains("测试消息"), "{format}: {json}");
        if format == "webhook" {
            let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"the key").unwrap();
            mac.update(headers["x-baigong-timestamp"].as_bytes());
            mac.update(b".");
            mac.update(&body);
            let signature = headers["x-baigong-signature"].to_str().unwrap().strip_prefix("sha256=").unwrap();
            let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(signature, hex);
            assert_eq!(headers["idempotency-key"].to_str().unwrap(), json["id"]);
        }
    }
    let refusing = Hook::start(json!({ "errcode": 93_000, "errmsg": "invalid webhook url" })).await;
    let channel = scene.hook("wecom", refusing.url("127.0.0.1"), "").await;
    warn_channels::test(&scene.platform, &Caller::platform(), channel).await.unwrap();
    let (state, error) = scene.send().await;
    assert!(state == "waiting" && error.contains("93000") && error.contains("invalid webhook url"), "{state} {error}");
    assert!(!error.contains("CANARY"), "the address is a secret: {error}");
}

/// Something that takes posts and always answers the same.
pub(crate) struct Hook {
    port: u16,
    pub(crate) heard: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

impl Hook {
    pub(crate) async fn start(answer: Value) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let take = async move |State(heard): State<Arc<Mutex<Vec<_>>>>, headers: HeaderMap, body: Bytes| {
            heard.lock().unwrap().push((headers, body));
            Json(answer)
        };
        let router = Router::new().route("/{key}", post(take)).with_state(heard.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, heard }
    }

    pub(crate) fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/CANARY", self.port)
    }
}

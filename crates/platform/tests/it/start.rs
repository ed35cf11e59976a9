//! Start, health, stop, start again; and what keeps a platform from starting.

use std::net::SocketAddr;
use std::path::Path;

use baigong_model::Secret;
use baigong_platform::{Options, RunningPlatform, Settings, start};
use baigong_testkit::{TestDatabase, on_both};

fn settings(folder: &Path, database: &TestDatabase) -> Settings {
    Settings {
        data: folder.join("platform"),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        database: Some(database.url().to_owned()),
        ..Settings::default()
    }
}

async fn get(platform: &RunningPlatform, path: &str) -> (u16, String) {
    let answer = reqwest::get(format!("{}{path}", platform.url())).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_platform_makes_a_password_once_serves_and_starts_again() {
    on_both(async |database| {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path(), &database);
        let first = start(Options::new(settings.clone())).await.unwrap();
        let made = first.made_password.as_ref().expect("the first start makes a password");
        assert!(made.expose().len() >= 20);
        assert_eq!(get(&first, "/healthz").await, (200, r#"{"status":"ok"}"#.into()));
        let (status, ready) = get(&first, "/readyz").await;
        assert!(status == 200 && ready.contains(r#""status":"ready""#), "{status} {ready}");
        let data = folder.path().join("platform");
        std::fs::create_dir(data.join("ready.tmp")).unwrap();
        let (status, ready) = get(&first, "/readyz").await;
        assert!(status == 503 && ready.contains(data.to_str().unwrap()), "{status} {ready}");
        std::fs::remove_dir(data.join("ready.tmp")).unwrap();
        assert!(get(&first, "/openapi/tsac.json").await.1.contains("\"openapi\":\"3.1"));
        assert_eq!(get(&first, "/docs").await.0, 200);
        first.stop().await;

        let mut options = Options::new(settings);
        options.admin_password = Some(Secret::new("another password than before".into()));
        let second = start(options).await.unwrap();
        assert!(second.made_password.is_none(), "only the first start makes a password");
        assert_eq!(get(&second, "/readyz").await.0, 200);
        second.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_platform_on_the_same_folder_is_refused() {
    let (folder, database) = (tempfile::tempdir().unwrap(), TestDatabase::sqlite().unwrap());
    let settings = settings(folder.path(), &database);
    let first = start(Options::new(settings.clone())).await.unwrap();
    let refusal = format!("{:#}", start(Options::new(settings.clone())).await.err().expect("it must not start"));
    assert!(refusal.contains("in use by another platform"), "{refusal}");
    first.stop().await;
    let uploads = settings.data.join("uploads");
    std::fs::create_dir_all(&uploads).unwrap();
    std::fs::write(uploads.join("upload-cut-short"), "PK").unwrap();
    start(Options::new(settings)).await.unwrap().stop().await;
    assert_eq!(std::fs::read_dir(uploads).unwrap().count(), 0, "what a crash left behind is removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_it_from_starting_is_named() {
    let (folder, database) = (tempfile::tempdir().unwrap(), TestDatabase::sqlite().unwrap());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let good = settings(folder.path(), &database);
    let cases = [
        (Settings { listen: taken.local_addr().unwrap(), ..good.clone() }, "listening on"),
        (Settings { time_zone: "Mars/Olympus".into(), ..good.clone() }, "time_zone"),
        (Settings { database: Some("sqlite:///proc/none/baigong.db".into()), ..good }, "database"),
    ];
    for (settings, word) in cases {
        let refusal = format!("{:#}", start(Options::new(settings)).await.err().expect("it must not start"));
        assert!(refusal.contains(word), "{word}: {refusal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_or_stripped_copy_is_found_and_a_backup_starts_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("platform");
    let settings =
        Settings { data: data.clone(), listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..Settings::default() };
    let running = start(Options::new(settings.clone())).await.unwrap();

    let copy = folder.path().join("copies/one");
    assert_eq!(baigong_platform::backup(&settings, &copy).await.unwrap(), 0);
    assert!(baigong_platform::backup(&settings, &copy).await.is_err(), "a copy is never overwritten");
    let report = baigong_platform::check(&settings).await.unwrap();
    assert_eq!((report.missing_steps, report.findings.len()), (0, 0));
    running.stop().await;

    // Without the key file the copy must refuse, with it it must start.
    let restored = Settings { data: copy.clone(), ..settings };
    let refusal = format!("{:#}", start(Options::new(restored.clone())).await.err().expect("it must not start"));
    assert!(refusal.contains("key.bin"), "{refusal}");
    std::fs::copy(data.join("key.bin"), copy.join("key.bin")).unwrap();
    start(Options::new(restored)).await.unwrap().stop().await;
}

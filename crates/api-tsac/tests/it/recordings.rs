//! Recordings and live views from end to end: a real robot with a real display and encoder, a platform, and whoever watches
//! by nothing but HTTP and a WebSocket.

use std::{io::Write, time::Duration};

use baigong_testkit::{
    TestClient, TestDatabase, TestRobot, TestServer,
    agent::{DisplayChoice, Options, ScreenSize},
    on_both,
};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::watcher::Watcher;

/// Runs until there is a file that ends it; shows that it was given a display.
const SHOWN: &str = r#"
kind: command
name: shown
command: [sh, -c, 'test -n "$DISPLAY" && test -e "$XAUTHORITY" && while [ ! -e "$BAIGONG_PARAM_FOLDER/end" ]; do sleep 0.05; done; test ! -e "$BAIGONG_PARAM_FOLDER/fail"']
parameters:
  in:
    - {name: folder, type: text}
"#;

/// A small screen, recorded in short chunks: little to do for the machine.
fn small(options: &mut Options) {
    options.screen.display = DisplayChoice::Own;
    options.screen.size = Some(ScreenSize { width: 320, height: 240, depth: 24 });
    options.screen.chunk = Duration::from_millis(500);
}

struct Stage {
    server: TestServer,
    admin: TestClient,
    robot: TestRobot,
    folder: tempfile::TempDir,
    process: i64,
}

impl Stage {
    async fn new(database: TestDatabase) -> Self {
        let server = TestServer::start(database).await.unwrap();
        let admin = server.admin().await.unwrap();
        let robot = TestRobot::start_with(&server, &admin, "filmed", small).await.unwrap();
        robot.connected().await;
        let folder = tempfile::tempdir().unwrap();
        let root = admin.data("department/list", json!({})).await.unwrap()["departments"][0]["depId"].clone();
        let texts = [("packageName", "shown"), ("packageVersion", "1"), ("depId", &*root.to_string())];
        let package = admin.upload("package/create", &texts, "package", package()).await.unwrap();
        let process =
            json!({ "processName": "shown", "depId": root, "robotGroupId": robot.group_id, "isRecord": true });
        let process = admin.create("process/create", "processId", process).await.unwrap();
        let parameters = json!([{ "name": "folder", "value": folder.path() }]);
        let activate = json!({ "processId": process, "packageId": package["packageId"], "inParameters": parameters });
        admin.data("process/activate-package-version", activate).await.unwrap();
        Self { server, admin, robot, folder, process }
    }

    async fn start(&self, is_record: bool) -> i64 {
        let task = json!({ "processId": self.process, "priority": 0, "isRecord": is_record });
        self.admin.data("task/create", task).await.unwrap()["taskIds"][0].as_i64().unwrap()
    }

    fn end(&self) {
        std::fs::write(self.folder.path().join("end"), "").unwrap();
    }

    async fn videos(&self, task: i64) -> Vec<Value> {
        let answer = self.admin.data("video/query", json!({ "taskId": task })).await.unwrap();
        answer["recordFileInfos"].as_array().unwrap().clone()
    }

    /// The videos of the task, once they are so.
    async fn videos_when(&self, task: i64, what: &str, fits: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let mut seen = Vec::new();
        let looking = until(async || {
            seen = self.videos(task).await;
            fits(&seen)
        });
        let in_time = tokio::time::timeout(Duration::from_secs(60), looking).await.is_ok();
        assert!(in_time, "{what}: {seen:?}; {}", self.log(task).await);
        seen
    }

    async fn log(&self, task: i64) -> String {
        self.admin.data("task-log/query", json!({ "taskId": task })).await.unwrap().to_string()
    }

    async fn state(&self, task: i64) -> String {
        let seen = self.admin.data("task/query", json!({ "taskId": task })).await.unwrap();
        seen["taskState"].as_str().unwrap().to_owned()
    }

    async fn stop(self) {
        self.robot.stop().await;
        self.server.stop().await;
    }
}

fn package() -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("baigong.yaml", SimpleFileOptions::default()).unwrap();
    zip.write_all(SHOWN.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let mut rhythm = tokio::time::interval(Duration::from_millis(50));
    while !holds().await {
        rhythm.tick().await;
    }
}

/// What `ffprobe` says of a film: its seconds and its frames.
async fn probed(film: &[u8]) -> (f64, u64) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), film).unwrap();
    let mut command = tokio::process::Command::new("ffprobe");
    command.args(["-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames:format=duration"]);
    let said = command.args(["-of", "json"]).arg(file.path()).output().await.unwrap();
    let said: Value = serde_json::from_slice(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    let number = |value: &Value| value.as_str().unwrap().parse::<f64>().unwrap();
    let frames = said["streams"][0]["nb_read_frames"].as_str().unwrap().parse().unwrap();
    (number(&said["format"]["duration"]), frames)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorded_task_is_watched_while_it_runs_and_afterwards_whole_and_in_parts() {
    on_both(async |database| {
        let stage = Stage::new(database).await;
        let task = stage.start(true).await;
        let some = |videos: &[Value]| videos.iter().any(|video| video["size"].as_i64() > Some(5000));
        let running = stage.videos_when(task, "it is there while it runs", some).await;
        assert_eq!((&running[0]["isEnded"], &running[0]["isComplete"]), (&json!(false), &json!(false)));
        stage.end();
        let ended = |videos: &[Value]| videos.iter().all(|video| video["isEnded"] == true) && !videos.is_empty();
        let videos = stage.videos_when(task, "it ends", ended).await;
        let [video] = &videos[..] else { panic!("one recording: {videos:?}") };
        assert_eq!((&video["isComplete"], &video["gaps"]), (&json!(true), &json!([])), "{}", stage.log(task).await);
        let asked = stage.admin.data("task/query", json!({ "taskId": task })).await.unwrap();
        assert_eq!(asked["recordFileIds"], json!([video["recordFileId"]]));
        assert!(video["videoStartTime"].as_str().unwrap() <= video["videoEndTime"].as_str().unwrap());

        // As a plain curl would.
        let (http, url) = (reqwest::Client::new(), video["url"].as_str().unwrap());
        let answer = http.get(url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(
            (&answer.headers()[header::CONTENT_TYPE], &answer.headers()[header::ACCEPT_RANGES]),
            (&"video/mp4".parse().unwrap(), &"bytes".parse().unwrap())
        );
        let tag = answer.headers()[header::ETAG].clone();
        let whole = answer.bytes().await.unwrap();
        assert_eq!(Some(whole.len() as i64), video["size"].as_i64());
        let (seconds, frames) = probed(&whole).await;
        assert!(seconds > 1.0 && frames > 2, "{seconds} s, {frames} frames");
        let range = async |range: &str| {
            let answer =
                http.get(url).header(header::RANGE, range).header(header::IF_RANGE, &tag).send().await.unwrap();
            let told = answer.headers().get(header::CONTENT_RANGE).map(|it| it.to_str().unwrap().to_owned());
            (answer.status(), told.unwrap_or_default(), answer.bytes().await.unwrap())
        };
        let (size, last) = (whole.len(), whole.len() - 1);
        for (asked, from, to) in
            [("bytes=0-99", 0, 100), ("bytes=1000-3000", 1000, 3001), ("bytes=-10", size - 10, size)]
        {
            let (status, told, bytes) = range(asked).await;
            assert_eq!((status, told), (StatusCode::PARTIAL_CONTENT, format!("bytes {from}-{}/{size}", to - 1)));
            assert_eq!(bytes, whole.slice(from..to), "{asked}");
        }
        let (status, told, bytes) = range(&format!("bytes={size}-")).await;
        assert_eq!((status, told, bytes.len()), (StatusCode::RANGE_NOT_SATISFIABLE, format!("bytes */{size}"), 0));
        assert_eq!(range(&format!("bytes={last}-{}", size * 2)).await.2.len(), 1);
        let forged = http.get(url.replace("signature=", "signature=00")).send().await.unwrap();
        assert!(forged.status().is_client_error(), "{}", forged.status());

        let unrecorded = stage.start(false).await;
        until(async || stage.state(unrecorded).await == "succeeded").await;
        assert!(stage.videos(unrecorded).await.is_empty());
        stage.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_recorded_before_a_crash_is_delivered_after_it_and_a_failure_leaves_a_picture() {
    let mut stage = Stage::new(TestDatabase::sqlite().unwrap()).await;
    let task = stage.start(true).await;
    let some = |videos: &[Value]| videos.iter().any(|video| video["size"].as_i64() > Some(5000));
    stage.videos_when(task, "it is there while it runs", some).await;
    stage.robot = stage.robot.crash_and_restart(&stage.server).await.unwrap();
    let ended = |videos: &[Value]| videos.iter().all(|video| video["isEnded"] == true) && !videos.is_empty();
    let videos = stage.videos_when(task, "its end is told after the restart", ended).await;
    assert_eq!(videos[0]["isComplete"], false, "it was broken off: {videos:?}");
    let film = reqwest::get(videos[0]["url"].as_str().unwrap()).await.unwrap().bytes().await.unwrap();
    assert!(probed(&film).await.1 > 0, "what is there can be watched");
    let left = std::fs::read_dir(stage.robot.data().join("recordings")).unwrap().count();
    assert_eq!(left, 0, "what the platform has is gone from the robot");

    std::fs::write(stage.folder.path().join("fail"), "").unwrap();
    stage.end();
    let failing = stage.start(false).await;
    until(async || stage.state(failing).await == "failed").await;
    let artifacts = stage.admin.data("task-artifact/list", json!({ "taskId": failing })).await.unwrap();
    assert!(artifacts.to_string().contains("screenshot-at-failure.png"), "{artifacts}");
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permitted_viewer_sees_the_screen_while_they_are_signed_in() {
    let stage = Stage::new(TestDatabase::sqlite().unwrap()).await;
    let task = stage.start(false).await;
    until(async || stage.state(task).await == "running").await;
    let token = stage.admin.token().unwrap().to_owned();
    let robot = stage.robot.robot_id;
    for ask in [json!({ "token": "wrong", "robotId": robot }), json!({ "token": token, "robotId": 999 }), json!({})] {
        let refused = Watcher::watch(&stage.server.url(), &ask).await.next().await;
        assert_eq!(refused, None, "{ask}");
    }
    let mut watcher = Watcher::watch(&stage.server.url(), &json!({ "token": token, "robotId": robot })).await;
    for _ in 0..3 {
        let picture = watcher.next().await.expect("a picture");
        assert!(picture.starts_with(&[0xff, 0xd8]), "a JPEG");
    }
    stage.admin.data("account/sign-out", json!({})).await.unwrap();
    while watcher.next().await.is_some() {}
    stage.end();
    stage.stop().await;
}

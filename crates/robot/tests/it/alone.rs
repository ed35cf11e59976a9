//! A robot that stands alone, and a caller of its interface.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use baigong_model::ManualClock;
use baigong_robot::{Agent, Options, RunningAgent};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

/// Longer than anything here takes; a test that waits for so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// The robot's place, and the robot in it.
pub(crate) struct Alone {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) agent: RunningAgent,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) secret: String,
    pub(crate) token: String,
    http: reqwest::Client,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["resultCode"].as_str().unwrap_or_default()
    }

    pub(crate) fn data(&self) -> &Value {
        &self.body["data"]
    }
}

/// A package that runs `script` by `sh`.
pub(crate) fn package(script: &str) -> Vec<u8> {
    package_of(script, "")
}

/// The same with more lines in its manifest.
pub(crate) fn package_of(script: &str, more: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    std::fs::create_dir(&source).unwrap();
    std::fs::write(source.join("run.sh"), script).unwrap();
    let manifest = format!("kind: command\nname: test\ncommand: [sh, run.sh]\n{more}");
    std::fs::write(source.join("baigong.yaml"), manifest).unwrap();
    let zip = folder.path().join("package.zip");
    baigong_package::pack(&source, &zip, &baigong_package::Limits::default()).unwrap();
    std::fs::read(zip).unwrap()
}

pub(crate) fn data(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("robot")
}

pub(crate) fn options(folder: &tempfile::TempDir, clock: &Arc<ManualClock>) -> Options {
    Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        clock: clock.clone(),
        max_tasks: 2,
        stop_grace: Duration::from_millis(50),
        ..Options::alone(data(folder), None, baigong_actions::table())
    }
}

impl Alone {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("mkfifo").arg(folder.path().join("gate")).status().unwrap();
        assert!(made.success(), "mkfifo must work");
        std::fs::write(folder.path().join("ledger"), "").unwrap();
        let clock = Arc::new(ManualClock::at(1_795_305_600_000));
        let agent = Agent::start(options(&folder, &clock)).await.unwrap();
        let secret = agent.made_secret().expect("a robot without a secret makes one").expose().clone();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut alone = Self { folder, agent, clock, secret, token: String::new(), http };
        alone.sign_in().await;
        alone
    }

    /// Stops dead and starts again, as after a crash.
    pub(crate) async fn crash_and_restart(self) -> Self {
        let Self { folder, agent, clock, secret, token, http } = self;
        agent.crash().await;
        let agent = Agent::start(options(&folder, &clock)).await.unwrap();
        Self { folder, agent, clock, secret, token, http }
    }

    pub(crate) async fn sign_in(&mut self) {
        let answer = self.call_as(None, "authenticate", json!({ "secret": self.secret })).await;
        assert_eq!(answer.code(), "00000", "{answer:?}");
        self.token = answer.data()["token"].as_str().unwrap().to_owned();
    }

    /// `script` with the names of this place's ledger and gate.
    pub(crate) fn here(&self, script: &str) -> String {
        let place = |name: &str| self.folder.path().join(name).display().to_string();
        script.replace("ledger_file", &place("ledger")).replace("gate_file", &place("gate"))
    }

    /// Lets one waiting process end.
    pub(crate) async fn open_gate(&self) {
        let gate = self.folder.path().join("gate");
        tokio::task::spawn_blocking(move || std::fs::write(gate, "").unwrap()).await.unwrap();
    }

    /// What was noted in the ledger.
    pub(crate) fn ledger(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join("ledger")).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// Waits until so much is noted in the ledger.
    pub(crate) async fn noted(&self, count: usize) {
        let wait = async {
            while self.ledger().len() < count {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("the ledger must fill");
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/api/robot/{path}", self.agent.local_addr())
    }

    pub(crate) fn request(&self, path: &str, token: Option<&str>) -> reqwest::RequestBuilder {
        let request = self.http.post(self.url(path)).header("version", "1.0.0");
        match token {
            Some(token) => request.header("token", token),
            None => request,
        }
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let answer = request.send().await.unwrap();
        Answer { status: answer.status().as_u16(), body: answer.json().await.unwrap_or_default() }
    }

    pub(crate) async fn call_as(&self, token: Option<&str>, path: &str, body: Value) -> Answer {
        self.send(self.request(path, token).json(&body)).await
    }

    pub(crate) async fn call(&self, path: &str, body: Value) -> Answer {
        self.call_as(Some(&self.token), path, body).await
    }

    /// A call at a path that is not below `/api/robot`.
    pub(crate) async fn call_at(&self, path: &str, body: Value) -> Answer {
        let url = format!("http://{}{path}", self.agent.local_addr());
        let request = self.http.post(url).header("version", "1.0.0").header("token", &self.token);
        self.send(request.json(&body)).await
    }

    /// A call that must succeed.
    pub(crate) async fn data(&self, path: &str, body: Value) -> Value {
        let answer = self.call(path, body.clone()).await;
        assert_eq!(answer.code(), "00000", "{path} {body}: {answer:?}");
        answer.data().clone()
    }

    /// An upload.
    pub(crate) async fn upload(
        &self,
        path: &str,
        file: Option<(&'static str, Vec<u8>)>,
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut form = Form::new();
        for (name, value) in fields {
            form = form.text((*name).to_owned(), (*value).to_owned());
        }
        if let Some((name, bytes)) = file {
            form = form.part(name, Part::bytes(bytes).file_name("upload"));
        }
        self.send(self.request(path, Some(&self.token)).multipart(form)).await
    }

    /// A process with a package of this script activated; its id.
    pub(crate) async fn process(&self, name: &str, zip: Vec<u8>) -> i64 {
        let fields = [("packageName", name), ("packageVersion", "1.0")];
        let package = self.upload("package/create", Some(("package", zip)), &fields).await;
        assert_eq!((package.status, package.code()), (201, "00000"), "{package:?}");
        let process = self.data("process/create", json!({ "processName": name })).await["processId"].as_i64().unwrap();
        let activate = json!({ "processId": process, "packageId": package.data()["packageId"] });
        self.data("process/activate-package-version", activate).await;
        process
    }

    /// Starts one task; its id.
    pub(crate) async fn task(&self, process: i64) -> i64 {
        let created = self.data("task/create", json!({ "processId": process, "isRecord": false })).await;
        created["taskIds"][0].as_i64().unwrap()
    }

    /// Waits until a task is in this state.
    pub(crate) async fn until(&self, task: i64, state: &str) -> Value {
        let wait = async {
            loop {
                let found = self.data("task/query", json!({ "taskId": task })).await;
                if found["taskState"] == state {
                    return found;
                }
                tokio::task::yield_now().await;
            }
        };
        match tokio::time::timeout(PATIENCE, wait).await {
            Ok(found) => found,
            Err(_) => {
                panic!("task {task} is not {state}: {}", self.data("task/query", json!({ "taskId": task })).await)
            }
        }
    }
}

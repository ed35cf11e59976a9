//! A caller of T/TSAC 002-2025: of a management platform (6.2) or of a robot (6.3), which speak alike. Signs in when it has
//! to, and once more when its token has ended.

use baigong_model::Secret;
use reqwest::Client;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{Error, Result, cipher::Cipher, http};

/// The codes of a token that is not, or not any more, good.
const NOT_SIGNED_IN: [&str; 1] = ["10001"];
/// The codes of a name, password or secret that is wrong.
const NOT_LET_IN: [&str; 3] = ["10003", "10004", "10013"];
/// The codes of what is not there.
const NOT_THERE: [&str; 2] = ["10203", "10008"];
/// The most rows that are asked for at once.
const PAGE: usize = 500;

/// Who signs in.
#[derive(Debug, Clone)]
pub enum Account {
    /// A user of a platform.
    User {
        /// Their name.
        username: String,
        /// Their password.
        password: Secret<String>,
    },
    /// A robot, by its secret.
    Robot {
        /// The secret.
        secret: Secret<String>,
    },
}

/// A caller.
pub struct Tsac {
    http: Client,
    base: String,
    account: Account,
    cipher: Cipher,
    token: Mutex<Option<Secret<String>>>,
}

/// A task.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskDetails {
    /// Its state: a text at a platform, a number at a robot.
    pub task_status: Value,
    /// Our own word for it, where the other side is one of ours.
    pub task_state: Option<String>,
    /// What went wrong, where the other side says so.
    #[serde(alias = "taskMessage")]
    pub message: Option<String>,
    /// What came out.
    #[serde(default)]
    pub out_parameters: Vec<NamedValue>,
}

/// A row of a list of tasks.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedTask {
    /// Its id.
    pub task_id: i64,
    /// Its process.
    pub process_id: i64,
    /// The robot it runs on.
    #[serde(default)]
    pub robot_id: Value,
    /// Its state.
    pub task_status: i64,
    /// Our own word for it, where the other side is one of ours.
    pub task_state: Option<String>,
    /// When it began.
    #[serde(default)]
    pub start_time: String,
    /// When it ended.
    #[serde(default)]
    pub end_time: String,
}

/// A row of a list of processes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedProcess {
    /// Its id.
    pub process_id: i64,
    /// Its name.
    pub process_name: String,
    /// Its remark.
    #[serde(default)]
    pub remark: Option<String>,
}

/// A row of a list of robots.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedRobot {
    /// Its id.
    pub robot_id: i64,
    /// Its name.
    pub robot_name: String,
    /// What it is doing, where the other side says so: 0 idle, 1 running, 2 offline.
    #[serde(default)]
    pub robot_status: Option<i64>,
}

/// A line of a task's log.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// When, `yyyy-MM-dd HH:mm:ss`.
    #[serde(default)]
    pub log_time: String,
    /// How grave.
    #[serde(default)]
    pub log_level: String,
    /// The text.
    #[serde(default)]
    pub message: String,
}

/// A parameter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NamedValue {
    /// Its name.
    pub name: String,
    /// Its value.
    #[serde(default)]
    pub value: String,
}

impl Tsac {
    /// A caller of what is at `url` (`https://host:port`).
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(url: &str, account: Account, cipher: Cipher, certificates: Option<&[u8]>) -> Result<Self> {
        let root = if matches!(account, Account::Robot { .. }) { "api/robot" } else { "api/platform" };
        let base = format!("{}/{root}", url.trim_end_matches('/'));
        Ok(Self { http: http::client(certificates)?, base, account, cipher, token: Mutex::default() })
    }

    /// Calls `operation` (`task/query`); what its answer carries.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn call(&self, operation: &str, body: &Value) -> Result<Value> {
        let token = self.token().await?;
        match self.post(operation, Some(&token), body).await {
            // It was not carried out: whoever is not known is refused first.
            Err(Error::Refused { code, .. }) if NOT_SIGNED_IN.contains(&code.as_str()) => {
                *self.token.lock().await = None;
                let token = self.token().await?;
                self.post(operation, Some(&token), body).await
            }
            answer => answer,
        }
    }

    async fn token(&self) -> Result<Secret<String>> {
        let mut token = self.token.lock().await;
        if let Some(token) = &*token {
            return Ok(token.clone());
        }
        let (operation, body) = match &self.account {
            Account::User { username, password } => {
                let password = self.on_its_way(password).await?;
                ("account/authenticate", json!({ "username": username, "password": password.expose() }))
            }
            Account::Robot { secret } => ("authenticate", json!({ "secret": secret.expose() })),
        };
        let data = self.post(operation, None, &body).await.map_err(|error| match error {
            Error::Refused { code, message } if code != "10010" && !code.starts_with('2') => {
                let is_wrong = NOT_LET_IN.contains(&code.as_str()) || NOT_SIGNED_IN.contains(&code.as_str());
                Error::NotLetIn(if is_wrong { message } else { format!("{code} {message}") })
            }
            other => other,
        })?;
        let given = data["token"].as_str().ok_or_else(|| Error::Strange("no token".into()))?;
        let given = Secret::new(given.to_owned());
        *token = Some(given.clone());
        Ok(given)
    }

    /// The password as it is sent: encrypted where the other side gives a key for it, which platforms of other vendors need
    /// not have.
    async fn on_its_way(&self, password: &Secret<String>) -> Result<Secret<String>> {
        match self.post("account/public-key", None, &json!({})).await {
            Ok(key) => {
                let sealed = self.cipher.login(&key, password);
                sealed.ok_or_else(|| Error::Strange("its public key is none for SM2".into()))
            }
            Err(error @ (Error::Unreachable(_) | Error::NoAnswer(_))) => Err(error),
            Err(_) => Ok(password.clone()),
        }
    }

    async fn post(&self, operation: &str, token: Option<&Secret<String>>, body: &Value) -> Result<Value> {
        let mut request = self.http.post(format!("{}/{operation}", self.base)).header("version", "1.0.0").json(body);
        if let Some(token) = token {
            request = request.header("token", token.expose());
        }
        let (status, answer) = http::answer(request).await?;
        match answer["resultCode"].as_str() {
            Some("00000") => Ok(answer["data"].clone()),
            // A fault of theirs says nothing about what was done.
            Some(code @ ("20001" | "10202")) => Err(Error::NoAnswer(format!("{code} {}", text(&answer["message"])))),
            Some(code) => {
                let (code, message) = (code.to_owned(), text(&answer["message"]));
                Err(if NOT_THERE.contains(&code.as_str()) {
                    Error::Gone { code, message }
                } else {
                    Error::Refused { code, message }
                })
            }
            None => Err(Error::Strange(format!("status {status}, no resultCode"))),
        }
    }

    /// Everything of a paged list, up to `most` rows.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn list<T: DeserializeOwned>(
        &self,
        operation: &str,
        array: &str,
        mut body: Value,
        most: usize,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        for page in 1.. {
            body["pageNum"] = page.into();
            body["pageSize"] = PAGE.into();
            let data = self.call(operation, &body).await?;
            let rows: Vec<T> = read(&data[array])?;
            let is_last = rows.len() < PAGE;
            found.extend(rows);
            if is_last || found.len() >= most {
                break;
            }
        }
        found.truncate(most);
        Ok(found)
    }

    /// The ids of a process's tasks above `newest`, of `most` that are looked through. Lists of platforms begin with the newest
    /// task or with the oldest: where they begin with the newest, the rest need not be looked at.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn tasks_after(&self, process: i64, newest: i64, most: usize) -> Result<Vec<i64>> {
        let mut found = Vec::new();
        for page in 1..=most.div_ceil(PAGE) {
            let body = json!({ "processId": process, "pageNum": page, "pageSize": PAGE });
            let rows: Vec<ListedTask> = read(&self.call("task/list", &body).await?["tasks"])?;
            let ids: Vec<i64> = rows.iter().map(|row| row.task_id).collect();
            let descends = ids.len() > 1 && ids.is_sorted_by(|one, next| one > next);
            let is_last = ids.len() < PAGE || descends && ids.last().is_some_and(|last| *last <= newest);
            found.extend(ids.into_iter().filter(|id| *id > newest));
            if is_last {
                break;
            }
        }
        Ok(found)
    }

    /// The highest id of a task of the process; 0 where it has none.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn newest(&self, process: i64, most: usize) -> Result<i64> {
        let mut newest = 0;
        for page in 1..=most.div_ceil(PAGE) {
            let body = json!({ "processId": process, "pageNum": page, "pageSize": PAGE });
            let rows: Vec<ListedTask> = read(&self.call("task/list", &body).await?["tasks"])?;
            let ids: Vec<i64> = rows.iter().map(|row| row.task_id).collect();
            newest = ids.iter().copied().fold(newest, i64::max);
            if ids.len() < PAGE || ids.is_sorted_by(|one, next| one > next) {
                break;
            }
        }
        Ok(newest)
    }

    /// Starts one task of a process; its id.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn start(&self, process: i64, parameters: &[NamedValue]) -> Result<i64> {
        let body = json!({
            "processId": process, "totalCount": 1, "priority": 1, "isRecord": false, "inParameters": parameters,
        });
        let data = self.call("task/create", &body).await?;
        data["taskIds"][0].as_i64().ok_or_else(|| Error::Strange("no taskIds".into()))
    }

    /// A task.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn task(&self, task: i64) -> Result<TaskDetails> {
        read(&self.call("task/query", &json!({ "taskId": task })).await?)
    }

    /// Cancels a task.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn cancel(&self, task: i64) -> Result<()> {
        self.call("task/cancel", &json!({ "taskId": task })).await.map(drop)
    }

    /// The lines of a task's log behind the first `told`; not necessarily all of them. The standard prints no pages for it:
    /// who knows them is asked for no line twice, who does not gives the whole log each time.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn log(&self, task: i64, told: usize) -> Result<Vec<LogLine>> {
        let page = told / PAGE + 1;
        let knows_pages = page == 1 || self.log_page(task, 1, 1).await?.len() < 2;
        let lines = self.log_page(task, page, PAGE).await?;
        let is_whole = !knows_pages || lines.len() > PAGE;
        let passed = if is_whole { told } else { told % PAGE };
        Ok(lines.into_iter().skip(passed).collect())
    }

    async fn log_page(&self, task: i64, page: usize, size: usize) -> Result<Vec<LogLine>> {
        let body = json!({ "taskId": task, "pageNum": page, "pageSize": size });
        read(&self.call("task-log/query", &body).await?["logs"])
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(value).map_err(|error| Error::Strange(error.to_string()))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().chars().take(300).collect()
}

//! What the libraries `robocorp` and `RPA.Robocorp` expect around a run: work items, secrets and assets over HTTP, and an ear
//! for what they tell of their progress. Served on loopback for one run, under a token of its own, from the run's host: data
//! queues, credentials and assets. Knows no platform; secrets stay in memory.

mod answers;
mod assets;
mod ear;
mod file_form;
mod files;
mod item_files;
mod items;
mod outputs;
mod processes;
mod robocorp_log;
mod secrets;
mod server;
mod told;
mod work_items;

use std::{path::Path, pin::Pin, sync::Arc};

use baigong_flow::Host;
use baigong_model::{LogLevel, Parameter};
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use crate::runner::{Broken, Given, RunRequest, StopReason};
use files::Links;
use items::{Desk, INITIAL};
use told::Told;
pub(crate) use told::Verdict;

/// The in-parameter that names the data queue work items come from.
const INPUT_QUEUE: &str = "workItemQueue";
/// The in-parameter that names the data queue new work items go to.
const OUTPUT_QUEUE: &str = "workItemOutputQueue";

/// Everything the routes of one run share.
pub(crate) struct Shared {
    host: Arc<dyn Host>,
    token: String,
    /// `http://127.0.0.1:PORT`.
    address: String,
    items: Mutex<Desk>,
    links: Links,
    told: Arc<Told>,
}

/// The surroundings of one run.
pub(crate) struct Workspace {
    shared: Arc<Shared>,
    server: server::Server,
    /// The first work item's id; empty where the libraries are to ask for it.
    first: String,
    variables: Vec<(String, String)>,
}

impl Workspace {
    /// Opens it. None when the run's work items come from a queue that is empty: there is nothing to do.
    pub(crate) async fn open(request: &RunRequest, given: &[Given]) -> Result<Option<Self>, Broken> {
        let named = |wanted: &str| {
            let found = given.iter().find(|one| one.name == wanted).map(|one| one.value.trim().to_owned());
            found.filter(|name| !name.is_empty())
        };
        let (input, output) = (named(INPUT_QUEUE), named(OUTPUT_QUEUE));
        let of_run = |one: &&Given| one.name != INPUT_QUEUE && one.name != OUTPUT_QUEUE;
        let parameters: Map<String, Value> =
            given.iter().filter(of_run).map(|one| (one.name.clone(), one.json())).collect();
        let folder = request.work_folder.join("work-items");
        let mut desk = Desk::new(folder, request.artifacts_folder.join("work-items-out"), input.clone(), output);
        let first = match &input {
            None => desk.initial(parameters),
            Some(queue) => match desk.reserve(request.host.as_ref()).await.map_err(|error| unopened(&error))? {
                Some(id) => id,
                None => {
                    request
                        .host
                        .log(LogLevel::Info, &format!("the data queue \"{queue}\" is empty: there is nothing to do"));
                    return Ok(None);
                }
            },
        };
        let told = Arc::new(Told::new(request));
        let (listeners, address) = server::bind().await.map_err(|error| {
            Broken::Failed(format!("the robot cannot listen on this machine for the run's libraries: {error}"))
        })?;
        let shared = Arc::new(Shared {
            host: Arc::clone(&request.host),
            token: token_of(&request.run_id),
            address,
            items: Mutex::new(desk),
            links: Links::default(),
            told,
        });
        let variables = file_form::variables(request);
        let server = server::Server::start(Arc::clone(&shared), listeners, request)
            .map_err(|error| Broken::Failed(format!("the listener for Robot Framework cannot be written: {error}")))?;
        Ok(Some(Self { shared, server, first, variables }))
    }

    /// Adds the variables by which the libraries find it.
    pub(crate) fn add_variables(&self, variables: &mut Vec<(String, String)>) {
        let Shared { token, address, .. } = self.shared.as_ref();
        let (task, process) = (value_of(variables, "BAIGONG_TASK_ID"), value_of(variables, "BAIGONG_PROCESS_ID"));
        let say = |names: &[&str], value: &str| -> Vec<(String, String)> {
            names.iter().map(|name| ((*name).to_owned(), value.to_owned())).collect()
        };
        let hosts = ["RC_API_WORKITEM_HOST", "RC_API_PROCESS_HOST", "RC_API_SECRET_HOST"];
        let tokens = ["RC_API_WORKITEM_TOKEN", "RC_API_PROCESS_TOKEN", "RC_API_SECRET_TOKEN", "RC_API_TOKEN_V1"];
        variables.extend(say(&hosts, address));
        variables.extend(say(&tokens, token));
        variables.extend(say(&["RC_API_URL_V1"], &format!("{address}/v1")));
        variables.extend(say(&["RC_WORKSPACE_ID"], "baigong"));
        variables.extend(say(&["RC_PROCESS_ID"], &process));
        variables.extend(say(&["RC_PROCESS_RUN_ID", "RC_ACTIVITY_RUN_ID", "RC_ROBOT_RUN_ID"], &task));
        variables.extend(say(&["RC_WORKITEM_ID"], &self.first));
        variables.extend(self.variables.iter().cloned());
        self.server.add_variables(&self.shared, variables);
    }

    /// What the run's own libraries said of its tasks, once all that was said is heard.
    pub(crate) async fn verdict(&self) -> Verdict {
        self.server.hear_out().await;
        self.shared.told.verdict()
    }

    /// Ends what is left of the work items, as the run has ended. Of a run that is stopped it ends nothing: what the run held is
    /// given back by whoever gave it.
    pub(crate) async fn close(
        self,
        ended: Result<Vec<Parameter>, Broken>,
        stopped: Pin<&mut impl Future<Output = StopReason>>,
    ) -> Result<Vec<Parameter>, Broken> {
        self.server.hear_out().await;
        self.shared.told.finish();
        let closed = match ended {
            Err(Broken::Stopped(_)) => ended,
            ended => tokio::select! {
                closed = self.end_items(ended) => closed,
                reason = stopped => Err(Broken::Stopped(reason)),
            },
        };
        self.server.close().await;
        closed
    }

    async fn end_items(&self, ended: Result<Vec<Parameter>, Broken>) -> Result<Vec<Parameter>, Broken> {
        let mut items = self.shared.items.lock().await;
        let host = self.shared.host.as_ref();
        match &ended {
            Ok(_) => items.end_well(host).await.map_err(|error| Broken::Failed(error.message))?,
            Err(Broken::Failed(message)) => {
                if let Err(error) = items.end_badly(host, message).await {
                    host.log(LogLevel::Warn, &format!("a work item could not be ended: {error}"));
                }
            }
            Err(Broken::Stopped(_)) => {}
        }
        ended
    }
}

fn unopened(error: &baigong_flow::HostError) -> Broken {
    Broken::Failed(format!("the first work item cannot be had: {error}"))
}

/// A text that nobody can guess who does not know the run's id, which no log shows.
fn token_of(run_id: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(format!("workspace of {run_id}")))
}

fn value_of(variables: &[(String, String)], name: &str) -> String {
    let found = variables.iter().rev().find(|(known, _)| known == name);
    found.map_or_else(|| INITIAL.to_owned(), |(_, value)| value.clone())
}

/// A name as the last part of a path, whatever a library called it.
fn plain_name(name: &str) -> String {
    let last = Path::new(name).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let plain: String = last.chars().map(|c| if c.is_control() || matches!(c, '/' | '\\') { '_' } else { c }).collect();
    let plain: String = plain.chars().take(120).collect();
    if plain.is_empty() || plain == "." || plain == ".." { "file".to_owned() } else { plain }
}

#[cfg(test)]
mod tests;

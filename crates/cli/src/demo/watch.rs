//! Following a task through the public interface: its state, its current step, its log as it grows, its results.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

use super::client::Client;
use super::view::View;

/// How often the platform is asked.
const RHYTHM: Duration = Duration::from_millis(100);

/// How a task ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// The platform's own word for it: succeeded, failed, …
    pub(super) state: String,
    /// Why, where it is worth telling.
    pub(super) message: Option<String>,
    /// Names and values.
    pub(super) out_parameters: Vec<(String, String)>,
    /// Names and addresses of what it left behind.
    pub(super) artifacts: Vec<(String, String)>,
}

/// Follows the task until it ends, telling `view` what happens.
pub(super) async fn follow(client: &Client, task_id: i64, view: &View) -> Result<Ended> {
    let mut rhythm = interval(RHYTHM);
    rhythm.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut lines_seen = 0;
    loop {
        rhythm.tick().await;
        let task = client.call("task/query", json!({"taskId": task_id})).await?;
        let ended = task["stopTime"] != "";
        view.state(&describe(&task));
        // After the end once more: the last lines may have come between the two questions.
        let log = client.call("task-log/query", json!({"taskId": task_id})).await?;
        for line in log["logs"].as_array().into_iter().flatten().skip(lines_seen) {
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            view.log(&text("logTime"), &text("logLevel"), &text("message"));
            lines_seen += 1;
        }
        if ended {
            let left_behind = client.call("task-artifact/list", json!({"taskId": task_id})).await?;
            return read(&task, &left_behind);
        }
    }
}

/// State and place in a few words: "running: match the two sides".
fn describe(task: &Value) -> String {
    let state = task["taskState"].as_str().unwrap_or("unknown");
    let said = |name: &str| task[name].as_str().filter(|text| !text.is_empty());
    let place = said("currentStep").or(said("waitingReason"));
    place.map_or_else(|| state.to_owned(), |place| format!("{state}: {place}"))
}

fn read(task: &Value, left_behind: &Value) -> Result<Ended> {
    let pairs = |list: &Value, name: &str, value: &str| -> Vec<(String, String)> {
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        list.as_array().into_iter().flatten().map(|entry| (text(entry, name), text(entry, value))).collect()
    };
    Ok(Ended {
        state: task["taskState"].as_str().context("the answer has no taskState")?.to_owned(),
        message: task["taskMessage"].as_str().filter(|text| !text.is_empty()).map(str::to_owned),
        out_parameters: pairs(&task["outParameters"], "name", "value"),
        artifacts: pairs(&left_behind["artifacts"], "name", "url"),
    })
}

/// Fetches the artifacts into `folder` and gives their paths.
pub(super) async fn fetch(client: &Client, artifacts: &[(String, String)], folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for (name, url) in artifacts {
        let path = folder.join(safe(name)?);
        let bytes = client.download(url).await?;
        let parent = path.parent().context("an artifact without a folder")?;
        std::fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        std::fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))?;
        paths.push(path);
    }
    Ok(paths)
}

/// A name below the folder, whatever the platform says.
fn safe(name: &str) -> Result<&Path> {
    let path = Path::new(name);
    let plain = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if !plain || name.is_empty() {
        bail!("an artifact is called {name:?}, which is not a plain path");
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_artifact_stays_in_its_folder() {
        for name in ["../x", "/etc/x", "a/../../x", ""] {
            assert!(safe(name).is_err(), "{name}");
        }
        assert_eq!(safe("a/差异.xlsx").unwrap(), Path::new("a/差异.xlsx"));
    }

    #[test]
    fn the_state_is_told_with_its_place_or_its_reason() {
        assert_eq!(describe(&json!({"taskState": "running", "currentStep": "match"})), "running: match");
        assert_eq!(
            describe(&json!({"taskState": "queued", "waitingReason": "no-robot-online"})),
            "queued: no-robot-online"
        );
        assert_eq!(describe(&json!({"taskState": "assigned", "currentStep": null})), "assigned");
    }

    #[test]
    fn the_results_are_read() {
        let task = json!({"taskState": "succeeded", "taskMessage": null,
            "outParameters": [{"name": "matched", "value": "300"}]});
        let left_behind = json!({"artifacts": [{"name": "differences.xlsx", "url": "http://h/d", "size": 3}]});
        let ended = read(&task, &left_behind).unwrap();
        assert_eq!((ended.state.as_str(), ended.message), ("succeeded", None));
        assert_eq!(ended.out_parameters, [("matched".to_owned(), "300".to_owned())]);
        assert_eq!(ended.artifacts, [("differences.xlsx".to_owned(), "http://h/d".to_owned())]);
    }
}

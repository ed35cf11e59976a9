//! Callers that start tasks all the time, and write down what they were told.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use baigong_testkit::TestClient;
use serde_json::json;
use tokio::task::JoinSet;

use super::history::History;

/// Callers at once.
const CALLERS: usize = 4;
/// Tasks that may wait for the robot before the callers hold back.
const BACKLOG: usize = 40;

/// The running load.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    callers: JoinSet<()>,
}

/// Starts the callers.
pub(super) fn start(client: &TestClient, process: i64, history: &Arc<History>, ledger: &Path) -> Load {
    let stop = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        callers.spawn(call(client.clone(), process, history.clone(), ledger.to_owned(), stop.clone()));
    }
    Load { stop, callers }
}

impl Load {
    /// Ends it; every request under way is written down first.
    pub(super) async fn stop(mut self) {
        self.stop.store(true, Ordering::SeqCst);
        while let Some(ended) = self.callers.join_next().await {
            ended.expect("no caller fails");
        }
    }
}

async fn call(client: TestClient, process: i64, history: Arc<History>, ledger: PathBuf, stop: Arc<AtomicBool>) {
    let mut rhythm = tokio::time::interval(Duration::from_millis(5));
    while !stop.load(Ordering::SeqCst) {
        rhythm.tick().await;
        let ran = std::fs::read(&ledger).map_or(0, |text| text.iter().filter(|byte| **byte == b'\n').count());
        if history.answers() > (ran + BACKLOG) as u64 {
            continue;
        }
        let answer = client.call("task/create", json!({"processId": process, "priority": 1, "isRecord": false})).await;
        match answer {
            Ok(answer) if answer.status == 201 || answer.status == 200 => {
                history.acknowledge(
                    answer.data()["taskIds"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_i64),
                );
            }
            Ok(answer) if answer.status >= 500 => history.unknown(),
            Ok(answer) => panic!("the platform refused: {} {}", answer.status, answer.body),
            Err(_) => history.unknown(),
        }
    }
}

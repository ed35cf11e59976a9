//! A small company to ask about: a department with one of everything. What each operation can be asked about it is in
//! `bodies`: a new kind of thing gets a field here and a line in `fixture/fill.rs`.

mod fill;

use baigong_core::licenses::{Algorithm, Grant, License, SeatType, SigningKey, VERSION};
use baigong_model::SeededRandom;
use serde_json::{Value, json};

use crate::server::Server;

/// A request that succeeds.
#[derive(Clone)]
pub(crate) struct Good {
    pub(crate) path: String,
    /// Of an upload: its text parts.
    pub(crate) body: Value,
    /// Of an upload: its file.
    pub(crate) file: Option<Vec<u8>>,
}

impl std::fmt::Debug for Good {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let file = if self.file.is_some() { " with a file" } else { "" };
        write!(f, "{} {:.600}{file}", self.path, self.body.to_string())
    }
}

impl Good {
    pub(crate) fn json(path: impl Into<String>, body: Value) -> Self {
        Self { path: path.into(), body, file: None }
    }
}

/// The ids of a department with a robot, a process, a queue, two waiting tasks and whatever else there is.
#[derive(Debug, Default)]
pub(crate) struct Fixture {
    /// Goes into names that must be unique everywhere; empty in the only fixture of a test.
    pub(crate) tag: String,
    /// The department above.
    pub(crate) root: i64,
    pub(crate) department: i64,
    pub(crate) employee: i64,
    pub(crate) role: i64,
    pub(crate) machine: i64,
    pub(crate) robot: i64,
    pub(crate) group: i64,
    pub(crate) packages: [i64; 2],
    pub(crate) process: i64,
    pub(crate) trigger: i64,
    pub(crate) tasks: [i64; 2],
    pub(crate) queue: i64,
    /// Waiting items of the queue.
    pub(crate) items: [i64; 2],
    /// Items that the administrator, or whoever filled it, holds; each with its fence.
    pub(crate) held: [(i64, i64); 2],
    /// An item that failed.
    pub(crate) ended: i64,
    pub(crate) maintenance: i64,
    pub(crate) agent_version: i64,
    pub(crate) rollout: i64,
    /// Something the spare robot is asked for.
    pub(crate) operation: i64,
    pub(crate) credential: i64,
    pub(crate) asset: i64,
    pub(crate) file: i64,
    /// The folder that the file lies in.
    pub(crate) file_folder: i64,
    pub(crate) folder: i64,
    pub(crate) calendar: i64,
    pub(crate) channel: i64,
    /// What nothing else uses, to be deleted.
    pub(crate) spare: Spare,
}

/// Things that nothing uses.
#[derive(Debug, Default)]
pub(crate) struct Spare {
    pub(crate) department: i64,
    pub(crate) role: i64,
    pub(crate) machine: i64,
    pub(crate) robot: i64,
    pub(crate) group: i64,
    pub(crate) process: i64,
    pub(crate) queue: i64,
    pub(crate) calendar: i64,
    pub(crate) agent_version: i64,
}

impl Fixture {
    /// The administrator makes a department below the root and fills it.
    pub(crate) async fn make(server: &Server) -> Self {
        let departments = server.get("/api/platform/department/list", json!({})).await;
        let root = departments["departments"][0]["depId"].as_i64().unwrap();
        let department = json!({ "depName": "运营部", "parentId": root });
        let department = server.get("/api/platform/department/create", department).await["depId"].as_i64().unwrap();
        Self::fill(server, &server.token, (root, department), "").await
    }

    /// A signed license that nobody has imported yet.
    pub(crate) fn license(&self) -> String {
        let grant = |seat_type, quantity| Grant {
            seat_type,
            quantity,
            valid_from: "2026-01-01T00:00:00Z".into(),
            valid_until: "2036-01-01T00:00:00Z".into(),
        };
        let license = License {
            version: VERSION,
            serial: format!("BG-{}", self.tag),
            customer: "某证券".into(),
            issued_at: "2026-01-01T00:00:00Z".into(),
            seats: vec![grant(SeatType::Unattended, 1000), grant(SeatType::Attended, 1000)],
        };
        serde_json::to_string(&license.sign(&license_key()).unwrap()).unwrap()
    }
}

/// The key that the licenses of the tests are signed with.
pub(crate) fn license_key() -> SigningKey {
    SigningKey::generate(Algorithm::Ed25519, &SeededRandom::new(9)).unwrap()
}

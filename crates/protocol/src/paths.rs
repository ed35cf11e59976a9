//! The paths below the platform's address that robots use, all with `Authorization: Bearer <robot secret>`.

/// GET, upgraded to a WebSocket: the uplink. 401 = the secret is wrong.
pub const CONNECT: &str = "/uplink/v1/connect";
/// GET: a package's zip, for axum's router.
pub const PACKAGE_ROUTE: &str = "/uplink/v1/packages/{packageId}";
/// GET: a version of the agent's program, for axum's router.
pub const AGENT_VERSION_ROUTE: &str = "/uplink/v1/agent-versions/{versionId}";
/// PUT with `?fence=N&name=…`: one artifact as the body, for axum's router. A repetition replaces. 409 = stale fence.
/// GET with `?fence=N&of=TASK&name=…`: a file that the task `of` kept for those who take its queue items.
pub const ARTIFACTS_ROUTE: &str = "/uplink/v1/tasks/{taskId}/artifacts";
/// PUT: the beginning of a recording, as JSON ([`crate::RecordingHead`]). A repetition changes nothing.
pub const RECORDINGS: &str = "/uplink/v1/recordings";
/// PUT with `?startedAt=…&endedAt=…`: one sealed chunk as the body, for axum's router; with `&lost=…` the word that it is
/// lost. A repetition changes nothing. 409 = the recording was not begun.
pub const CHUNK_ROUTE: &str = "/uplink/v1/recordings/{taskId}/{fence}/{part}/chunks/{number}";
/// PUT: the end of a recording, as JSON ([`crate::RecordingEnd`]), for axum's router.
pub const RECORDING_END_ROUTE: &str = "/uplink/v1/recordings/{taskId}/{fence}/{part}/end";
/// GET, upgraded to a WebSocket: pictures of the screen, for axum's router. See [`crate::live_view`].
pub const LIVE_VIEW_ROUTE: &str = "/uplink/v1/live-views/{view}";

/// Artifacts whose name begins so are files of queue items.
pub const KEPT_FILES: &str = "work-items/";

/// The path of a package's zip.
#[must_use]
pub fn package(package_id: i64) -> String {
    format!("/uplink/v1/packages/{package_id}")
}

/// The path of a version of the agent's program.
#[must_use]
pub fn agent_version(version_id: i64) -> String {
    format!("/uplink/v1/agent-versions/{version_id}")
}

/// The path that takes a task's artifacts; the query names fence and artifact.
#[must_use]
pub fn artifacts(task_id: i64) -> String {
    format!("/uplink/v1/tasks/{task_id}/artifacts")
}

/// The path of one chunk of a recording.
#[must_use]
pub fn chunk(task_id: i64, fence: i64, part: i32, number: i32) -> String {
    format!("/uplink/v1/recordings/{task_id}/{fence}/{part}/chunks/{number}")
}

/// The path that takes the end of a recording.
#[must_use]
pub fn recording_end(task_id: i64, fence: i64, part: i32) -> String {
    format!("/uplink/v1/recordings/{task_id}/{fence}/{part}/end")
}

/// The path to which a robot sends pictures of its screen.
#[must_use]
pub fn live_view(view: &str) -> String {
    format!("/uplink/v1/live-views/{view}")
}

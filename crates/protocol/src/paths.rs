//! The paths below the platform's address that robots use, all with `Authorization: Bearer <robot secret>`.

/// GET, upgraded to a WebSocket: the uplink. 401 = the secret is wrong.
pub const CONNECT: &str = "/uplink/v1/connect";
/// GET: a package's zip, for axum's router.
pub const PACKAGE_ROUTE: &str = "/uplink/v1/packages/{packageId}";
/// PUT with `?fence=N&name=…`: one artifact as the body, for axum's router. A repetition replaces. 409 = stale fence.
pub const ARTIFACTS_ROUTE: &str = "/uplink/v1/tasks/{taskId}/artifacts";

/// The path of a package's zip.
#[must_use]
pub fn package(package_id: i64) -> String {
    format!("/uplink/v1/packages/{package_id}")
}

/// The path that takes a task's artifacts; the query names fence and artifact.
#[must_use]
pub fn artifacts(task_id: i64) -> String {
    format!("/uplink/v1/tasks/{task_id}/artifacts")
}

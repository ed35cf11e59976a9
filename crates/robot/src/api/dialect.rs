//! How the robot's interface knows its callers: by a token for its secret. How it words success and failure it shares with the
//! platform's.

use std::{path::PathBuf, sync::Arc};

use axum::{
    http::{StatusCode, request::Parts},
    response::Response,
};
use baigong_api_kit::{Answer, Description, Dialect, Failure, Header};
use baigong_model::Permission;
use baigong_tsac_kit::{codes, envelope};
use serde_json::Value;

use crate::{own::access, robot::Robot};

/// Clause 6.3 of T/TSAC 002-2025.
pub struct RobotTsac;

/// The robot that serves.
#[derive(Clone)]
pub struct Served(pub(super) Arc<Robot>);

impl Served {
    /// The robot, to be served.
    pub(crate) fn of(robot: Arc<Robot>) -> Self {
        Self(robot)
    }
}

/// Somebody who has shown the robot's secret.
pub struct Caller;

impl Dialect for RobotTsac {
    type Context = Served;
    type Caller = Caller;
    const NAME: &'static str = "robot";
    const PREFIX: &'static str = "/api/robot";

    fn check(parts: &Parts) -> Result<(), Failure> {
        envelope::check_version(parts)
    }

    async fn authenticate(robot: &Served, parts: &Parts, _body: &[u8]) -> Result<Caller, Failure> {
        access::check(&robot.0, envelope::header(parts, "token")?).await?;
        Ok(Caller)
    }

    /// Whoever has the secret may do everything that this robot can.
    fn may(_caller: &Caller, _permission: Permission) -> bool {
        true
    }

    fn told(failure: &Failure) -> (&'static str, String) {
        codes::of(failure)
    }

    fn ok(status: StatusCode, data: &dyn Answer) -> serde_json::Result<Response> {
        envelope::ok(status, data)
    }

    fn err(failure: &Failure) -> Response {
        envelope::err(failure)
    }

    fn describe() -> Description {
        Description {
            title: "T/TSAC 002-2025, robot",
            about: "RPA robot, interfaces of clause 6.3, and extensions beside them.",
            version: "1.0.0",
            headers: &[
                envelope::VERSION,
                Header { name: "token", about: "字符令牌: from authenticate", is_credential: true },
            ],
            codes: codes::ALL,
        }
    }

    /// Where files are moved from: on the disk where they will lie.
    fn upload_folder(robot: &Served) -> PathBuf {
        robot.0.folder.uploads()
    }

    fn envelope(data: Value) -> Value {
        envelope::schema(&data)
    }
}

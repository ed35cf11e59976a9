//! The native interface: what the console and programs of this platform's own world speak. JSON, bearer tokens, HTTP's own
//! methods and statuses. Holds wire types and a few lines per operation; every rule lives in `core`.

mod account;
mod actions;
mod application;
mod bridge;
mod dialect;
mod message;
mod once;
mod problem;
mod robot;
mod wire;

pub use dialect::{Caller, Console};

use baigong_api_kit::{Access, Table};
use baigong_model::Permission::{ApplicationRead, ApplicationWrite, BridgeRead, BridgeWrite, RobotWrite};

/// Every operation.
#[must_use]
pub fn table() -> Table<Console> {
    accounts().join(applications()).join(robots()).join(bridges())
}

fn accounts() -> Table<Console> {
    Table::new()
        .public("/api/console/login", "Sign in with username and password", account::login)
        .post("/api/console/logout", Access::Known, "Take the token back", account::logout)
        .get("/api/console/me", Access::Known, "Who I am and what I may do", account::me)
        .get("/api/console/me/messages", Access::Known, "What I am told", message::list)
        .post("/api/console/me/open-api-token", Access::Known, "My token for signed requests", account::open_api_token)
}

fn applications() -> Table<Console> {
    Table::new()
        .post("/api/console/applications", ApplicationWrite, "Make an application", application::create)
        .created()
        .get("/api/console/applications", ApplicationRead, "List applications", application::list)
        .get("/api/console/applications/{id}", ApplicationRead, "One application", application::query)
        .put("/api/console/applications/{id}", ApplicationWrite, "Rename an application", application::update)
        .delete("/api/console/applications/{id}", ApplicationWrite, "Delete an application", application::delete)
        .post("/api/console/applications/{id}/rotate", ApplicationWrite, "Give it a new secret", application::rotate)
        .put(
            "/api/console/applications/{id}/robots",
            ApplicationWrite,
            "Which robots it lists",
            application::set_robots,
        )
        .put("/api/console/applications/{id}/scopes", ApplicationWrite, "What it may do", application::set_scopes)
        .put(
            "/api/console/applications/{id}/addresses",
            ApplicationWrite,
            "From where it may come",
            application::set_addresses,
        )
}

fn robots() -> Table<Console> {
    Table::new()
        .post("/api/console/robots/{robotId}/scenes", RobotWrite, "Give a robot one more scene", robot::create_scene)
        .created()
        .delete("/api/console/robots/{robotId}/scenes/{id}", RobotWrite, "Take a scene away", robot::delete_scene)
}

fn bridges() -> Table<Console> {
    Table::new()
        .post("/api/console/bridges", BridgeWrite, "Register a foreign platform or robot", bridge::create)
        .created()
        .get("/api/console/bridges", BridgeRead, "List bridges", bridge::list)
        .get("/api/console/bridges/{id}", BridgeRead, "One bridge and how its other side is", bridge::query)
        .put("/api/console/bridges/{id}", BridgeWrite, "Change a bridge", bridge::update)
        .delete("/api/console/bridges/{id}", BridgeWrite, "Remove a bridge", bridge::delete)
        .post("/api/console/bridges/{id}/look-again", BridgeRead, "List what is there now", bridge::look_again)
        .get("/api/console/bridges/{id}/processes", BridgeRead, "What can be run there", bridge::processes)
        .get("/api/console/bridges/{id}/robots", BridgeRead, "The robots there", bridge::robots)
        .get("/api/console/bridges/{id}/tasks", BridgeRead, "The tasks there", bridge::tasks)
        .put(
            "/api/console/bridges/{id}/processes/{foreignId}/parameters",
            BridgeWrite,
            "Say which parameters a process there has",
            bridge::set_parameters,
        )
}

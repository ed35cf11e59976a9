//! The dialect that KM front ends speak: which applications there are, and which robots each of them lists. Read only;
//! requests are signed with the open API token of a user. Holds wire types and a few lines per operation.

mod app;
mod dialect;
mod query;
mod robot;
mod wire;

pub use dialect::{Caller, Km};

use baigong_api_kit::Table;
use baigong_model::Permission::ApplicationRead;

/// Every operation.
#[must_use]
pub fn table() -> Table<Km> {
    Table::new().get("/api/v1/apps", ApplicationRead, "List applications", app::list).get(
        "/api/v1/robots",
        ApplicationRead,
        "List the robots of an application",
        robot::list,
    )
}

//! For every operation a request that succeeds on a fixture, with every id it can name, in an order in which all succeed:
//! what makes and looks comes before what deletes. A new operation gets a line in the file of its area; tests fail without.

mod endings;
mod organisation;
mod resources;
mod robots;
mod watching;
mod work;

use serde_json::{Value, json};

use crate::{
    fixture::{Fixture, Good},
    server::{package, program},
};

/// Path and body.
pub(crate) type Body = (&'static str, Value);

impl Fixture {
    /// A request that succeeds for every operation.
    pub(crate) fn goods(&self) -> Vec<Good> {
        let uploads = self.good_uploads().into_iter();
        let uploads = uploads.map(|(path, body, file)| Good { path: path.to_owned(), body, file: Some(file) });
        uploads.chain(self.good_bodies().into_iter().map(|(path, body)| Good::json(path, body))).collect()
    }

    /// Path and body of every JSON operation.
    pub(crate) fn good_bodies(&self) -> Vec<Body> {
        let areas = [
            self.organisation(),
            self.work(),
            self.queues(),
            self.robots(),
            self.resources(),
            self.watching(),
            self.endings(),
        ];
        areas.into_iter().flatten().collect()
    }

    /// Path, text parts and file of every upload.
    pub(crate) fn good_uploads(&self) -> Vec<(&'static str, Value, Vec<u8>)> {
        let Self { department, file, queue, calendar, .. } = self;
        vec![
            (
                "/api/platform/package/create",
                json!({ "packageName": "月结", "packageVersion": "2.0", "depId": department }),
                package("2.0"),
            ),
            (
                "/api/platform/agent-version/create",
                json!({ "depId": department, "version": "1.0.0-rc1", "remark": "试点" }),
                program("1.0"),
            ),
            (
                "/api/platform/file/create",
                json!({
                    "depId": department, "folderPath": "/对账/2026", "fileName": "new.txt", "filePassword": "file-Passw0rd",
                }),
                b"new".to_vec(),
            ),
            (
                "/api/platform/file/update",
                json!({ "fileId": file, "folderPath": "/对账", "fileName": "renamed.txt" }),
                b"second version".to_vec(),
            ),
            (
                "/api/platform/data-queue/item/import",
                json!({ "queueId": queue }),
                b"reference,amount\nr-1,5\n".to_vec(),
            ),
            (
                "/api/platform/calendar/import",
                json!({ "calendarId": calendar, "mode": "add" }),
                b"date\n2027-02-08\n".to_vec(),
            ),
        ]
    }
}

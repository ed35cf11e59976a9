//! Files in the robot's folder of files (6.3.6): they lie there under the names they were given, so that tasks find them. What
//! happens to one on disk is written down before and finished or undone after a crash.

mod change;
mod folder;
mod recovery;

pub(crate) use change::{FileChange, NewFile, create, delete, update};
pub(crate) use folder::FileFolder;
pub(super) use recovery::recover;

use baigong_model::{Error, FolderPath, Page, PageOf, Result};
use baigong_robot_store::{entity::file, files as rows};
use serde::{Deserialize, Serialize};

use crate::robot::Robot;

/// Where a file lies in the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Spot {
    folder: String,
    name: String,
}

impl Spot {
    fn of(file: &file::Model) -> Self {
        Self { folder: file.folder_path.clone(), name: file.name.clone() }
    }

    /// The whole path: one file lies there.
    fn path(&self) -> String {
        baigong_model::folder_path::below(&self.folder, &self.name)
    }

    /// The names of its folders, outermost first.
    fn folders(&self) -> Result<Vec<String>> {
        Ok(FolderPath::read("folderPath", &self.folder)?.names().to_vec())
    }
}

/// What is about to happen to a file on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "intent", rename_all = "camelCase")]
enum Intent {
    /// An upload goes to a spot, in place of what was there.
    Put { upload: String, to: Spot, size: i64, password_hash: Option<String>, at: i64 },
    /// It goes to another spot.
    Move { to: Spot, password_hash: Option<String>, at: i64 },
    /// It goes away.
    Delete { at: i64 },
}

/// The row after what was intended has happened.
fn after(mut file: file::Model, intent: &Intent) -> file::Model {
    match intent {
        Intent::Put { to, size, password_hash, at, .. } => {
            (file.size, file.is_made) = (*size, true);
            moved(&mut file, to, password_hash.clone(), *at);
        }
        Intent::Move { to, password_hash, at } => moved(&mut file, to, password_hash.clone(), *at),
        Intent::Delete { at } => (file.deleted_at, file.live_path) = (Some(*at), None),
    }
    file.intent = None;
    file
}

fn moved(file: &mut file::Model, to: &Spot, password_hash: Option<String>, at: i64) {
    file.live_path = Some(to.path());
    (file.folder_path, file.name) = (to.folder.clone(), to.name.clone());
    (file.password_hash, file.updated_at) = (password_hash, at);
}

/// The file `id`, deleted or not.
pub(crate) async fn query(robot: &Robot, id: i64) -> Result<file::Model> {
    rows::find(&robot.own.store, id).await?.ok_or_else(|| Error::not_found("file", id))
}

/// A page of files, oldest first.
pub(crate) async fn list(
    robot: &Robot,
    page: Page,
    with_deleted: bool,
    keyword: Option<&str>,
) -> Result<PageOf<file::Model>> {
    rows::list(&robot.own.store, page, with_deleted, keyword).await
}

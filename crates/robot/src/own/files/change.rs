//! Making, changing and deleting files (6.3.6.1 to 6.3.6.3).

use std::path::PathBuf;

use baigong_model::{Error, FolderPath, Result, Secret, folder_path};
use baigong_robot_store::{entity::file, files as rows};
use futures_util::FutureExt;

use super::{Intent, Spot, after};
use crate::{
    own::{
        passwords,
        transport::{self, Purpose},
    },
    robot::Robot,
};

/// A file to be kept.
pub(crate) struct NewFile {
    pub(crate) folder_path: String,
    pub(crate) name: String,
    pub(crate) password: Option<Secret<String>>,
    /// Lies in the folder of uploads; it is moved from there.
    pub(crate) upload: PathBuf,
}

/// What is to be changed; what is absent stays.
pub(crate) struct FileChange {
    /// Where it is to lie.
    pub(crate) folder_path: String,
    pub(crate) name: Option<String>,
    /// Needed where the file has one, set where it has none.
    pub(crate) password: Option<Secret<String>>,
    /// In place of the one it has; "" takes it off.
    pub(crate) new_password: Option<Secret<String>>,
    pub(crate) upload: Option<PathBuf>,
}

/// A password as it was meant, from how it came.
fn read(robot: &Robot, password: Option<Secret<String>>) -> Result<Option<Secret<String>>> {
    let read = |password: Secret<String>| match password.expose().as_str() {
        "" => Ok(password),
        _ => transport::read(robot, Purpose::File, &password),
    };
    password.map(read).transpose()
}

/// Keeps a file; its id.
pub(crate) async fn create(robot: &Robot, input: NewFile) -> Result<i64> {
    let to = Spot {
        folder: FolderPath::read("folderPath", &input.folder_path)?.text(),
        name: folder_path::name("fileName", &input.name)?,
    };
    let password_hash = hash(robot, read(robot, input.password)?).await?;
    let (upload, size) = upload_of(&input.upload)?;
    let at = robot.options.clock.now();
    let _alone = robot.own.files.turn.lock().await;
    free(robot, &to).await?;
    let intent = Intent::Put { upload, to: to.clone(), size, password_hash: password_hash.clone(), at };
    let row = file::Model {
        id: 0,
        live_path: Some(to.path()),
        folder_path: to.folder,
        name: to.name,
        password_hash,
        size,
        intent: Some(text(&intent)?),
        is_made: false,
        updated_at: at,
        created_at: at,
        deleted_at: None,
    };
    let inserted = row.clone();
    let id = robot.own.store.write(move |tx| async move { rows::insert(tx, inserted).await }.boxed()).await?;
    let row = file::Model { id, ..row };
    if let Err(error) = happen(robot, row, intent).await {
        robot.own.store.write(move |tx| async move { rows::forget(tx, id).await }.boxed()).await?;
        return Err(error);
    }
    Ok(id)
}

/// Changes a file. One with a password wants it; a wrong one is answered as if there were no such file.
pub(crate) async fn update(robot: &Robot, id: i64, input: FileChange) -> Result<()> {
    let folder = FolderPath::read("folderPath", &input.folder_path)?.text();
    let (password, new_password) = (read(robot, input.password)?, read(robot, input.new_password)?);
    let name = input.name.filter(|name| !name.is_empty());
    let name = name.map(|name| folder_path::name("fileName", &name)).transpose()?;
    let _alone = robot.own.files.turn.lock().await;
    let file = live(robot, id).await?;
    need(robot, &file, password.as_ref()).await?;
    let given = new_password.or(password.filter(|_| file.password_hash.is_none()));
    let password_hash = match given {
        Some(password) if password.expose().is_empty() => None,
        Some(password) => hash(robot, Some(password)).await?,
        None => file.password_hash.clone(),
    };
    let from = Spot::of(&file);
    let to = Spot { folder, name: name.unwrap_or_else(|| from.name.clone()) };
    if to != from {
        free(robot, &to).await?;
    }
    let at = robot.options.clock.now();
    let intent = match input.upload {
        Some(upload) => {
            let (upload, size) = upload_of(&upload)?;
            Intent::Put { upload, to, size, password_hash, at }
        }
        None => Intent::Move { to, password_hash, at },
    };
    plan(robot, file, intent).await
}

/// Deletes a file. That needs no password: nobody learns anything by it.
pub(crate) async fn delete(robot: &Robot, id: i64) -> Result<()> {
    let _alone = robot.own.files.turn.lock().await;
    let file = live(robot, id).await?;
    let intent = Intent::Delete { at: robot.options.clock.now() };
    plan(robot, file, intent).await
}

/// Writes down what is intended, and does it; where that cannot be done nothing is intended any more.
async fn plan(robot: &Robot, file: file::Model, intent: Intent) -> Result<()> {
    let (id, written) = (file.id, text(&intent)?);
    robot.own.store.write(move |tx| async move { rows::intend(tx, id, Some(written)).await }.boxed()).await?;
    if let Err(error) = happen(robot, file, intent).await {
        robot.own.store.write(move |tx| async move { rows::intend(tx, id, None).await }.boxed()).await?;
        return Err(error);
    }
    Ok(())
}

/// What is intended happens on disk, then in the database.
async fn happen(robot: &Robot, file: file::Model, intent: Intent) -> Result<()> {
    let (from, planned) = (Spot::of(&file), intent.clone());
    let was_made = file.is_made;
    robot
        .own
        .files
        .work(move |dirs| match planned {
            Intent::Put { upload, to, .. } => {
                dirs.put(&upload, &to)?;
                if was_made && from != to { dirs.remove(&from) } else { Ok(()) }
            }
            Intent::Move { to, .. } if to == from => Ok(()),
            Intent::Move { to, .. } => dirs.rename(&from, &to),
            Intent::Delete { .. } => dirs.remove(&from),
        })
        .await?;
    let row = after(file, &intent);
    robot.own.store.write(move |tx| async move { rows::replace(tx, row).await }.boxed()).await
}

fn text(intent: &Intent) -> Result<String> {
    serde_json::to_string(intent).map_err(Error::internal)
}

async fn live(robot: &Robot, id: i64) -> Result<file::Model> {
    let file = super::query(robot, id).await?;
    Some(file).filter(|file| file.deleted_at.is_none()).ok_or_else(|| Error::not_found("file", id))
}

/// Refuses a spot where something lies, whoever put it there.
async fn free(robot: &Robot, to: &Spot) -> Result<()> {
    let (spot, path) = (to.clone(), to.path());
    if rows::is_taken(&robot.own.store, &path).await? || robot.own.files.work(move |dirs| dirs.holds(&spot)).await? {
        return Err(Error::already_exists("file", path));
    }
    Ok(())
}

/// Refuses whoever does not know the password. After too many guesses the file opens to nobody for a while.
async fn need(robot: &Robot, file: &file::Model, given: Option<&Secret<String>>) -> Result<()> {
    let Some(hash) = file.password_hash.clone() else { return Ok(()) };
    let now = robot.options.clock.now();
    let wrong = || Error::not_found("file", file.id);
    let given = given.ok_or_else(wrong)?;
    if robot.own.file_guesses.are_too_many(&file.id, now) {
        return Err(wrong());
    }
    if passwords::is_right(given.clone(), hash).await? {
        robot.own.file_guesses.forget(&file.id);
        return Ok(());
    }
    robot.own.file_guesses.count(file.id, now);
    Err(wrong())
}

async fn hash(robot: &Robot, password: Option<Secret<String>>) -> Result<Option<String>> {
    match password.filter(|password| !password.expose().is_empty()) {
        Some(password) => passwords::hash(&*robot.options.random, "filePassword", password).await.map(Some),
        None => Ok(None),
    }
}

/// The name of an upload in its folder, and its size.
fn upload_of(path: &std::path::Path) -> Result<(String, i64)> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Error::internal("an upload without a name"))?;
    let size = std::fs::metadata(path).map_err(Error::internal)?.len();
    Ok((name.to_owned(), i64::try_from(size).unwrap_or(i64::MAX)))
}

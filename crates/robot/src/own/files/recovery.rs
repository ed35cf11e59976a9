//! After a crash: what was about to happen to a file is finished where the disk shows that it had happened, and undone where not.

use baigong_model::{Error, Result};
use baigong_robot_store::{entity::file, files as rows};
use futures_util::FutureExt;

use super::{Intent, Spot, after, folder::Dirs};
use crate::robot::Robot;

/// Brings the database and the folder together again.
pub(in crate::own) async fn recover(robot: &Robot) -> Result<()> {
    for file in rows::intended(&robot.own.store).await? {
        let (id, is_made) = (file.id, file.is_made);
        if let Err(error) = recover_one(robot, file).await {
            tracing::error!(%error, file = id, "a file that a crash left half changed is left as it is");
            let undone = robot.own.store.write(move |tx| {
                async move { if is_made { rows::intend(tx, id, None).await } else { rows::forget(tx, id).await } }
                    .boxed()
            });
            undone.await?;
        }
    }
    robot.own.files.work(Dirs::drop_uploads).await
}

async fn recover_one(robot: &Robot, file: file::Model) -> Result<()> {
    let intent: Intent = serde_json::from_str(file.intent.as_deref().unwrap_or_default()).map_err(Error::internal)?;
    let (from, planned) = (Spot::of(&file), intent.clone());
    let has_happened = robot.own.files.work(move |dirs| match planned {
        Intent::Put { upload, to, .. } => {
            let has_happened = !dirs.has_upload(&upload) && dirs.holds(&to)?;
            dirs.drop_upload(&upload);
            if has_happened && from != to {
                dirs.remove(&from)?;
            }
            Ok(has_happened)
        }
        Intent::Move { to, .. } => Ok(to == from || (dirs.holds(&to)? && !dirs.holds(&from)?)),
        Intent::Delete { .. } => dirs.remove(&from).map(|()| true),
    });
    settle(robot, file, intent, has_happened.await?).await
}

async fn settle(robot: &Robot, file: file::Model, intent: Intent, has_happened: bool) -> Result<()> {
    let id = file.id;
    let settled = robot.own.store.write(move |tx| {
        async move {
            match (has_happened, file.is_made) {
                (true, _) => rows::replace(tx, after(file, &intent)).await,
                (false, true) => rows::intend(tx, id, None).await,
                (false, false) => rows::forget(tx, id).await,
            }
        }
        .boxed()
    });
    settled.await
}

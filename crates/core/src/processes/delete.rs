//! Deleting processes (T/TSAC 002-2025, 6.2.5.3).

use baigong_model::{
    Error, Permission, Result,
    ids::{ProcessId, TriggerId},
};
use baigong_store::{audits, processes as rows, tasks::Of};
use futures_util::FutureExt;
use serde_json::json;

use crate::{
    Caller, Platform,
    affected::{self, Deleted},
    lists::Table,
    tasks, triggers,
};

/// Deletes a process. Its tasks that run go on to their end, those that wait are cancelled. Its triggers are put out of
/// service, until they are given another process and activated. Answers them, as far as the caller sees them.
pub async fn delete(platform: &Platform, caller: &Caller, id: ProcessId) -> Result<Vec<TriggerId>> {
    caller.need(Permission::ProcessWrite)?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            let process = rows::find_live(tx, caller.scope(), id).await?;
            let process = process.ok_or_else(|| Error::not_found("process", id))?;
            if !rows::delete(tx, id, now).await? {
                return Err(Error::not_found("process", id));
            }
            let affected = affected::triggers(tx, caller.scope(), Deleted::Process(id)).await?;
            triggers::rest_with_process(tx, &caller, &affected.all, now).await?;
            let withdrawn = tasks::withdraw(tx, &Of::Process(id), "its process was deleted", now).await?;
            let detail = json!({ "name": process.name, "affectedTriggerIds": affected.all });
            let audit = caller.audit(now, "delete", "process", Some(id), Some(process.department_id), &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| (affected.shown, withdrawn))
        }
        .boxed()
    });
    let (affected, withdrawn) = deleted.await?;
    tasks::tell(platform, &withdrawn);
    platform.counts.changed(Table::Processes);
    Ok(affected)
}

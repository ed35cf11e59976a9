//! Deleting users (T/TSAC 002-2025, 6.2.3.2). There is always somebody left who may do everything.

use baigong_model::{Error, Permission, Result, ids::UserId};
use baigong_store::{audits, take_turn, tokens, users as rows};
use futures_util::FutureExt;
use serde_json::json;

use crate::{Caller, Platform, accounts, departments, lists::Table, policy};

/// Deletes a user whose rights are not beyond the caller's own, and ends their sessions.
pub async fn delete(platform: &Platform, caller: &Caller, id: UserId) -> Result<()> {
    caller.need(Permission::EmployeeWrite)?;
    let tree = departments::tree(platform).await?;
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            take_turn(tx).await?;
            let user =
                rows::find_live(tx, caller.scope(), id).await?.ok_or_else(|| Error::not_found("employee", id))?;
            policy::need_over(tx, &caller, &tree, &user).await?;
            policy::need_another_administrator(tx, &user).await?;
            rows::delete(tx, id, now).await?;
            tokens::revoke_all(tx, id).await?;
            let detail = json!({ "name": user.name, "username": user.username });
            let audit = caller.audit(now, "delete", "employee", Some(id), Some(user.department_id), &detail);
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    deleted.await?;
    accounts::end_sessions(platform, id);
    platform.counts.changed(Table::Users);
    Ok(())
}

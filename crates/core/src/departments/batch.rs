//! Departments made, changed or deleted several at once: all of them or none.

use baigong_model::{Error, Permission, Result, ids::DepartmentId};
use baigong_store::{
    Tx, application_access, audits,
    departments::{self as rows, For},
    entity::department,
};
use futures_util::FutureExt;
use serde_json::json;

use super::{Change, Details, NewDepartment, codes, delete, live, update};
use crate::{Caller, Platform, names};

/// The most departments of one call: each change reads the whole tree anew.
const MOST: usize = 200;

/// Makes departments, each below one that the caller sees; their ids, in order. What an application makes counts among the
/// departments it knows.
pub async fn create_many(
    platform: &Platform,
    caller: &Caller,
    inputs: Vec<(NewDepartment, Details)>,
) -> Result<Vec<DepartmentId>> {
    caller.need(Permission::DepartmentWrite)?;
    names::batch(inputs.len(), MOST)?;
    let now = platform.now();
    let mut made = Vec::with_capacity(inputs.len());
    for (input, details) in inputs {
        let name = names::name("depName", &input.name)?;
        let details = codes::checked(details)?;
        live(platform, caller, input.parent_id).await?;
        made.push(department::Model {
            id: 0,
            live_name: Some(format!("{}/{name}", input.parent_id)),
            name,
            parent_id: input.parent_id,
            code: details.code,
            position: details.position.unwrap_or_default(),
            remark: details.remark,
            created_at: now,
            deleted_at: None,
        });
    }
    let caller = caller.clone();
    let created = platform.store.write(move |tx| {
        async move {
            let mut ids = Vec::with_capacity(made.len());
            for row in made {
                ids.push(create_one(tx, &caller, row, now).await?);
            }
            Ok(ids)
        }
        .boxed()
    });
    let ids = created.await?;
    platform.departments.changed();
    Ok(ids)
}

async fn create_one(tx: &Tx, caller: &Caller, row: department::Model, now: i64) -> Result<DepartmentId> {
    rows::hold(tx, row.parent_id).await?;
    codes::need_free(tx, row.parent_id, row.code.as_deref(), 0).await?;
    let detail = json!({ "name": row.name, "parentId": row.parent_id, "code": row.code });
    let id = rows::insert(tx, row).await?;
    if let Some(application) = caller.application_id {
        application_access::users::made_department(tx, application, id).await?;
    }
    let audit = caller.audit(now, "create", "department", Some(id), Some(id), &detail);
    audits::insert_many(tx, &[audit]).await.map(|()| id)
}

/// Renames and moves departments, one after the other: what one leaves, the next may take.
pub async fn update_many(platform: &Platform, caller: &Caller, changes: Vec<(DepartmentId, Change)>) -> Result<()> {
    caller.need(Permission::DepartmentWrite)?;
    names::batch(changes.len(), MOST)?;
    let checked = changes.into_iter().map(|(id, change)| Ok((id, update::checked(change)?)));
    let (changes, now) = (checked.collect::<Result<Vec<_>>>()?, platform.now());
    let caller = caller.clone();
    let updated = platform.store.write(move |tx| {
        async move {
            rows::lock_all(tx, For::Moving).await?;
            for (id, change) in changes {
                update::update_one(tx, &caller, id, change, now).await?;
            }
            Ok(())
        }
        .boxed()
    });
    updated.await?;
    platform.departments.changed();
    Ok(())
}

/// Deletes departments, each with all below it.
pub async fn delete_many(platform: &Platform, caller: &Caller, mut ids: Vec<DepartmentId>) -> Result<()> {
    caller.need(Permission::DepartmentWrite)?;
    names::batch(ids.len(), MOST)?;
    ids.sort_unstable();
    ids.dedup();
    let (now, caller) = (platform.now(), caller.clone());
    let deleted = platform.store.write(move |tx| {
        async move {
            rows::lock_all(tx, For::Deleting).await?;
            let tree = super::Tree::of(rows::all_in(tx).await?, 0);
            if let Some(unknown) = ids.iter().find(|id| !tree.is_live(**id) || !caller.scope().covers(**id)) {
                return Err(Error::not_found("department", unknown));
            }
            // What lies below another one of them goes with it.
            let tops = ids.iter().filter(|id| !tree.upwards(**id).iter().skip(1).any(|above| ids.contains(above)));
            for id in tops {
                delete::delete_one(tx, &caller, &tree, *id, now).await?;
            }
            Ok(())
        }
        .boxed()
    });
    deleted.await?;
    platform.departments.changed();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{departments, testing::on_both};

    fn new(parent_id: DepartmentId, name: &str) -> (NewDepartment, Details) {
        (NewDepartment { name: name.into(), parent_id }, Details::default())
    }

    fn named(name: &str) -> Change {
        Change { name: Some(name.into()), ..Change::default() }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn several_departments_are_changed_all_or_not_at_all() {
        on_both(async |world| {
            let (platform, admin) = (&world.platform, &world.admin);
            let shown = async || {
                let tree = departments::tree(platform).await.unwrap();
                let live = tree.parents_first().filter(|row| row.deleted_at.is_none());
                live.map(|row| row.name.clone()).collect::<Vec<_>>()
            };
            let before = shown().await;
            let twice = create_many(platform, admin, vec![new(world.north, "a"), new(world.north, "a")]).await;
            assert!(matches!(twice, Err(Error::AlreadyExists { .. })) && shown().await == before, "{twice:?}");
            let ids = create_many(platform, admin, vec![new(world.north, "a"), new(world.north, "b")]).await.unwrap();
            let (a, b) = (ids[0], ids[1]);
            let c = create_many(platform, admin, vec![new(a, "c")]).await.unwrap()[0];
            let changes = vec![(a, named("x")), (b, named("a")), (999_999, named("y"))];
            assert!(matches!(update_many(platform, admin, changes).await, Err(Error::NotFound { .. })));
            assert!(shown().await.contains(&"b".to_owned()), "the first two were taken back");
            update_many(platform, admin, vec![(a, named("x")), (b, named("a"))]).await.unwrap();
            assert!(delete_many(platform, admin, vec![b, world.root]).await.is_err());
            assert!(delete_many(platform, &world.souths, vec![b]).await.is_err(), "it is nothing to them");
            assert_eq!(shown().await.len(), before.len() + 3);
            delete_many(platform, admin, vec![c, a, b, b]).await.unwrap();
            assert_eq!(shown().await, before);
            assert!(matches!(delete_many(platform, admin, vec![]).await, Err(Error::Invalid { .. })));
        })
        .await;
    }
}

//! What an application keeps for itself: menus, roles, and which users have which roles where
//! ([decision 54](../../../docs/decisions/0054-what-belongs-to-an-application.md)). All of it is asked for and changed by the
//! application itself, or by a person through it; its roles give nothing in Baigong. Lists are changed whole or not at all.

mod held;
mod menus;
mod people;
mod roles;
mod users;

pub use held::{Held, has_role, held, open_menus};
pub use menus::{MenuInput, create as create_menus, delete as delete_menus, delete_tree as delete_menu_tree};
pub use menus::{list as menus, update as update_menus};
pub use people::{departments, is_authorized, users};
pub use roles::{NewRole, Role, RoleChange, create as create_roles, delete as delete_roles, list as roles};
pub use roles::{query as role, set_data_scope, set_menus, update as update_role};
pub use users::{Authorization, authorize, withdraw};

use baigong_model::{Error, Permission, Result, ids::ApplicationId};
use baigong_store::{Scope, Tx, applications, audits, entity::application};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::Value;

use crate::{Caller, Platform, names};

/// The most entries of a list that is changed in one call.
const MOST: usize = 1000;

/// The application that the caller comes through, where they may look at what it keeps.
fn reader(caller: &Caller) -> Result<ApplicationId> {
    caller.need(Permission::AccessRead)?;
    caller.need_application()
}

/// A write to what an application keeps, with the application locked: such writes go one after the other.
struct Writing<'t> {
    tx: &'t Tx,
    caller: Caller,
    application: application::Model,
    now: i64,
}

impl Writing<'_> {
    fn id(&self) -> ApplicationId {
        self.application.id
    }

    /// Writes down what was done to a menu or a role.
    async fn note(&self, action: &'static str, kind: &'static str, id: i64, detail: &Value) -> Result<()> {
        let department = Some(self.application.department_id);
        let audit = self.caller.audit(self.now, action, kind, Some(id), department, detail);
        audits::insert_many(self.tx, &[audit]).await
    }
}

/// Runs `change` over `count` entries in one transaction.
async fn write<T: Send + 'static>(
    platform: &Platform,
    caller: &Caller,
    count: usize,
    change: impl for<'t> FnOnce(Writing<'t>) -> BoxFuture<'t, Result<T>> + Send + 'static,
) -> Result<T> {
    caller.need(Permission::AccessWrite)?;
    let id = caller.need_application()?;
    names::batch(count, MOST)?;
    let (now, caller) = (platform.now(), caller.clone());
    let written = platform.store.write(move |tx| {
        async move {
            let application = applications::find_live(tx, &Scope::All, id).await?;
            let application = application.ok_or_else(|| Error::not_found("application", id))?;
            change(Writing { tx, caller, application, now }).await
        }
        .boxed()
    });
    written.await
}

#[cfg(test)]
mod tests;

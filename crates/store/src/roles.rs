//! Roles: named sets of permissions and how far they reach.

use baigong_model::Result;
use sea_orm::{DatabaseTransaction as Tx, EntityTrait};

use crate::{
    entity::role::{Entity, Model},
    sql,
    write::Store,
};

/// Makes the role unless there is one of that name; its id either way.
pub async fn ensure(tx: &Tx, name: &str, permissions: &str, data_scope: &str, now: i64) -> Result<i64> {
    let text = "INSERT INTO role (name, permissions, data_scope, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (name) DO UPDATE SET permissions = excluded.permissions, data_scope = excluded.data_scope
        RETURNING id";
    let ids = sql::column(tx, text, vec![name.into(), permissions.into(), data_scope.into(), now.into()]).await?;
    ids.into_iter().next().ok_or_else(|| baigong_model::Error::internal("a role got no id"))
}

/// The role called `name`.
pub async fn find_by_name(store: &Store, name: &str) -> Result<Option<Model>> {
    use sea_orm::{ColumnTrait, QueryFilter};
    let which = crate::entity::role::Column::Name.eq(name);
    crate::sql::unique(Entity::find().filter(which), store.reader()).await
}

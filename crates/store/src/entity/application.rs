//! An application: an API client with a key pair.

use sea_orm::entity::prelude::*;

/// One row of `application`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// The user whose power bounds its own: who made it, or gave it its newest secret.
    pub owner_id: i64,
    /// Its name.
    pub name: String,
    /// Department and name while it is not deleted: unique.
    pub live_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The public half of its key pair.
    pub access_key_id: String,
    /// SHA-256 of the secret half, hexadecimal.
    pub secret_hash: String,
    /// The same of the secret before.
    pub old_secret_hash: Option<String>,
    /// Until when the secret before is taken too.
    pub old_secret_until: Option<i64>,
    /// The words of its permissions; `*` for all that its owner holds.
    pub permissions: String,
    /// The only departments it sees, as ids; without them, all that its owner sees.
    pub departments: Option<String>,
    /// The only networks it may come from; from everywhere when empty.
    pub allowed_addresses: String,
    /// Networks it may not come from.
    pub denied_addresses: String,
    /// Who made it.
    pub created_by: i64,
    /// When it was made.
    pub created_at: i64,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

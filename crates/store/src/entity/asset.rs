//! An asset (资产): a named value for flows.

use sea_orm::entity::prelude::*;

/// One row of `asset`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "asset")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// Its name.
    pub name: String,
    /// Department and name while it is not deleted: unique.
    pub live_name: Option<String>,
    /// "text", "number", "boolean" or "hash".
    pub kind: String,
    /// The value as text; that of a hash is sealed.
    pub value: String,
    /// Whether every robot may have it; else those of `asset_robot`.
    pub is_global: bool,
    /// A remark.
    pub remark: Option<String>,
    /// Whether robots read its value as an expression.
    pub is_expression: bool,
    /// Whether robots may change it.
    pub is_client_editable: bool,
    /// Who made it: a user, 0 for the platform.
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

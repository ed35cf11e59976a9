//! A role of an application: it allows things in that application, and nothing in Baigong.

use sea_orm::entity::prelude::*;

/// One row of `application_role`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application_role")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The application.
    pub application_id: i64,
    /// Its name.
    pub name: String,
    /// What programs know it by.
    pub role_key: String,
    /// Application and key while it is not deleted: unique.
    pub live_name: Option<String>,
    /// Its place in lists.
    pub position: i64,
    /// The word of a `DataScope`.
    pub data_scope: String,
    /// The departments of the data scope "custom": ids with spaces between.
    pub departments: String,
    /// When it was made.
    pub created_at: i64,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

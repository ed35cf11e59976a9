//! A user (用户): who may sign in.

use sea_orm::entity::prelude::*;

/// One row of `app_user`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "app_user")]
pub struct Model {
    /// Their id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Their department.
    pub department_id: i64,
    /// What they may do.
    pub role_id: i64,
    /// Their name.
    pub name: String,
    /// What they sign in with.
    pub username: String,
    /// The username while they are not deleted: unique.
    pub live_username: Option<String>,
    /// argon2id, as a PHC string.
    pub password_hash: String,
    /// Their e-mail.
    pub email: Option<String>,
    /// Their phone.
    pub mobile: Option<String>,
    /// A remark.
    pub remark: Option<String>,
    /// Wrong passwords since `failures_since`.
    pub failures: i32,
    /// When the first of these was.
    pub failures_since: Option<i64>,
    /// No sign-in before then.
    pub locked_until: Option<i64>,
    /// When they were made.
    pub created_at: i64,
    /// When they were deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

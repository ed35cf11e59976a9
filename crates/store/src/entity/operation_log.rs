//! A row of the operation log (操作日志): what an application says that one of its users did.

use sea_orm::entity::prelude::*;

/// One row of `operation_log`. Texts that were not given are "".
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "operation_log")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The application that wrote it.
    pub application_id: i64,
    /// The application's department.
    pub department_id: i64,
    /// The user whose token wrote it.
    pub created_by: i64,
    /// The module in which it was done.
    pub title: String,
    /// 0 other, 1 create, 2 change, 3 delete, 4 authorize, 5 export, 6 import, 7 force out, 8 generate code, 9 clear.
    pub business_type: i32,
    /// The method of the application's program.
    pub method: String,
    /// The method of the request.
    pub request_method: String,
    /// 0 other, 1 a user at a desk, 2 a user of a phone.
    pub operator_type: i32,
    /// Who did it: what they sign in with.
    pub operator_name: String,
    /// Their name.
    pub operator_nick: String,
    /// Their role.
    pub operator_role: String,
    /// The platform's user who signs in so, where there was one.
    pub operator_id: Option<i64>,
    /// Their department's name.
    pub operator_department: String,
    /// The address of the request.
    pub url: String,
    /// From where the operator came.
    pub ip: String,
    /// From where the application came when it wrote this.
    pub location: String,
    /// What was asked.
    pub parameters: String,
    /// What was answered.
    pub result: String,
    /// 0 well, 1 not.
    pub status: i32,
    /// What went wrong.
    pub error: String,
    /// When it was done.
    pub operated_at: i64,
    /// When it was written down.
    pub created_at: i64,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

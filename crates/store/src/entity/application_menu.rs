//! A menu of an application (菜单): a folder, a page or a button of a portal, with the word of the permission it asks for.

use sea_orm::entity::prelude::*;

/// One row of `application_menu`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application_menu")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The application.
    pub application_id: i64,
    /// The menu above, 0 at the top.
    pub parent_id: i64,
    /// Its name.
    pub name: String,
    /// Application and route key while it is not deleted: unique. None where it has no route key.
    pub live_name: Option<String>,
    /// `M` a folder, `C` a page, `F` a button.
    pub kind: String,
    /// The key of its route; "" for none.
    pub route_key: String,
    /// Where it leads; "" for nowhere.
    pub redirect: String,
    /// The word of the permission that it asks for; "" for none.
    pub permission: String,
    /// Its place among its siblings.
    pub position: i64,
    /// Whether it is shown.
    pub is_visible: bool,
    /// When it was made.
    pub created_at: i64,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

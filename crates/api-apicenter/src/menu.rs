//! 菜单 (3.4): the menus of the application. Their ids, types and switches are sent as text and as numbers; both are read.

use baigong_core::{
    Platform, application_access as access, application_access::MenuInput, rows::application_menu::Model,
};
use baigong_model::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, wire::Data};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Everything {}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Menu {
    /// 菜单 id
    menu_id: i64,
    /// 上级菜单 id; 0 at the top
    parent_id: i64,
    /// 菜单名称
    menu_name: String,
    /// 菜单类型: M 目录, C 菜单, F 按钮
    menu_type: String,
    /// 路由唯一键
    menu_key: String,
    /// 重定向定制
    redirect: String,
    /// 权限标识
    perms: String,
    /// 菜单排序
    order_num: String,
    /// 显示状态: 0 显示, 1 隐藏
    visible: &'static str,
}

impl From<Model> for Menu {
    fn from(row: Model) -> Self {
        Self {
            menu_id: row.id,
            parent_id: row.parent_id,
            menu_name: row.name,
            menu_type: row.kind,
            menu_key: row.route_key,
            redirect: row.redirect,
            perms: row.permission,
            order_num: row.position.to_string(),
            visible: if row.is_visible { "0" } else { "1" },
        }
    }
}

pub(crate) async fn list(platform: Platform, caller: Caller, _: Everything) -> Result<Data<Vec<Menu>>> {
    let menus = access::menus(&platform, &caller).await?;
    Ok(Data::done(menus.into_iter().map(Menu::from).collect()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MenuAdd {
    /// 上级菜单 id; 0 for the top
    parent_id: Option<i64>,
    /// 菜单名称: a new menu needs one
    menu_name: Option<String>,
    /// 菜单类型: M 目录, C 菜单, F 按钮; a new menu needs one
    menu_type: Option<String>,
    /// 路由唯一键: unique in the application
    menu_key: Option<String>,
    /// 重定向定制
    redirect: Option<String>,
    /// 权限标识
    perms: Option<String>,
    /// 菜单排序
    order_num: Option<i64>,
    /// 显示状态: 0 显示, 1 隐藏
    visible: Option<String>,
}

impl MenuAdd {
    fn input(self) -> Result<MenuInput> {
        let is_visible = match self.visible.as_deref() {
            None | Some("") => None,
            Some("0") => Some(true),
            Some("1") => Some(false),
            Some(_) => return Err(Error::invalid("visible", "must be 0 or 1")),
        };
        Ok(MenuInput {
            parent_id: self.parent_id,
            name: self.menu_name,
            kind: self.menu_type,
            route_key: self.menu_key,
            redirect: self.redirect,
            permission: self.perms,
            position: self.order_num,
            is_visible,
        })
    }
}

pub(crate) async fn add(platform: Platform, caller: Caller, body: MenuAdd) -> Result<Data<i64>> {
    let ids = access::create_menus(&platform, &caller, vec![body.input()?]).await?;
    Ok(Data::done(ids[0]))
}

pub(crate) async fn add_batch(platform: Platform, caller: Caller, body: Vec<MenuAdd>) -> Result<Data<Vec<i64>>> {
    let menus = body.into_iter().map(MenuAdd::input).collect::<Result<_>>()?;
    access::create_menus(&platform, &caller, menus).await.map(Data::done)
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MenuUpdate {
    /// 菜单 id: it must be given
    menu_id: Option<i64>,
    #[serde(flatten)]
    menu: MenuAdd,
}

impl MenuUpdate {
    fn change(self) -> Result<(i64, MenuInput)> {
        let id = self.menu_id.ok_or_else(|| Error::invalid("menuId", "is required"))?;
        Ok((id, self.menu.input()?))
    }
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: MenuUpdate) -> Result<Data<()>> {
    update_batch(platform, caller, vec![body]).await
}

pub(crate) async fn update_batch(platform: Platform, caller: Caller, body: Vec<MenuUpdate>) -> Result<Data<()>> {
    let changes = body.into_iter().map(MenuUpdate::change).collect::<Result<_>>()?;
    access::update_menus(&platform, &caller, changes).await?;
    Ok(Data::done(()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MenuNamed {
    /// 菜单 id
    menu_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: MenuNamed) -> Result<Data<()>> {
    delete_batch(platform, caller, vec![body.menu_id]).await
}

pub(crate) async fn delete_batch(platform: Platform, caller: Caller, body: Vec<i64>) -> Result<Data<()>> {
    access::delete_menus(&platform, &caller, body).await?;
    Ok(Data::done(()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MenuTree {
    /// 菜单 id: printed as text
    menu_id: String,
}

/// Answers the id of the menu that went with all below it.
pub(crate) async fn delete_tree(platform: Platform, caller: Caller, body: MenuTree) -> Result<Data<i64>> {
    let id = body.menu_id.trim().parse().map_err(|_| Error::not_found("menu", &body.menu_id))?;
    access::delete_menu_tree(&platform, &caller, id).await?;
    Ok(Data::done(id))
}

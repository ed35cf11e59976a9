//! The dialect that enterprise portals speak to an API center (统一接口中心). This page lists its operations, one table for each
//! chapter of the document; one file per resource holds their wire types and the few lines that carry them to `core`.
//! Knows nothing of storage, and no rules.

mod application_role;
mod application_user;
mod department;
mod dialect;
mod loose;
mod menu;
mod user;
mod wire;

pub use dialect::{ApiCenter, Caller};

use baigong_api_kit::Table;
use baigong_model::Permission::{AccessRead, AccessWrite, DepartmentRead, DepartmentWrite, EmployeeRead, RoleRead};

/// Every operation.
#[must_use]
pub fn table() -> Table<ApiCenter> {
    people().join(roles()).join(departments()).join(menus())
}

/// Users: the platform's, and what they have in the application (3.1, 3.4).
fn people() -> Table<ApiCenter> {
    Table::new()
        .get(
            "/api/apicenter/api/user/userinfo",
            EmployeeRead,
            "获取用户信息: a user and their roles here",
            user::userinfo,
        )
        .clause("3.1.1")
        .get(
            "/api/apicenter/api/user/permissions",
            AccessRead,
            "获取用户的所有权限标识: the menus open to a user",
            user::permissions,
        )
        .clause("3.1.2")
        .get("/api/apicenter/api/user/getAllUser", EmployeeRead, "获取所有用户列表: list users", user::list)
        .clause("3.1.3")
        .get(
            "/api/apicenter/api/user/deptRoles",
            AccessRead,
            "获取用户的角色部门授权信息: a user's roles here, and where",
            user::dept_roles,
        )
        .clause("3.1.4")
        .get(
            "/api/apicenter/api/user/hasRole",
            AccessRead,
            "判断用户是否拥有角色: whether a user has a role here",
            user::has_role,
        )
        .clause("3.2.3")
        .get(
            "/api/apicenter/api/user/getAllUserByApp",
            EmployeeRead,
            "获取应用用户列表: users with a role here",
            user::list_by_app,
        )
        .clause("3.4.1")
        .post(
            "/api/apicenter/api/client/addUserAuth",
            AccessWrite,
            "授权本应用用户权限: give users roles here",
            application_user::add,
        )
        .clause("3.4.18")
        .post(
            "/api/apicenter/api/client/deleteUserAuth",
            AccessWrite,
            "删除授权本应用用户权限: take roles from users",
            application_user::delete,
        )
        .clause("3.4.15")
}

/// Roles: the platform's, and those of the application (3.2, 3.4).
fn roles() -> Table<ApiCenter> {
    Table::new()
        .get(
            "/api/apicenter/api/client/role/{roleId}",
            AccessRead,
            "获取客户端角色详情: a role",
            application_role::query,
        )
        .clause("3.2.1")
        .get(
            "/api/apicenter/api/user/getAllRole",
            RoleRead,
            "获取认证角色列表: list the platform's roles",
            application_role::list_all,
        )
        .clause("3.2.2")
        .get(
            "/api/apicenter/api/user/getAllRoleByApp",
            AccessRead,
            "获取应用角色列表: list roles",
            application_role::list,
        )
        .clause("3.4.2")
        .post(
            "/api/apicenter/api/client/updateRoleDataScope",
            AccessWrite,
            "更新本应用角色数据权限信息: for which departments a role is",
            application_role::update_data_scope,
        )
        .clause("3.4.5")
        .post(
            "/api/apicenter/api/client/updateRoleMenu",
            AccessWrite,
            "更新本应用角色菜单授权: which menus roles open",
            application_role::update_menus,
        )
        .clause("3.4.6")
        .post(
            "/api/apicenter/api/client/updateRole",
            AccessWrite,
            "更新本应用角色信息: change a role",
            application_role::update,
        )
        .clause("3.4.11")
        .get(
            "/api/apicenter/api/client/deleteRole",
            AccessWrite,
            "删除本应用角色信息: delete a role",
            application_role::delete,
        )
        .clause("3.4.13")
        .post(
            "/api/apicenter/api/client/deleteRoleBatch",
            AccessWrite,
            "批量删除本应用角色信息: delete roles",
            application_role::delete_batch,
        )
        .clause("3.4.14")
        .post(
            "/api/apicenter/api/client/addRoleBatch",
            AccessWrite,
            "批量新增本应用角色信息: create roles",
            application_role::add_batch,
        )
        .clause("3.4.17")
        .post(
            "/api/apicenter/api/client/addRole",
            AccessWrite,
            "新增本应用角色信息: create a role",
            application_role::add,
        )
        .clause("3.4.35")
}

/// Departments, which are the platform's (3.3, 3.4).
fn departments() -> Table<ApiCenter> {
    Table::new()
        .get("/api/apicenter/api/user/deptDetailById", DepartmentRead, "获取部门详情: a department", department::query)
        .clause("3.3.1")
        .get(
            "/api/apicenter/api/user/getAllDept",
            DepartmentRead,
            "获取认证部门列表: list departments",
            department::list,
        )
        .clause("3.3.2")
        .get(
            "/api/apicenter/api/user/getAllDeptByApp",
            DepartmentRead,
            "获取应用部门列表: departments known here",
            department::list_by_app,
        )
        .clause("3.4.3")
        .post(
            "/api/apicenter/api/client/updateDept",
            DepartmentWrite,
            "更新本应用部门信息: change a department",
            department::update,
        )
        .clause("3.4.7")
        .post(
            "/api/apicenter/api/client/updateDeptBatch",
            DepartmentWrite,
            "批量更新本应用部门信息: change departments",
            department::update_batch,
        )
        .clause("3.4.8")
        .get(
            "/api/apicenter/api/client/deleteDept",
            DepartmentWrite,
            "删除本应用部门信息: delete a department",
            department::delete,
        )
        .clause("3.4.20")
        .post(
            "/api/apicenter/api/client/deleteDept",
            DepartmentWrite,
            "批量删除本应用部门信息: delete departments",
            department::delete_batch,
        )
        .clause("3.4.21")
        .post(
            "/api/apicenter/api/client/addDept",
            DepartmentWrite,
            "新增本应用部门信息: create a department",
            department::add,
        )
        .clause("3.4.23")
        .post(
            "/api/apicenter/api/client/addDeptBatch",
            DepartmentWrite,
            "批量新增本应用部门信息: create departments",
            department::add_batch,
        )
        .clause("3.4.24")
}

/// The menus of the application (3.4).
fn menus() -> Table<ApiCenter> {
    Table::new()
        .post("/api/apicenter/api/client/updateMenu", AccessWrite, "更新本应用菜单信息: change a menu", menu::update)
        .clause("3.4.9")
        .post(
            "/api/apicenter/api/client/updateMenuBatch",
            AccessWrite,
            "批量更新本应用菜单信息: change menus",
            menu::update_batch,
        )
        .clause("3.4.10")
        .post(
            "/api/apicenter/api/client/deleteMenuBatch",
            AccessWrite,
            "批量删除本应用菜单信息: delete menus",
            menu::delete_batch,
        )
        .clause("3.4.12")
        .get("/api/apicenter/api/client/menus", AccessRead, "获取本应用菜单列表: list menus", menu::list)
        .clause("3.4.16")
        .get("/api/apicenter/api/client/deleteMenu", AccessWrite, "删除本应用菜单信息: delete a menu", menu::delete)
        .clause("3.4.22")
        .post("/api/apicenter/api/client/addMenu", AccessWrite, "新增本应用菜单信息: create a menu", menu::add)
        .clause("3.4.25")
        .post(
            "/api/apicenter/api/client/addMenuBatch",
            AccessWrite,
            "批量新增本应用菜单信息: create menus",
            menu::add_batch,
        )
        .clause("3.4.26")
        .delete(
            "/api/system/menu/three/{menuId}",
            AccessWrite,
            "删除该菜单和其角色关联下的所有菜单: delete a menu with all below it",
            menu::delete_tree,
        )
        .clause("3.4.36")
}

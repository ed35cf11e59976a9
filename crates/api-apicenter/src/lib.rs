//! The dialect that enterprise portals speak to an API center (统一接口中心). This page lists its operations, one table for each
//! chapter of the document; one file per resource holds their wire types and the few lines that carry them to `core`.
//! Knows nothing of storage, and no rules.

mod agenda;
mod application_role;
mod application_user;
mod channel;
mod department;
mod dialect;
mod file;
mod loose;
mod menu;
mod message;
mod notice;
mod operation_log;
mod user;
mod wire;

pub use dialect::{ApiCenter, Caller};

use axum::http::Method;
use baigong_api_kit::Table;
use baigong_model::Permission::{
    AccessRead, AccessWrite, AgendaRead, AgendaWrite, AuditRead, DepartmentRead, DepartmentWrite, EmployeeRead,
    FileRead, FileWrite, LogWrite, MessageSend, RoleRead, WarnRead,
};

/// Every operation.
#[must_use]
pub fn table() -> Table<ApiCenter> {
    people()
        .join(roles())
        .join(departments())
        .join(menus())
        .join(messages())
        .join(notices())
        .join(files())
        .join(logs())
        .join(agendas())
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

/// Messages that leave the platform, and the channels they leave by (3.5).
fn messages() -> Table<ApiCenter> {
    Table::new()
        .get(
            "/api/apicenter/api/message/channel/listAll",
            WarnRead,
            "获取全部消息通道列表: list channels",
            channel::list_all,
        )
        .clause("3.5.1")
        .post("/api/apicenter/api/message/sendEmail", MessageSend, "发送邮件: send a mail", message::email)
        .clause("3.5.3")
        .post(
            "/api/apicenter/api/message/sendEmailBatch",
            MessageSend,
            "批量发送邮件: send mails",
            message::email_batch,
        )
        .clause("3.5.4")
        .get("/api/apicenter/api/message/sendSMSCaptcha", MessageSend, "发送短信验证码: send a code", message::captcha)
        .clause("3.5.5")
        .post("/api/apicenter/api/message/sendSMSContent", MessageSend, "发送短信: send a short message", message::sms)
        .clause("3.5.6")
        .get("/api/msg/message/channel/list", WarnRead, "获取通道列表: list channels by page", channel::list)
        .clause("3.5.15")
        .get("/api/msg/message/channel/getInfo", WarnRead, "获取通道详情和模板: a channel", channel::info)
        .clause("3.5.17")
        .post(
            "/api/msg/message/chanel/Capability",
            MessageSend,
            "消息通道-能力集成: send a gateway's template",
            message::template,
        )
        .clause("3.5.18")
        .post("/api/msg/mail/sendMakeCall", MessageSend, "电话拨号: have a phone called", message::call)
        .clause("3.5.19")
}

/// Notices and announcements (3.5).
fn notices() -> Table<ApiCenter> {
    Table::new()
        .post("/api/apicenter/api/notice/push", MessageSend, "发送消息: tell people something", notice::push)
        .clause("3.5.2")
        .get("/api/apicenter/api/notice/delete", MessageSend, "删除消息通知: take a notice back", notice::delete)
        .clause("3.5.7")
        .post(
            "/api/apicenter/api/notice/deleteBatch",
            MessageSend,
            "批量删除消息通知: take notices back",
            notice::delete_batch,
        )
        .clause("3.5.8")
        .get(
            "/api/apicenter/api/gg/delete",
            MessageSend,
            "删除公告: take an announcement back",
            notice::delete_announcement,
        )
        .clause("3.5.9")
        .post(
            "/api/apicenter/api/gg/deleteBatch",
            MessageSend,
            "批量删除公告: take announcements back",
            notice::delete_announcements,
        )
        .clause("3.5.10")
        .post("/api/apicenter/api/gg/push", MessageSend, "发送公告: announce something", notice::announce)
        .clause("3.5.11")
        .post("/api/apicenter/api/gg/pushBatch", MessageSend, "批量发送公告: announce things", notice::announce_batch)
        .clause("3.5.12")
        .post(
            "/api/apicenter/api/notice/pushBatch",
            MessageSend,
            "批量发送消息通知: tell people things",
            notice::push_batch,
        )
        .clause("3.5.14")
}

/// The file center (3.6).
fn files() -> Table<ApiCenter> {
    Table::new()
        .multipart("/api/apicenter/api/file/client/add", FileWrite, "新增文件: hand in a file", "file", file::add)
        .clause("3.6.1")
        .get("/api/apicenter/api/file/client/delete", FileWrite, "删除文件: delete a file", file::delete)
        .clause("3.6.2")
        .file("/api/apicenter/api/file/client/download", FileRead, "下载文件: the bytes of a file", file::download)
        .by(Method::GET)
        .clause("3.6.3")
        .get("/api/apicenter/api/file/client/list", FileRead, "获取文件列表: list files", file::list)
        .clause("3.6.4")
        .get("/api/apicenter/api/file/client/exist", FileRead, "判断文件是否存在: whether there is a file", file::exist)
        .clause("3.6.5")
        .get(
            "/api/apicenter/api/file/client/hasPermission",
            FileRead,
            "判断文件是否有权限: whether a file may be seen",
            file::has_permission,
        )
        .clause("3.6.6")
}

/// The operation log (3.7).
fn logs() -> Table<ApiCenter> {
    Table::new()
        .post("/api/apicenter/api/operlog", LogWrite, "添加操作日志: write into the operation log", operation_log::add)
        .clause("3.7.1")
        .get(
            "/api/apicenter/api/operlog/list",
            AuditRead,
            "获取操作日志列表: list the operation log",
            operation_log::list,
        )
        .clause("3.7.2")
}

/// The agendas of people (3.8).
fn agendas() -> Table<ApiCenter> {
    Table::new()
        .post("/api/apicenter/api/msg/rcInfo", AgendaWrite, "新增或更新日程: put something on an agenda", agenda::put)
        .clause("3.8.1")
        .get("/api/apicenter/api/msg/rcInfo/delete/{id}", AgendaWrite, "删除日程: take something off", agenda::delete)
        .clause("3.8.2")
        .get("/api/apicenter/api/msg/rcInfo/list", AgendaRead, "查询日程列表: list an agenda", agenda::list)
        .clause("3.8.3")
        .get(
            "/api/apicenter/api/msg/rcInfo/info/{id}",
            AgendaRead,
            "查询日程详情: something on an agenda",
            agenda::info,
        )
        .clause("3.8.4")
}

//! The OAPI dialect, for scripts that were written for another vendor's platform. This page lists its operations; one file
//! per resource holds their wire types and the few lines that carry them to `core`. Knows nothing of storage, and no rules.

use axum::http::Method;
use baigong_api_kit::Table;
use baigong_model::Permission;

mod agent;
mod asset;
mod codes;
mod department;
mod dialect;
mod job;
mod process;
mod process_version;
mod python;
mod queue;
mod queue_item;
mod repeats;
mod robot;
mod role;
mod schedule;
mod share_file;
mod signed;
mod spelling;
mod studio;
mod token;
mod user;
mod wire;

pub use dialect::{Caller, Oapi};

/// The operations of this dialect, in the order of the document.
#[must_use]
pub fn table() -> Table<Oapi> {
    organisation().join(agents()).join(work()).join(assets()).join(queues()).join(files())
}

/// Who works here: tokens, users, roles, departments.
fn organisation() -> Table<Oapi> {
    Table::new()
        .public("/oapi/v1/token", "认证: get a token, or the next one", token::get)
        .by(Method::GET)
        .clause("2.1")
        .get("/oapi/v1/user", Permission::EmployeeRead, "获取用户列表: list users", user::list)
        .clause("3.1.1")
        .post("/oapi/v1/user", Permission::EmployeeWrite, "新增用户: create a user", user::create)
        .clause("3.1.2")
        .put("/oapi/v1/user", Permission::EmployeeWrite, "修改用户: change a user", user::update)
        .clause("3.1.3")
        .delete("/oapi/v1/user", Permission::EmployeeWrite, "删除用户: delete a user", user::delete)
        .clause("3.1.4")
        .get("/oapi/v1/role/list", Permission::RoleRead, "角色管理列表: list roles", role::list)
        .clause("3.2.1")
        .get("/oapi/v1/orgDef/list", Permission::DepartmentRead, "获取所有部门: list departments", department::list)
        .clause("3.3.1")
        .post(
            "/oapi/v1/orgDef/addOrg",
            Permission::DepartmentWrite,
            "新增部门: create a department",
            department::create,
        )
        .clause("3.3.2")
        .put(
            "/oapi/v1/orgDef/editOrgDef",
            Permission::DepartmentWrite,
            "修改部门: change a department",
            department::update,
        )
        .clause("3.3.3")
        .delete(
            "/oapi/v1/orgDef/delOrgDef",
            Permission::DepartmentWrite,
            "删除部门: delete a department",
            department::delete,
        )
        .clause("3.3.4")
}

/// What runs and what is designed with.
fn agents() -> Table<Oapi> {
    Table::new()
        .get("/oapi/v1/robot", Permission::RobotRead, "获取机器人列表: list robots", robot::list)
        .clause("3.4.1")
        .put("/oapi/v1/robot", Permission::RobotWrite, "修改机器人: rename a robot", robot::update)
        .clause("3.4.2")
        .get("/oapi/v1/robot/detail", Permission::RobotRead, "机器人详情: show a robot", robot::detail)
        .clause("3.4.3")
        .get("/oapi/v1/studio", Permission::RobotRead, "获取设计器列表: list designers", studio::list)
        .clause("3.5.1")
        .put("/oapi/v1/studio", Permission::RobotWrite, "修改设计器: rename a designer", studio::update)
        .clause("3.5.2")
}

/// Processes, their versions, schedules and jobs.
fn work() -> Table<Oapi> {
    Table::new()
        .get("/oapi/v1/process", Permission::ProcessRead, "获取流程列表: list processes", process::list)
        .clause("3.6.1")
        .delete("/oapi/v1/process", Permission::ProcessWrite, "删除流程: delete a process", process::delete)
        .clause("3.6.2")
        .get(
            "/oapi/v1/process/version",
            Permission::PackageRead,
            "获取流程版本: list process versions",
            process_version::list,
        )
        .clause("3.7.1")
        .get("/oapi/v1/schedule/list", Permission::TriggerRead, "获取调度列表: list schedules", schedule::list)
        .clause("3.8.1")
        .get("/oapi/v1/job", Permission::TaskRead, "获取流程任务: list the jobs of a process", job::list)
        .clause("3.9.1")
        .post("/oapi/v1/job/create", Permission::TaskRun, "立即执行一次调度: run a schedule now", job::create)
        .clause("3.9.2")
        .post("/oapi/v1/job/retry", Permission::TaskRun, "流程任务重新执行: run a job again", job::retry)
        .clause("3.9.3")
        .post("/oapi/v1/job/stop", Permission::TaskControl, "停止取消流程任务: stop a job", job::stop)
        .clause("3.9.4")
        .delete("/oapi/v1/job", Permission::TaskControl, "删除流程任务: delete a job", job::delete)
        .clause("3.9.5")
}

/// Variables, as this dialect calls assets.
fn assets() -> Table<Oapi> {
    Table::new()
        .get("/oapi/v1/asset/vlog", Permission::AssetRead, "获取变量访问记录列表: who read a variable", asset::accesses)
        .clause("3.10.1")
        .post("/oapi/v1/asset/list", Permission::AssetRead, "获取变量列表: list variables", asset::list)
        .clause("3.10.2")
        .post("/oapi/v1/asset", Permission::AssetWrite, "新增变量: create a variable", asset::create)
        .clause("3.10.3")
        .put("/oapi/v1/asset", Permission::AssetWrite, "修改变量: change a variable", asset::update)
        .clause("3.10.4")
        .delete("/oapi/v1/asset", Permission::AssetWrite, "删除变量: delete a variable", asset::delete)
        .clause("3.10.5")
}

/// Spaces, as this dialect calls data queues, and their items.
fn queues() -> Table<Oapi> {
    Table::new()
        .get("/oapi/v1/queue/item", Permission::QueueRead, "获取任务数据队列项列表: list items", queue_item::list)
        .clause("3.11.1")
        .post("/oapi/v1/queue/item", Permission::QueueUse, "新增任务数据队列项: push an item", queue_item::push)
        .clause("3.11.2")
        .put("/oapi/v1/queue/item", Permission::QueueUse, "更新任务数据队列项: settle an item", queue_item::update)
        .clause("3.11.3")
        .get("/oapi/v1/queue/item/pop", Permission::QueueUse, "POP 任务数据队列项: take the next item", queue_item::pop)
        .clause("3.11.4")
        .delete("/oapi/v1/queue/item", Permission::QueueWrite, "删除任务数据队列项: delete items", queue_item::delete)
        .clause("3.11.5")
        .get("/oapi/v1/queue", Permission::QueueRead, "获取空间列表: list spaces", queue::list)
        .clause("3.11.6")
        .post("/oapi/v1/queue", Permission::QueueWrite, "新增空间: create a space", queue::create)
        .clause("3.11.7")
        .delete("/oapi/v1/queue", Permission::QueueWrite, "删除空间: delete a space", queue::delete)
        .clause("3.11.8")
        .put("/oapi/v1/queue/clear", Permission::QueueWrite, "清空空间: empty a space", queue::clear)
        .clause("3.11.9")
}

/// Files that users share.
fn files() -> Table<Oapi> {
    Table::new()
        .get("/oapi/v1/share/file", Permission::FileRead, "获取文件列表: list shared files", share_file::list)
        .clause("3.12.1")
        .multipart(
            "/oapi/v1/share/file",
            Permission::FileWrite,
            "文件上传: share a file",
            "uploadFile",
            share_file::upload,
        )
        .clause("3.12.2")
        .file(
            "/oapi/v1/share/file/download",
            Permission::FileRead,
            "下载文件: download a shared file",
            share_file::download,
        )
        .by(Method::GET)
        .clause("3.12.3")
        .delete("/oapi/v1/share/file", Permission::FileWrite, "删除文件: delete a shared file", share_file::delete)
        .clause("3.12.4")
}

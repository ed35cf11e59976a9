//! The dialect of T/TSAC 002-2025, the securities industry's standard. This page lists its operations; one file per
//! resource holds their wire types and the few lines that carry them to `core`. Knows nothing of storage, and no rules.

use axum::http::Method;
use baigong_api_kit::{Access, Table};
use baigong_core::downloads;
use baigong_model::Permission;

mod account;
mod artifact;
mod codes;
mod data_queue;
mod department;
mod dialect;
mod download;
mod employee;
mod machine;
mod package;
mod phrases;
mod process;
mod robot;
mod robot_group;
mod task;
mod task_log;
mod wire;

pub use dialect::{Caller, Tsac};

/// The operations of this dialect, in the order of the standard.
#[must_use]
pub fn table() -> Table<Tsac> {
    organisation().join(work()).join(robots())
}

/// Who works here: accounts, departments, users.
fn organisation() -> Table<Tsac> {
    Table::new()
        .public("/api/platform/account/authenticate", "认证: sign in", account::authenticate)
        .clause("6.2.1")
        .public(
            "/api/platform/account/public-key",
            "公钥: the key passwords travel under (extension)",
            account::public_key,
        )
        .post(
            "/api/platform/department/create",
            Permission::DepartmentWrite,
            "创建部门: create a department",
            department::create,
        )
        .created()
        .clause("6.2.2.1")
        .post(
            "/api/platform/department/list",
            Permission::DepartmentRead,
            "查询部门列表: list departments",
            department::list,
        )
        .clause("6.2.2.4")
        .post("/api/platform/employee/create", Permission::EmployeeWrite, "创建用户: create a user", employee::create)
        .created()
        .clause("6.2.3.1")
        .post("/api/platform/employee/query", Permission::EmployeeRead, "查询用户: show a user", employee::query)
        .clause("6.2.3.4")
        .post("/api/platform/employee/list", Permission::EmployeeRead, "查询用户列表: list users", employee::list)
        .clause("6.2.3.5")
}

/// What is done: packages, processes, tasks, data queues.
fn work() -> Table<Tsac> {
    Table::new()
        .multipart(
            "/api/platform/package/create",
            Permission::PackageWrite,
            "创建流程包: upload a package version",
            "package",
            package::create,
        )
        .created()
        .clause("6.2.4.1")
        .post("/api/platform/package/delete", Permission::PackageWrite, "删除流程包: delete a version", package::delete)
        .clause("6.2.4.2")
        .post("/api/platform/package/query", Permission::PackageRead, "查询流程包列表: list versions", package::query)
        .clause("6.2.4.3")
        .raw(
            Method::GET,
            downloads::ROUTE,
            Access::Open,
            "下载: fetch a file by its signed address",
            download::download,
        )
        .post("/api/platform/process/create", Permission::ProcessWrite, "创建流程: create a process", process::create)
        .created()
        .clause("6.2.5.1")
        .post(
            "/api/platform/process/activate-package-version",
            Permission::ProcessWrite,
            "流程激活流程包版本: choose the version a process runs",
            process::activate,
        )
        .clause("6.2.5.2")
        .post("/api/platform/process/list", Permission::ProcessRead, "查询流程列表: list processes", process::list)
        .clause("6.2.5.5")
        .post("/api/platform/task/create", Permission::TaskRun, "启动任务: start tasks", task::create)
        .created()
        .clause("6.2.7.1")
        .post("/api/platform/task/cancel", Permission::TaskControl, "取消任务: cancel a task", task::cancel)
        .clause("6.2.7.2")
        .post("/api/platform/task/query", Permission::TaskRead, "查询任务: show a task", task::query)
        .clause("6.2.7.5")
        .post("/api/platform/task/list", Permission::TaskRead, "查询任务列表: list tasks", task::list)
        .clause("6.2.7.6")
        .post(
            "/api/platform/data-queue/create",
            Permission::QueueWrite,
            "创建数据队列: create a queue",
            data_queue::create,
        )
        .created()
        .clause("6.2.8.1")
        .post(
            "/api/platform/data-queue/query",
            Permission::QueueRead,
            "查询数据队列: count its items",
            data_queue::query,
        )
        .clause("6.2.8.3")
        .post("/api/platform/data-queue/list", Permission::QueueRead, "查询数据队列列表: list queues", data_queue::list)
        .clause("6.2.8.4")
}

/// Who does it: machines, robots, robot groups, and what robots logged.
fn robots() -> Table<Tsac> {
    Table::new()
        .post("/api/platform/machine/create", Permission::MachineWrite, "创建服务器: create a machine", machine::create)
        .created()
        .clause("6.2.9.1")
        .post("/api/platform/robot/create", Permission::RobotWrite, "创建机器人: create a robot", robot::create)
        .created()
        .clause("6.2.10.1")
        .post("/api/platform/robot/query", Permission::RobotRead, "查询机器人: show a robot", robot::query)
        .clause("6.2.10.4")
        .post("/api/platform/robot/list", Permission::RobotRead, "查询机器人列表: list robots", robot::list)
        .clause("6.2.10.5")
        .post(
            "/api/platform/robot-group/create",
            Permission::RobotWrite,
            "创建机器人组: create a group",
            robot_group::create,
        )
        .created()
        .clause("6.2.10.6")
        .post(
            "/api/platform/robot-group/append",
            Permission::RobotWrite,
            "添加机器人到机器人组: add robots",
            robot_group::append,
        )
        .clause("6.2.10.9")
        .post(
            "/api/platform/robot-group/list",
            Permission::RobotRead,
            "查询机器人组列表: list groups",
            robot_group::list,
        )
        .clause("6.2.10.11")
        .post("/api/platform/task-log/query", Permission::TaskRead, "查询任务日志: read a task's log", task_log::query)
        .clause("6.2.11.1")
        .post(
            "/api/platform/task-artifact/list",
            Permission::TaskRead,
            "任务产物: list files (extension)",
            artifact::list,
        )
}

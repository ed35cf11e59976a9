//! The dialect of T/TSAC 002-2025, the securities industry's standard. This page lists its operations; one file per
//! resource holds their wire types and the few lines that carry them to `core`. Knows nothing of storage, and no rules.

use axum::http::Method;
use baigong_api_kit::{Access, Table};
use baigong_core::downloads;
use baigong_model::Permission;

mod account;
mod account_key;
mod agent_rollout;
mod agent_version;
mod artifact;
mod asset;
mod audit;
mod calendar;
mod credential;
mod data_queue;
mod department;
mod dialect;
mod download;
mod employee;
mod file;
mod file_version;
mod folder;
mod license;
mod live_view;
mod machine;
mod maintenance;
mod notice;
mod package;
mod process;
mod queue_item;
mod robot;
mod robot_change;
mod robot_group;
mod robot_operation;
mod robot_service;
mod role;
mod task;
mod task_log;
mod trigger;
mod trigger_firing;
mod video;
mod warn_channel;
mod wire;

pub use dialect::{Caller, Tsac};

/// The operations of this dialect, in the order of the standard.
#[must_use]
pub fn table() -> Table<Tsac> {
    organisation()
        .join(work())
        .join(triggers())
        .join(calendar::operations())
        .join(robots())
        .join(operation())
        .join(robot_operation::operations())
        .join(resources())
        .join(licenses())
        .join(watching())
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
        .post("/api/platform/account/sign-out", Access::Known, "退出: end this token (extension)", account::sign_out)
        .post(
            "/api/platform/department/create",
            Permission::DepartmentWrite,
            "创建部门: create a department",
            department::create,
        )
        .created()
        .clause("6.2.2.1")
        .post(
            "/api/platform/department/delete",
            Permission::DepartmentWrite,
            "删除部门: delete a department and those below",
            department::delete,
        )
        .clause("6.2.2.2")
        .post(
            "/api/platform/department/update",
            Permission::DepartmentWrite,
            "更新部门: rename or move a department",
            department::update,
        )
        .clause("6.2.2.3")
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
        .post("/api/platform/employee/delete", Permission::EmployeeWrite, "删除用户: delete a user", employee::delete)
        .clause("6.2.3.2")
        .post("/api/platform/employee/update", Permission::EmployeeWrite, "更新用户: change a user", employee::update)
        .clause("6.2.3.3")
        .post(
            "/api/platform/employee/assign-role",
            Permission::RoleWrite,
            "分配角色: give a user a role (extension)",
            role::assign,
        )
        .post("/api/platform/role/create", Permission::RoleWrite, "创建角色: create a role (extension)", role::create)
        .created()
        .post("/api/platform/role/update", Permission::RoleWrite, "更新角色: change a role (extension)", role::update)
        .post("/api/platform/role/delete", Permission::RoleWrite, "删除角色: delete a role (extension)", role::delete)
        .post("/api/platform/role/query", Permission::RoleRead, "查询角色: show a role (extension)", role::query)
        .post("/api/platform/role/list", Permission::RoleRead, "查询角色列表: list roles (extension)", role::list)
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
        .post("/api/platform/process/delete", Permission::ProcessWrite, "删除流程: delete a process", process::delete)
        .clause("6.2.5.3")
        .post("/api/platform/process/update", Permission::ProcessWrite, "更新流程: change a process", process::update)
        .clause("6.2.5.4")
        .post("/api/platform/process/list", Permission::ProcessRead, "查询流程列表: list processes", process::list)
        .clause("6.2.5.5")
        .join(tasks())
        .join(queues())
}

/// Runs of processes.
fn tasks() -> Table<Tsac> {
    Table::new()
        .post("/api/platform/task/create", Permission::TaskRun, "启动任务: start tasks", task::create)
        .created()
        .clause("6.2.7.1")
        .post("/api/platform/task/cancel", Permission::TaskControl, "取消任务: cancel a task", task::cancel)
        .clause("6.2.7.2")
        .post("/api/platform/task/pause", Permission::TaskControl, "暂停任务: pause a task", task::pause)
        .clause("6.2.7.3")
        .post("/api/platform/task/resume", Permission::TaskControl, "继续任务: let a paused task go on", task::resume)
        .clause("6.2.7.4")
        .post("/api/platform/task/query", Permission::TaskRead, "查询任务: show a task", task::query)
        .clause("6.2.7.5")
        .post("/api/platform/task/list", Permission::TaskRead, "查询任务列表: list tasks", task::list)
        .clause("6.2.7.6")
}

/// Data queues and their items.
fn queues() -> Table<Tsac> {
    Table::new()
        .post(
            "/api/platform/data-queue/create",
            Permission::QueueWrite,
            "创建数据队列: create a queue",
            data_queue::create,
        )
        .created()
        .clause("6.2.8.1")
        .post(
            "/api/platform/data-queue/delete",
            Permission::QueueWrite,
            "删除数据队列: delete a queue",
            data_queue::delete,
        )
        .clause("6.2.8.2")
        .post(
            "/api/platform/data-queue/update",
            Permission::QueueWrite,
            "更新数据队列: change a queue (extension)",
            data_queue::update,
        )
        .post(
            "/api/platform/data-queue/query",
            Permission::QueueRead,
            "查询数据队列: count its items",
            data_queue::query,
        )
        .clause("6.2.8.3")
        .post("/api/platform/data-queue/list", Permission::QueueRead, "查询数据队列列表: list queues", data_queue::list)
        .clause("6.2.8.4")
        .join(queue_item::operations())
}

/// When it is done by itself: triggers, and what came of their instants.
fn triggers() -> Table<Tsac> {
    Table::new()
        .post("/api/platform/trigger/create", Permission::TriggerWrite, "创建调度: create a trigger", trigger::create)
        .created()
        .clause("6.2.6.1")
        .post("/api/platform/trigger/delete", Permission::TriggerWrite, "删除调度: delete a trigger", trigger::delete)
        .clause("6.2.6.2")
        .post("/api/platform/trigger/update", Permission::TriggerWrite, "更新调度: change a trigger", trigger::update)
        .clause("6.2.6.3")
        .post("/api/platform/trigger/query", Permission::TriggerRead, "查询调度: show a trigger", trigger::query)
        .clause("6.2.6.4")
        .post("/api/platform/trigger/list", Permission::TriggerRead, "查询调度列表: list triggers", trigger::list)
        .clause("6.2.6.5")
        .post(
            "/api/platform/trigger/preview",
            Permission::TriggerRead,
            "预览调度: when a trigger will fire, and why not on some days (extension)",
            trigger_firing::preview,
        )
        .post(
            "/api/platform/trigger/firing/list",
            Permission::TriggerRead,
            "查询触发记录: what came of a trigger's instants (extension)",
            trigger_firing::list,
        )
}

/// How robots are run: in and out of service, and when they get no tasks.
fn operation() -> Table<Tsac> {
    let control = Permission::RobotControl;
    let (read, write) = (Permission::MaintenanceRead, Permission::MaintenanceWrite);
    Table::new()
        .post(
            "/api/platform/robot/start",
            control,
            "启动机器人: put a robot into service (extension)",
            robot_service::start,
        )
        .post(
            "/api/platform/robot/pause",
            control,
            "暂停机器人: pause a robot and its tasks (extension)",
            robot_service::pause,
        )
        .post(
            "/api/platform/robot/resume",
            control,
            "继续机器人: let a paused robot go on (extension)",
            robot_service::resume,
        )
        .post(
            "/api/platform/robot/stop",
            control,
            "停止机器人: take a robot out of service (extension)",
            robot_service::stop,
        )
        .post("/api/platform/maintenance/create", write, "创建维护窗口: make a window (extension)", maintenance::create)
        .created()
        .post(
            "/api/platform/maintenance/update",
            write,
            "更新维护窗口: change a window (extension)",
            maintenance::update,
        )
        .post("/api/platform/maintenance/query", read, "查询维护窗口: show a window (extension)", maintenance::query)
        .post("/api/platform/maintenance/list", read, "查询维护窗口列表: list windows (extension)", maintenance::list)
        .post(
            "/api/platform/maintenance/delete",
            write,
            "删除维护窗口: delete a window (extension)",
            maintenance::delete,
        )
}

/// Who does it: machines, robots, robot groups, and what robots logged.
fn robots() -> Table<Tsac> {
    Table::new()
        .post("/api/platform/machine/create", Permission::MachineWrite, "创建服务器: create a machine", machine::create)
        .created()
        .clause("6.2.9.1")
        .post("/api/platform/machine/delete", Permission::MachineWrite, "删除服务器: delete a machine", machine::delete)
        .clause("6.2.9.2")
        .post("/api/platform/machine/update", Permission::MachineWrite, "更新服务器: change a machine", machine::update)
        .clause("6.2.9.3")
        .post(
            "/api/platform/machine/query",
            Permission::MachineRead,
            "查询服务器信息: what a machine does",
            machine::query,
        )
        .clause("6.2.9.4")
        .post("/api/platform/machine/list", Permission::MachineRead, "查询服务器列表: list machines", machine::list)
        .clause("6.2.9.5")
        .post("/api/platform/robot/create", Permission::RobotWrite, "创建机器人: create a robot", robot::create)
        .created()
        .clause("6.2.10.1")
        .post("/api/platform/robot/delete", Permission::RobotWrite, "删除机器人: delete a robot", robot_change::delete)
        .clause("6.2.10.2")
        .post("/api/platform/robot/update", Permission::RobotWrite, "更新机器人: change a robot", robot_change::update)
        .clause("6.2.10.3")
        .post(
            "/api/platform/robot/reset-secret",
            Permission::RobotWrite,
            "重置机器人密钥: give a robot another secret (extension)",
            robot_change::reset_secret,
        )
        .post("/api/platform/robot/query", Permission::RobotRead, "查询机器人: show a robot", robot::query)
        .clause("6.2.10.4")
        .post("/api/platform/robot/list", Permission::RobotRead, "查询机器人列表: list robots", robot::list)
        .clause("6.2.10.5")
        .join(robot_groups())
        .join(records())
}

/// Robots that work for the same processes.
fn robot_groups() -> Table<Tsac> {
    Table::new()
        .post(
            "/api/platform/robot-group/create",
            Permission::RobotWrite,
            "创建机器人组: create a group",
            robot_group::create,
        )
        .created()
        .clause("6.2.10.6")
        .post(
            "/api/platform/robot-group/delete",
            Permission::RobotWrite,
            "删除机器人组: delete a group",
            robot_group::delete,
        )
        .clause("6.2.10.7")
        .post(
            "/api/platform/robot-group/update",
            Permission::RobotWrite,
            "更新机器人组: change a group",
            robot_group::update,
        )
        .clause("6.2.10.8")
        .post(
            "/api/platform/robot-group/append",
            Permission::RobotWrite,
            "添加机器人到机器人组: add robots",
            robot_group::append,
        )
        .clause("6.2.10.9")
        .post(
            "/api/platform/robot-group/remove",
            Permission::RobotWrite,
            "机器人移出机器人组: take robots out",
            robot_group::remove,
        )
        .clause("6.2.10.10")
        .post(
            "/api/platform/robot-group/list",
            Permission::RobotRead,
            "查询机器人组列表: list groups",
            robot_group::list,
        )
        .clause("6.2.10.11")
}

/// What robots leave behind: logs, recordings, files.
fn records() -> Table<Tsac> {
    Table::new()
        .post("/api/platform/task-log/query", Permission::TaskRead, "查询任务日志: read a task's log", task_log::query)
        .clause("6.2.11.1")
        .post("/api/platform/video/query", Permission::VideoRead, "查询任务录屏: a task's recordings", video::query)
        .clause("6.2.11.2")
        .raw(
            Method::GET,
            "/api/platform/robot/live-view",
            Access::Open,
            "实时监控: watch a robot's screen over a WebSocket; the first message names token and robot (extension)",
            live_view::watch,
        )
        .post(
            "/api/platform/task-artifact/list",
            Permission::TaskRead,
            "任务产物: list files (extension)",
            artifact::list,
        )
}

/// What flows work with: credentials, assets, files.
fn resources() -> Table<Tsac> {
    credentials().join(assets()).join(files()).join(folders())
}

fn credentials() -> Table<Tsac> {
    use Permission::{CredentialRead as Read, CredentialWrite as Write};
    Table::new()
        .post("/api/platform/credential/create", Write, "创建凭据: create a credential", credential::create)
        .created()
        .clause("6.2.12.1")
        .post("/api/platform/credential/delete", Write, "删除凭据: delete a credential", credential::delete)
        .clause("6.2.12.2")
        .post("/api/platform/credential/update", Write, "更新凭据: change a credential", credential::update)
        .clause("6.2.12.3")
        .post("/api/platform/credential/query", Read, "查询凭据: show a credential", credential::query)
        .clause("6.2.12.4")
        .post("/api/platform/credential/list", Read, "查询凭据列表: list credentials", credential::list)
        .clause("6.2.12.5")
        .post(
            "/api/platform/account/register-key",
            Access::Known,
            "登记公钥: the key passwords are shown under (extension)",
            account_key::register,
        )
        .post(
            "/api/platform/account/unregister-key",
            Access::Known,
            "注销公钥: take one's key off (extension)",
            account_key::unregister,
        )
}

fn assets() -> Table<Tsac> {
    use Permission::{AssetRead as Read, AssetWrite as Write};
    Table::new()
        .post("/api/platform/asset/create", Write, "创建资产: create an asset", asset::create)
        .created()
        .clause("6.2.13.1")
        .post("/api/platform/asset/delete", Write, "删除资产: delete an asset", asset::delete)
        .clause("6.2.13.2")
        .post("/api/platform/asset/update", Write, "更新资产: change an asset", asset::update)
        .clause("6.2.13.3")
        .post("/api/platform/asset/query", Read, "查询资产: show an asset", asset::query)
        .clause("6.2.13.4")
        .post("/api/platform/asset/list", Read, "查询资产列表: list assets", asset::list)
        .clause("6.2.13.5")
}

fn files() -> Table<Tsac> {
    use Permission::{FileRead as Read, FileWrite as Write};
    Table::new()
        .multipart("/api/platform/file/create", Write, "创建文件: upload a file", "file", file::create)
        .created()
        .clause("6.2.14.1")
        .post("/api/platform/file/delete", Write, "删除文件: delete a file", file::delete)
        .clause("6.2.14.2")
        .multipart_without("/api/platform/file/update", Write, "更新文件: change a file", "file", file::update)
        .clause("6.2.14.3")
        .post("/api/platform/file/query", Read, "查询文件: show a file", file::query)
        .clause("6.2.14.4")
        .post("/api/platform/file/list", Read, "查询文件列表: list files", file::list)
        .clause("6.2.14.5")
        .post("/api/platform/file/version/list", Read, "文件版本: list versions (extension)", file_version::list)
}

fn folders() -> Table<Tsac> {
    use Permission::{FileRead as Read, FileWrite as Write};
    Table::new()
        .post("/api/platform/folder/create", Write, "创建文件夹: create a folder (extension)", folder::create)
        .created()
        .post("/api/platform/folder/rename", Write, "重命名文件夹: rename a folder (extension)", folder::rename)
        .post("/api/platform/folder/move", Write, "移动文件夹: move a folder (extension)", folder::move_into)
        .post("/api/platform/folder/delete", Write, "删除文件夹: delete a folder (extension)", folder::delete)
        .post("/api/platform/folder/list", Read, "查询文件夹列表: list folders (extension)", folder::list)
}

/// What may be used: licenses and who sits on their seats.
fn licenses() -> Table<Tsac> {
    Table::new()
        .post("/api/platform/license/info", Permission::LicenseRead, "查询许可: what may be used", license::info)
        .clause("6.2.16")
        .post(
            "/api/platform/license/import",
            Permission::LicenseWrite,
            "导入许可: take over a signed file (extension)",
            license::import,
        )
        .created()
        .post(
            "/api/platform/license/allocate",
            Permission::LicenseWrite,
            "分配许可: give a seat (extension)",
            license::allocate,
        )
        .post(
            "/api/platform/license/reclaim",
            Permission::LicenseWrite,
            "回收许可: take a seat back (extension)",
            license::reclaim,
        )
        .post(
            "/api/platform/license/seat/list",
            Permission::LicenseRead,
            "查询许可席位: who has seats (extension)",
            license::seats,
        )
}

/// Who is told what, and who did what.
fn watching() -> Table<Tsac> {
    Table::new()
        .post(
            "/api/platform/warn-channel/create",
            Permission::WarnWrite,
            "创建通知渠道: where to be told (extension)",
            warn_channel::create,
        )
        .created()
        .post(
            "/api/platform/warn-channel/update",
            Permission::WarnWrite,
            "更新通知渠道: change a channel (extension)",
            warn_channel::update,
        )
        .post(
            "/api/platform/warn-channel/delete",
            Permission::WarnWrite,
            "删除通知渠道: delete a channel (extension)",
            warn_channel::delete,
        )
        .post(
            "/api/platform/warn-channel/query",
            Permission::WarnRead,
            "查询通知渠道: show a channel (extension)",
            warn_channel::query,
        )
        .post(
            "/api/platform/warn-channel/list",
            Permission::WarnRead,
            "查询通知渠道列表: list channels (extension)",
            warn_channel::list,
        )
        .post(
            "/api/platform/warn-channel/test",
            Permission::WarnWrite,
            "测试通知渠道: send a message over it (extension)",
            warn_channel::test,
        )
        .post(
            "/api/platform/notice/list",
            Permission::WarnRead,
            "查询通知列表: what was told, and what could not be (extension)",
            notice::list,
        )
        .post(
            "/api/platform/audit/list",
            Permission::AuditRead,
            "查询审计日志: who changed what (extension)",
            audit::list,
        )
}

//! The robot's own interface: clause 6.3 of T/TSAC 002-2025. This page lists its operations; one file per resource holds their
//! wire types and the few lines that carry them to [`crate::own`].

mod dialect;
mod file;
mod license;
mod machine;
mod package;
mod process;
mod robot;
mod task;
mod task_log;
mod trigger;
mod video;
mod wire;

use baigong_api_kit::{Access::Known, Table};

pub use dialect::RobotTsac;
pub(crate) use dialect::Served;

/// The operations, in the order of the standard.
#[must_use]
pub fn table() -> Table<RobotTsac> {
    itself().join(packages()).join(tasks()).join(trigger::operations()).join(files()).join(records())
}

/// The robot and its machine.
fn itself() -> Table<RobotTsac> {
    Table::new()
        .public("/api/robot/authenticate", "机器人认证: a token for the robot's secret", robot::authenticate)
        .clause("6.3.1.1")
        .public("/api/robot/public-key", "公钥: the key passwords travel under (extension)", robot::public_key)
        .post("/api/robot/start", Known, "启动机器人: take tasks", robot::start)
        .clause("6.3.1.2")
        .post("/api/robot/stop", Known, "停止机器人: take no more tasks; those that run go on", robot::stop)
        .clause("6.3.1.3")
        .post("/api/robot/config", Known, "设置机器人: set the robot up", robot::config)
        .clause("6.3.1.4")
        .post("/api/robot/query", Known, "查询机器人: how the robot is", robot::query)
        .clause("6.3.1.5")
        .post("/api/robot/machine/query", Known, "查询服务器信息: what the machine does", machine::query)
        .clause("6.3.2")
}

/// What is run: packages and processes.
fn packages() -> Table<RobotTsac> {
    Table::new()
        .multipart(
            "/api/robot/package/create",
            Known,
            "创建流程包: bring a package version",
            "package",
            package::create,
        )
        .created()
        .clause("6.3.3.1")
        .post("/api/robot/package/delete", Known, "删除流程包: delete a version", package::delete)
        .clause("6.3.3.2")
        .post("/api/robot/package/query", Known, "查询流程包列表: list versions", package::query)
        .clause("6.3.3.3")
        .post("/api/robot/process/create", Known, "创建流程: make a process", process::create)
        .created()
        .clause("6.3.4.1")
        .post(
            "/api/robot/process/activate-package-version",
            Known,
            "流程激活流程包版本: choose the version a process runs",
            process::activate,
        )
        .clause("6.3.4.2")
        .post("/api/robot/process/delete", Known, "删除流程: delete a process", process::delete)
        .clause("6.3.4.3")
        .post("/api/robot/process/update", Known, "更新流程: change a process", process::update)
        .clause("6.3.4.4")
        .post("/api/robot/process/list", Known, "查询流程列表: list processes", process::list)
        .clause("6.3.4.5")
        .post("/api/platform/process/list", Known, "查询流程列表: the same, at the path that is printed", process::list)
        .clause("6.3.4.5")
}

/// Runs of processes, this robot's own and those of its platform.
fn tasks() -> Table<RobotTsac> {
    Table::new()
        .post("/api/robot/task/create", Known, "启动任务: start tasks", task::create)
        .created()
        .clause("6.3.5.1")
        .post("/api/robot/task/cancel", Known, "取消任务: cancel a task", task::cancel)
        .clause("6.3.5.2")
        .post("/api/robot/task/pause", Known, "暂停任务: pause a task", task::pause)
        .clause("6.3.5.3")
        .post("/api/robot/task/resume", Known, "继续任务: let a paused task go on", task::resume)
        .clause("6.3.5.4")
        .post("/api/robot/task/query", Known, "查询任务: show a task", task::query)
        .clause("6.3.5.5")
        .post("/api/robot/task/list", Known, "查询任务列表: list tasks", task::list)
        .clause("6.3.5.6")
}

/// Files in the robot's folder.
fn files() -> Table<RobotTsac> {
    Table::new()
        .multipart("/api/robot/file/create", Known, "创建文件: bring a file", "file", file::create)
        .created()
        .clause("6.3.6.1")
        .post("/api/robot/file/delete", Known, "删除文件: delete a file", file::delete)
        .clause("6.3.6.2")
        .multipart_without("/api/robot/file/update", Known, "更新文件: change a file", "file", file::update)
        .clause("6.3.6.3")
        .post("/api/robot/file/query", Known, "查询文件: show a file", file::query)
        .clause("6.3.6.4")
        .post("/api/robot/file/list", Known, "查询文件列表: list files", file::list)
        .clause("6.3.6.5")
}

/// What runs leave behind, and what may be used.
fn records() -> Table<RobotTsac> {
    Table::new()
        .post("/api/robot/task-log/query", Known, "查询任务日志: read a task's log", task_log::query)
        .clause("6.3.7.1")
        .post("/api/robot/video/query", Known, "查询任务录屏: a task's recordings", video::query)
        .clause("6.3.7.2")
        .post("/api/robot/license/info", Known, "查询许可: what may be used", license::info)
        .clause("6.3.8")
}

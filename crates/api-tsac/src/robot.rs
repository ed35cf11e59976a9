//! 机器人 (6.2.10.1 to 6.2.10.5): the robots.

use baigong_core::{Platform, robots};
use baigong_model::{Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{self, HIDDEN, ListQuery},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotCreate {
    /// 部门 ID
    dep_id: i64,
    /// 机器人名称
    robot_name: String,
    /// 机器人类型: 0-后台机器人 1-前台机器人; 2 (extension) a designer, which runs no tasks
    #[schemars(range(min = 0, max = 2))]
    robot_type: i64,
    /// 机器 ID
    machine_id: i64,
    /// 计算机名
    machine_name: String,
    /// 计算机用户名
    machine_username: String,
    /// 计算机用户密码（密文）
    machine_password: Option<Secret<String>>,
    /// 备注
    remark: Option<String>,
    /// 远程连接方式: 0-console 1-RDP/VNC
    #[schemars(range(min = 0, max = 1))]
    desktop_type: Option<i64>,
    /// 分辨率宽度
    #[schemars(range(min = 1, max = 16_384))]
    resolution_width: Option<i64>,
    /// 分辨率高度
    #[schemars(range(min = 1, max = 16_384))]
    resolution_height: Option<i64>,
    /// 分辨率深度
    #[schemars(range(min = 1, max = 64))]
    resolution_depth: Option<i64>,
    /// 是否开启屏幕自动解锁
    is_auto_unlock_enabled: Option<bool>,
    /// 日志等级: trace, debug, info, warn, error
    log_level: Option<String>,
    /// 最大并行任务数 (extension): how many tasks it runs at once
    max_tasks: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotCreated {
    /// 机器人 ID
    robot_id: i64,
    /// 机器人密钥 (extension): what its agent connects with; shown this once
    robot_secret: String,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: RobotCreate) -> Result<RobotCreated> {
    let new = robots::NewRobot {
        department_id: body.dep_id,
        name: body.robot_name,
        robot_type: body.robot_type,
        machine_id: body.machine_id,
        machine_name: body.machine_name,
        machine_username: body.machine_username,
        machine_password: body.machine_password,
        remark: body.remark,
        desktop_type: body.desktop_type,
        resolution_width: body.resolution_width,
        resolution_height: body.resolution_height,
        resolution_depth: body.resolution_depth,
        is_auto_unlock_enabled: body.is_auto_unlock_enabled,
        log_level: wire::log_level(body.log_level.as_deref())?,
        max_tasks: body.max_tasks,
    };
    let created = robots::create(&platform, &caller, new).await?;
    Ok(RobotCreated { robot_id: created.id, robot_secret: created.secret.expose().clone() })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotQuery {
    /// 机器人 ID
    robot_id: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotDetail {
    /// 机器人名称
    robot_name: String,
    /// 机器人类型: 0-后台机器人 1-前台机器人
    robot_type: i32,
    /// 部门 ID
    dep_id: i64,
    /// 机器 ID
    machine_id: i64,
    /// 计算机名
    machine_name: String,
    /// 计算机用户名
    machine_username: String,
    /// 计算机用户密码: ****** where one is set
    machine_password: &'static str,
    /// 备注
    remark: String,
    /// 远程连接方式: 0-console 1-RDP/VNC
    desktop_type: i32,
    /// 分辨率宽度
    resolution_width: i32,
    /// 分辨率高度
    resolution_height: i32,
    /// 分辨率深度
    resolution_depth: i32,
    /// 机器人在线时长: hours:minutes:seconds since it connected
    robot_online_time: String,
    /// 机器人安装路径
    robot_install_path: String,
    /// 机器人安装日期, yyyy-MM-dd HH:mm:ss; "" until it has connected
    robot_install_date: String,
    /// 机器人版本
    robot_version: String,
    /// 是否开启屏幕自动解锁
    is_auto_unlock_enabled: bool,
    /// 日志等级
    log_level: String,
    /// 机器人状态: 0-空闲 1-运行 2-离线
    robot_status: i32,
    /// 是否删除
    is_deleted: bool,
    /// 最大并行任务数 (extension)
    max_tasks: i32,
    /// 服务状态 (extension): started, paused, stopped
    service_state: String,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: RobotQuery) -> Result<RobotDetail> {
    let details = robots::query(&platform, &caller, body.robot_id).await?;
    let robot = details.robot;
    Ok(RobotDetail {
        robot_name: robot.name,
        robot_type: robot.robot_type,
        dep_id: robot.department_id,
        machine_id: robot.machine_id,
        machine_name: robot.machine_name,
        machine_username: robot.machine_username,
        machine_password: if details.has_machine_password { HIDDEN } else { "" },
        remark: robot.remark.unwrap_or_default(),
        desktop_type: robot.desktop_type,
        resolution_width: robot.resolution_width,
        resolution_height: robot.resolution_height,
        resolution_depth: robot.resolution_depth,
        robot_online_time: wire::duration(details.online_since.map_or(0, |since| platform.now() - since)),
        robot_install_path: robot.install_path.unwrap_or_default(),
        robot_install_date: wire::time_or_empty(&platform, robot.installed_at),
        robot_version: robot.agent_version.unwrap_or_default(),
        is_auto_unlock_enabled: robot.is_auto_unlock_enabled,
        log_level: robot.log_level,
        robot_status: details.state.number(),
        is_deleted: robot.deleted_at.is_some(),
        max_tasks: robot.max_tasks,
        service_state: robot.service_state,
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotListQuery {
    #[serde(flatten)]
    rows: ListQuery,
    /// 流程 ID: the robots that may run this process
    process_id: Option<i64>,
    /// 调度 ID: the robots that this trigger uses
    trigger_id: Option<i64>,
    /// 机器人状态: 0-空闲 1-运行 2-离线
    #[schemars(range(min = 0, max = 2))]
    robot_status: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct RobotList {
    /// 机器人列表
    robots: Vec<Robot>,
    /// 总数 (extension)
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Robot {
    /// 机器人 ID
    robot_id: i64,
    /// 部门 ID
    dep_id: i64,
    /// 机器人类型: 0-后台机器人 1-前台机器人
    robot_type: i32,
    /// 机器人名
    robot_name: String,
    /// 设备 ID: printed as text here
    machine_id: String,
    /// 备注
    remark: String,
    /// 是否删除
    is_deleted: bool,
    /// 机器人状态 (extension): 0-空闲 1-运行 2-离线
    robot_status: i32,
    /// 服务状态 (extension): started, paused, stopped
    service_state: &'static str,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: RobotListQuery) -> Result<RobotList> {
    let filter = robots::Filter {
        list: body.rows.input()?,
        state: body.robot_status,
        process_id: body.process_id,
        trigger_id: body.trigger_id,
        studios: false,
    };
    let page = robots::list(&platform, &caller, &filter).await?.map(|robots::ListedRobot { robot, state }| Robot {
        robot_id: robot.id,
        dep_id: robot.department_id,
        robot_type: robot.robot_type,
        robot_name: robot.name,
        machine_id: robot.machine_id.to_string(),
        remark: robot.remark.unwrap_or_default(),
        is_deleted: robot.deleted_at.is_some(),
        robot_status: state.number(),
        service_state: robot.service.as_str(),
    });
    Ok(RobotList { robots: page.rows, total: page.total })
}

//! 机器人 (6.3.1): who may call it, whether it takes tasks, how it is set up.

use baigong_api_kit::{Nothing, Origin};
use baigong_model::{Error, Result, Secret};
use baigong_tsac_kit::wire::{HIDDEN, duration, log_level};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    dialect::{Caller, Served},
    wire,
};
use crate::{
    own::{access, configuration},
    robot::Robot,
};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Authenticate {
    /// 机器人的 secret 密钥
    secret: Secret<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Token {
    /// 字符令牌
    token: String,
    /// token 过期时间, yyyy-MM-dd HH:mm:ss: half an hour after its last use
    expiration_time: String,
}

pub(crate) async fn authenticate(Served(robot): Served, origin: Origin, body: Authenticate) -> Result<Token> {
    let granted = access::authenticate(&robot, origin.address, &body.secret).await?;
    Ok(Token { token: granted.token.expose().clone(), expiration_time: wire::time(&robot, granted.until) })
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublicKey {
    /// 密钥编号: changes with every start of the robot
    kid: String,
    /// 算法: SM2
    alg: &'static str,
    /// 公钥: 04‖x‖y in hexadecimal
    public_key: String,
}

pub(crate) async fn public_key(Served(robot): Served, _: Origin, _: Nothing) -> Result<PublicKey> {
    Ok(PublicKey { kid: robot.key.id().into(), alg: "SM2", public_key: robot.key.public().into() })
}

pub(crate) async fn start(Served(robot): Served, _: Caller, _: Nothing) -> Result<Nothing> {
    configuration::accept(&robot, true).await.map(|()| Nothing {})
}

pub(crate) async fn stop(Served(robot): Served, _: Caller, _: Nothing) -> Result<Nothing> {
    configuration::accept(&robot, false).await.map(|()| Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Config {
    /// 机器人配置信息
    robot_config: RobotConfig,
}

/// What is absent stays as it is.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RobotConfig {
    /// 计算机名
    machine_name: Option<String>,
    /// 计算机用户名
    machine_username: Option<String>,
    /// 计算机用户密码（密文）: "" takes it off
    machine_password: Option<Secret<String>>,
    /// 远程连接方式: 0-console 1-RDP/VNC
    desktop_type: Option<i64>,
    /// 分辨率宽度, of the display that runs get
    resolution_width: Option<i64>,
    /// 分辨率高度
    resolution_height: Option<i64>,
    /// 分辨率深度
    resolution_depth: Option<i64>,
    /// 是否开启屏幕自动解锁
    is_auto_unlock_enabled: Option<bool>,
    /// 日志等级: the finest that the robot's own tasks keep
    log_level: Option<String>,
}

pub(crate) async fn config(Served(robot): Served, _: Caller, body: Config) -> Result<Nothing> {
    let given = body.robot_config;
    let change = configuration::Change {
        machine_name: given.machine_name,
        machine_username: given.machine_username,
        // Whoever sends back the whole of what they read changes nothing.
        machine_password: given.machine_password.filter(|password| password.expose() != HIDDEN),
        desktop_type: given.desktop_type,
        resolution_width: given.resolution_width,
        resolution_height: given.resolution_height,
        resolution_depth: given.resolution_depth,
        is_auto_unlock_enabled: given.is_auto_unlock_enabled,
        log_level: log_level(given.log_level.as_deref())?,
    };
    configuration::change(&robot, change).await.map(|()| Nothing {})
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Queried {
    /// 机器人信息
    robot_info: RobotInfo,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RobotInfo {
    /// 计算机名
    machine_name: String,
    /// 计算机用户名
    machine_username: String,
    /// 计算机用户密码（密文）: ****** where there is one
    machine_password: &'static str,
    /// 远程连接方式: 0-console 1-RDP/VNC
    desktop_type: i32,
    /// 分辨率宽度
    resolution_width: u16,
    /// 分辨率高度
    resolution_height: u16,
    /// 分辨率深度
    resolution_depth: u8,
    /// 机器人在线时长: hours:minutes:seconds since the agent started
    robot_online_time: String,
    /// 机器人安装路径
    robot_install_path: String,
    /// 机器人安装日期, yyyy-MM-dd HH:mm:ss
    robot_install_date: String,
    /// 机器人版本
    robot_version: String,
    /// 是否开启屏幕自动解锁
    is_auto_unlock_enabled: bool,
    /// 日志等级
    log_level: &'static str,
    /// 机器人状态: 0-空闲 1-运行 2-离线 (it was stopped and takes no tasks)
    robot_status: i32,
    /// 是否接受任务 (extension)
    is_accepting_tasks: bool,
    /// 是否已连接管理平台 (extension)
    is_connected: bool,
    /// 不能运行任务的原因 (extension); "" where nothing hinders it
    cannot_run_because: String,
    /// 服务器缺少的能力 (extension): limits that the robot was told to keep and its machine cannot; empty where it keeps all
    machine_lacks: Vec<String>,
}

pub(crate) async fn query(Served(robot): Served, _: Caller, _: Nothing) -> Result<Queried> {
    let set = robot.own.configuration();
    let now = robot.options.clock.now();
    let program = std::env::current_exe().map_err(Error::internal)?;
    let folder = program.parent().map(|folder| folder.display().to_string());
    let screen = set.screen();
    Ok(Queried {
        robot_info: RobotInfo {
            machine_name: robot.machine_name(),
            machine_username: set.machine_username.unwrap_or_default(),
            machine_password: if set.machine_password.is_some() { HIDDEN } else { "" },
            desktop_type: set.desktop_type,
            resolution_width: screen.width,
            resolution_height: screen.height,
            resolution_depth: screen.depth,
            robot_online_time: duration(now - robot.started_at),
            robot_install_path: folder.unwrap_or_default(),
            robot_install_date: wire::time(&robot, robot.folder.installed_at),
            robot_version: robot.options.version.clone(),
            is_auto_unlock_enabled: set.is_auto_unlock_enabled,
            log_level: set.log_level.as_str(),
            robot_status: status(&robot),
            is_accepting_tasks: robot.desk.is_stopped().is_none(),
            is_connected: robot.link.is_up(),
            cannot_run_because: robot.cannot_start().unwrap_or_default(),
            machine_lacks: robot.means.missing().to_vec(),
        },
    })
}

fn status(robot: &Robot) -> i32 {
    match (robot.desk.is_busy(), robot.desk.is_stopped()) {
        (true, _) => 1,
        (false, Some(_)) => 2,
        (false, None) => 0,
    }
}

//! 机器人 (6.2.10.2, 6.2.10.3): changing and deleting robots.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, robots};
use baigong_model::{Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, wire};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotUpdate {
    /// 机器人 ID
    robot_id: i64,
    /// 机器人类型: 0-后台机器人 1-前台机器人
    #[schemars(range(min = 0, max = 1))]
    robot_type: Option<i64>,
    /// 机器人名称
    robot_name: Option<String>,
    /// 计算机名
    machine_name: Option<String>,
    /// 计算机用户名
    machine_username: Option<String>,
    /// 计算机用户密码（密文）: ****** and "" leave the one there is
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
    /// 日志等级: trace, debug, info, warn, error; from the next task on
    log_level: Option<String>,
    /// 最大并行任务数 (extension): how many tasks it runs at once
    max_tasks: Option<i64>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: RobotUpdate) -> Result<Nothing> {
    let change = robots::Change {
        name: body.robot_name,
        robot_type: body.robot_type,
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
    robots::update(&platform, &caller, body.robot_id, change).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotDelete {
    /// 机器人 ID
    robot_id: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotDeleted {
    /// 受影响调度 ID 组
    affected_trigger_ids: Vec<i64>,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: RobotDelete) -> Result<RobotDeleted> {
    Ok(RobotDeleted { affected_trigger_ids: robots::delete(&platform, &caller, body.robot_id).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotResetSecret {
    /// 机器人 ID
    robot_id: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotSecretReset {
    /// 机器人密钥: what its agent connects with from now on; shown this once
    robot_secret: String,
}

pub(crate) async fn reset_secret(
    platform: Platform,
    caller: Caller,
    body: RobotResetSecret,
) -> Result<RobotSecretReset> {
    let secret = robots::reset_secret(&platform, &caller, body.robot_id).await?;
    Ok(RobotSecretReset { robot_secret: secret.expose().clone() })
}

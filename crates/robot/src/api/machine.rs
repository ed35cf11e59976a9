//! 服务器 (6.3.2): the machine the robot runs on.

use baigong_model::Result;
use baigong_tsac_kit::ResourceInfo;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dialect::{Caller, Served};
use crate::machine;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MachineQuery {
    /// 资源信息类型: machineName, ip, cpu, disk, memory, systemVersion (or systemversion); all when absent or empty
    #[serde(default)]
    resource_types: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MachineDetail {
    /// 服务资源信息
    resource_info: ResourceInfo,
}

pub(crate) async fn query(Served(robot): Served, _: Caller, body: MachineQuery) -> Result<MachineDetail> {
    let doing = machine::read_now().await.unwrap_or_default();
    let (name, ip, system) = (robot.machine_name(), machine::address(), machine::system());
    Ok(MachineDetail { resource_info: ResourceInfo::of(&name, &ip, &system, &doing, &body.resource_types)? })
}

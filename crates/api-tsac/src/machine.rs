//! 服务器 (6.2.9): the machines that robots run on.

use baigong_core::{Platform, machines};
use baigong_model::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Caller;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MachineCreate {
    /// 计算机名
    machine_name: String,
    /// 备注
    remark: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MachineCreated {
    /// 机器 ID
    machine_id: i64,
}

pub(crate) async fn create(platform: Platform, caller: Caller, body: MachineCreate) -> Result<MachineCreated> {
    let new = machines::NewMachine { name: body.machine_name, remark: body.remark };
    Ok(MachineCreated { machine_id: machines::create(&platform, &caller, new).await? })
}

//! 服务器 (6.2.9): the machines that robots run on.

use baigong_api_kit::Nothing;
use baigong_core::{Platform, lists::ListInput, machines};
use baigong_model::{Page, Result};
use baigong_tsac_kit::ResourceInfo;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, wire};

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

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MachineDelete {
    /// 机器 ID
    machine_id: i64,
}

pub(crate) async fn delete(platform: Platform, caller: Caller, body: MachineDelete) -> Result<Nothing> {
    machines::delete(&platform, &caller, body.machine_id).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MachineUpdate {
    /// 机器 ID
    machine_id: i64,
    /// 计算机名
    machine_name: Option<String>,
    /// 备注
    remark: Option<String>,
}

pub(crate) async fn update(platform: Platform, caller: Caller, body: MachineUpdate) -> Result<Nothing> {
    machines::update(&platform, &caller, body.machine_id, body.machine_name, body.remark).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MachineQuery {
    /// 机器 ID
    machine_id: i64,
    /// 资源信息类型: machineName, ip, cpu, disk, memory, systemVersion (or systemversion); all when absent or empty
    #[serde(default)]
    resource_types: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MachineDetail {
    /// 服务资源信息
    resource_info: ResourceInfo,
    /// 是否删除
    is_deleted: bool,
    /// 备注 (extension)
    remark: String,
    /// 采集时间 (extension): when a robot last told of it, yyyy-MM-dd HH:mm:ss; "" until one has
    read_time: String,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: MachineQuery) -> Result<MachineDetail> {
    let found = machines::query(&platform, &caller, body.machine_id).await?;
    let reading = found.reading.unwrap_or_default();
    Ok(MachineDetail {
        read_time: wire::time_or_empty(&platform, Some(reading.at).filter(|at| *at > 0)),
        resource_info: ResourceInfo::of(
            &found.machine.name,
            &reading.ip,
            &reading.system,
            &reading.doing,
            &body.resource_types,
        )?,
        is_deleted: found.machine.deleted_at.is_some(),
        remark: found.machine.remark.unwrap_or_default(),
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MachineListQuery {
    /// 页码, from 1
    #[schemars(range(min = 1))]
    page_num: Option<i64>,
    /// 每页条目数, 1 to 1000, 100 when absent
    #[schemars(range(min = 1, max = 1000))]
    page_size: Option<i64>,
    /// 关键字 (extension): a part of the name
    keyword: Option<String>,
    /// 是否包含已删除 (extension): deleted rows too
    include_deleted: Option<bool>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct MachineList {
    /// 服务器列表
    machines: Vec<Machine>,
    /// 总数 (extension)
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Machine {
    /// 机器 ID
    machine_id: i64,
    /// 备注
    remark: String,
    /// 是否删除
    is_deleted: bool,
    /// 计算机名 (extension)
    machine_name: String,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: MachineListQuery) -> Result<MachineList> {
    let input = ListInput {
        department_id: None,
        keyword: body.keyword,
        include_deleted: body.include_deleted.unwrap_or(false),
        page: Page::new(body.page_num, body.page_size)?,
    };
    let page = machines::list(&platform, &caller, &input).await?.map(|row| Machine {
        machine_id: row.id,
        machine_name: row.name,
        remark: row.remark.unwrap_or_default(),
        is_deleted: row.deleted_at.is_some(),
    });
    Ok(MachineList { machines: page.rows, total: page.total })
}

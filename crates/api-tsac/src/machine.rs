//! 服务器 (6.2.9): the machines that robots run on.

use baigong_api_kit::Nothing;
use baigong_core::{
    Platform,
    lists::ListInput,
    machines::{self, Reading, Space},
};
use baigong_model::{Error, Page, Result};
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

/// What is not known or was not asked for is "".
#[derive(Serialize, JsonSchema, Default)]
#[serde(rename_all = "camelCase")]
struct ResourceInfo {
    /// 计算机名
    machine_name: String,
    /// 机器 IP 地址
    ip: String,
    /// CPU 使用率: 37.5%
    cpu: String,
    /// 磁盘空间大小和使用率: / 50.0 GiB, 42.1%; with "; " between disks
    disk: String,
    /// 内存大小和使用率: 16.0 GiB, 42.1%
    memory: String,
    /// 操作系统版本
    system_version: String,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: MachineQuery) -> Result<MachineDetail> {
    let found = machines::query(&platform, &caller, body.machine_id).await?;
    let reading = found.reading.unwrap_or_default();
    Ok(MachineDetail {
        read_time: wire::time_or_empty(&platform, Some(reading.at).filter(|at| *at > 0)),
        resource_info: resource_info(found.machine.name, reading, &body.resource_types)?,
        is_deleted: found.machine.deleted_at.is_some(),
        remark: found.machine.remark.unwrap_or_default(),
    })
}

fn resource_info(name: String, reading: Reading, types: &[String]) -> Result<ResourceInfo> {
    let mut info = ResourceInfo::default();
    let doing = reading.doing;
    let disks = doing.disks.iter().map(|disk| format!("{} {}", disk.name, space(disk.space)));
    let all = [
        ("machineName", &mut info.machine_name, name),
        ("ip", &mut info.ip, reading.ip),
        ("cpu", &mut info.cpu, doing.cpu_permille.map(|busy| percent(u64::from(busy))).unwrap_or_default()),
        ("disk", &mut info.disk, disks.collect::<Vec<_>>().join("; ")),
        ("memory", &mut info.memory, doing.memory.map(space).unwrap_or_default()),
        ("systemVersion", &mut info.system_version, reading.system),
    ];
    let is = |wanted: &str, word: &str| wanted == word || (wanted == "systemversion" && word == "systemVersion");
    if let Some(unknown) = types.iter().find(|wanted| !all.iter().any(|(word, ..)| is(wanted, word))) {
        return Err(Error::invalid("resourceTypes", format!("\"{unknown}\" is not a type of resource information")));
    }
    for (word, field, value) in all {
        if types.is_empty() || types.iter().any(|wanted| is(wanted, word)) {
            *field = value;
        }
    }
    Ok(info)
}

/// `16.0 GiB, 42.1%`.
fn space(space: Space) -> String {
    let tenths = u128::from(space.total) * 10 / (1 << 30);
    let used = if space.total == 0 { 0 } else { u128::from(space.used) * 1000 / u128::from(space.total) };
    format!("{}.{} GiB, {}", tenths / 10, tenths % 10, percent(u64::try_from(used).unwrap_or(1000)))
}

fn percent(permille: u64) -> String {
    format!("{}.{}%", permille / 10, permille % 10)
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MachineListQuery {
    /// 页码, from 1
    page_num: Option<i64>,
    /// 每页条目数, 1 to 1000, 100 when absent
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

#[cfg(test)]
mod tests {
    use baigong_core::machines::{Disk, MachineReading};

    use super::*;

    fn reading() -> Reading {
        let room = Space { total: 50 << 30, used: 25 << 30 };
        let disks = ["/", "/data"].map(|name| Disk { name: name.into(), space: room });
        let memory = Some(Space { total: (16 << 30) + (1 << 29), used: 1 << 30 });
        let doing = MachineReading { cpu_permille: Some(375), memory, disks: disks.into() };
        Reading { at: 1, host_name: "h".into(), ip: "10.0.0.8".into(), system: "Debian 12".into(), doing }
    }

    #[test]
    fn what_is_known_is_told_with_its_units() {
        let info = resource_info("PC-01".into(), reading(), &[]).unwrap();
        assert_eq!((info.machine_name.as_str(), info.ip.as_str(), info.cpu.as_str()), ("PC-01", "10.0.0.8", "37.5%"));
        assert_eq!(info.memory, "16.5 GiB, 6.0%");
        assert_eq!(info.disk, "/ 50.0 GiB, 50.0%; /data 50.0 GiB, 50.0%");
        assert_eq!(info.system_version, "Debian 12");
        let nothing = resource_info("PC-01".into(), Reading::default(), &[]).unwrap();
        assert_eq!((nothing.cpu.as_str(), nothing.disk.as_str(), nothing.memory.as_str()), ("", "", ""));
        assert_eq!(space(Space::default()), "0.0 GiB, 0.0%");
    }

    #[test]
    fn only_what_is_asked_for_is_told_in_either_spelling() {
        for word in ["systemversion", "systemVersion"] {
            let info = resource_info("PC-01".into(), reading(), &[word.into(), "cpu".into()]).unwrap();
            assert_eq!((info.system_version.as_str(), info.cpu.as_str()), ("Debian 12", "37.5%"));
            assert_eq!((info.machine_name.as_str(), info.memory.as_str()), ("", ""));
        }
        assert!(resource_info("PC-01".into(), reading(), &["CPU".into()]).is_err());
    }
}

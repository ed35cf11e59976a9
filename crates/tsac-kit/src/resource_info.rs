//! What a machine is and does (6.2.9.4, 6.3.2), in words with units.

use baigong_model::{Error, Result};
use baigong_protocol::{MachineReading, Space};
use schemars::JsonSchema;
use serde::Serialize;

/// What is not known or was not asked for is "".
#[derive(Serialize, JsonSchema, Default)]
#[serde(rename_all = "camelCase")]
pub struct ResourceInfo {
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

impl ResourceInfo {
    /// The fields that `types` asks for, all of them when it asks for none.
    pub fn of(name: &str, ip: &str, system: &str, doing: &MachineReading, types: &[String]) -> Result<Self> {
        let mut info = Self::default();
        let disks = doing.disks.iter().map(|disk| format!("{} {}", disk.name, space(disk.space)));
        let all = [
            ("machineName", &mut info.machine_name, name.to_owned()),
            ("ip", &mut info.ip, ip.to_owned()),
            ("cpu", &mut info.cpu, doing.cpu_permille.map(|busy| percent(u64::from(busy))).unwrap_or_default()),
            ("disk", &mut info.disk, disks.collect::<Vec<_>>().join("; ")),
            ("memory", &mut info.memory, doing.memory.map(space).unwrap_or_default()),
            ("systemVersion", &mut info.system_version, system.to_owned()),
        ];
        let is = |wanted: &str, word: &str| wanted == word || (wanted == "systemversion" && word == "systemVersion");
        if let Some(unknown) = types.iter().find(|wanted| !all.iter().any(|(word, ..)| is(wanted, word))) {
            return Err(Error::invalid(
                "resourceTypes",
                format!("\"{unknown}\" is not a type of resource information"),
            ));
        }
        for (word, field, value) in all {
            if types.is_empty() || types.iter().any(|wanted| is(wanted, word)) {
                *field = value;
            }
        }
        Ok(info)
    }
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

#[cfg(test)]
mod tests {
    use baigong_protocol::Disk;

    use super::*;

    fn of(doing: &MachineReading, types: &[String]) -> Result<ResourceInfo> {
        ResourceInfo::of("PC-01", "10.0.0.8", "Debian 12", doing, types)
    }

    fn doing() -> MachineReading {
        let room = Space { total: 50 << 30, used: 25 << 30 };
        let disks = ["/", "/data"].map(|name| Disk { name: name.into(), space: room });
        let memory = Some(Space { total: (16 << 30) + (1 << 29), used: 1 << 30 });
        MachineReading { cpu_permille: Some(375), memory, disks: disks.into() }
    }

    #[test]
    fn what_is_known_is_told_with_its_units() {
        let info = of(&doing(), &[]).unwrap();
        assert_eq!((info.machine_name.as_str(), info.ip.as_str(), info.cpu.as_str()), ("PC-01", "10.0.0.8", "37.5%"));
        assert_eq!(info.memory, "16.5 GiB, 6.0%");
        assert_eq!(info.disk, "/ 50.0 GiB, 50.0%; /data 50.0 GiB, 50.0%");
        assert_eq!(info.system_version, "Debian 12");
        let nothing = of(&MachineReading::default(), &[]).unwrap();
        assert_eq!((nothing.cpu.as_str(), nothing.disk.as_str(), nothing.memory.as_str()), ("", "", ""));
        assert_eq!(space(Space::default()), "0.0 GiB, 0.0%");
    }

    #[test]
    fn only_what_is_asked_for_is_told_in_either_spelling() {
        for word in ["systemversion", "systemVersion"] {
            let info = of(&doing(), &[word.into(), "cpu".into()]).unwrap();
            assert_eq!((info.system_version.as_str(), info.cpu.as_str()), ("Debian 12", "37.5%"));
            assert_eq!((info.machine_name.as_str(), info.memory.as_str()), ("", ""));
        }
        assert!(of(&doing(), &["CPU".into()]).is_err());
    }
}

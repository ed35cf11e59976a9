//! 许可 (6.2.16): what may be used, and how much of it is.

use baigong_api_kit::Nothing;
use baigong_core::{
    Platform,
    licenses::{self, Holder},
};
use baigong_model::{Page, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, wire};

/// A quantity without limit: clients calculate with it.
const UNLIMITED: i64 = i32::MAX as i64;

#[derive(Serialize, JsonSchema)]
pub(crate) struct LicenseInfo {
    /// 许可明细
    licenses: Vec<License>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct License {
    /// 许可类型: unattended, attended or designer
    #[serde(rename = "type")]
    kind: &'static str,
    /// 数量: 2147483647 without limit
    quantity: i64,
    /// 已使用数量
    #[serde(rename = "used_quantity")]
    used_quantity: i64,
    /// 许可到期时间, yyyy-MM-dd HH:mm:ss; 9999-12-31 23:59:59 where it never ends
    license_expiration_time: String,
    /// 许可生效时间 (extension), yyyy-MM-dd HH:mm:ss; "" where it always counted
    license_effective_time: String,
    /// 是否有效 (extension): whether it counts now
    is_valid: bool,
    /// 许可编号 (extension); "" of the community license
    serial: String,
    /// 许可对象 (extension): for whom it was issued
    customer: String,
}

pub(crate) async fn info(platform: Platform, caller: Caller, _: Nothing) -> Result<LicenseInfo> {
    let lines = licenses::info(&platform, &caller).await?;
    let license = |line: licenses::Line| License {
        kind: line.seat_type.as_str(),
        quantity: line.quantity.unwrap_or(UNLIMITED),
        used_quantity: line.used,
        license_expiration_time: match line.valid_until {
            Some(until) => wire::time(&platform, until),
            None => wire::NEVER.into(),
        },
        license_effective_time: wire::time_or_empty(&platform, line.valid_from),
        is_valid: line.is_valid,
        serial: line.serial.unwrap_or_default(),
        customer: line.customer.unwrap_or_default(),
    };
    Ok(LicenseInfo { licenses: lines.into_iter().map(license).collect() })
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct LicenseImport {
    /// 许可文件: the text of the signed file
    license: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LicenseImported {
    /// 许可 ID
    license_id: i64,
}

pub(crate) async fn import(platform: Platform, caller: Caller, body: LicenseImport) -> Result<LicenseImported> {
    Ok(LicenseImported { license_id: licenses::import(&platform, &caller, &body.license).await? })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SeatHolder {
    /// 机器人 ID; or a designer
    robot_id: Option<i64>,
    /// 设计器: a name for it; or a robot
    designer: Option<String>,
}

pub(crate) async fn allocate(platform: Platform, caller: Caller, body: SeatHolder) -> Result<Nothing> {
    licenses::allocate(&platform, &caller, Holder::of(body.robot_id, body.designer)?).await?;
    Ok(Nothing {})
}

pub(crate) async fn reclaim(platform: Platform, caller: Caller, body: SeatHolder) -> Result<Nothing> {
    licenses::reclaim(&platform, &caller, Holder::of(body.robot_id, body.designer)?).await?;
    Ok(Nothing {})
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SeatListQuery {
    /// 许可类型: unattended, attended or designer; all when absent
    #[serde(rename = "type")]
    kind: Option<String>,
    /// 页码, from 1
    #[schemars(range(min = 1))]
    page_num: Option<i64>,
    /// 每页条目数, 1 to 1000, 100 when absent
    #[schemars(range(min = 1, max = 1000))]
    page_size: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct SeatList {
    /// 席位列表, in the order in which they were given
    seats: Vec<Seat>,
    /// 总数
    total: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Seat {
    /// 许可类型
    #[serde(rename = "type")]
    kind: String,
    /// 使用者: robot:ID or designer:NAME
    holder: String,
    /// 机器人 ID; 0 of a designer
    robot_id: i64,
    /// 分配时间, yyyy-MM-dd HH:mm:ss
    allocated_time: String,
}

pub(crate) async fn seats(platform: Platform, caller: Caller, body: SeatListQuery) -> Result<SeatList> {
    let page = Page::new(body.page_num, body.page_size)?;
    let page = licenses::list(&platform, &caller, body.kind.as_deref(), page).await?.map(|seat| Seat {
        kind: seat.seat_type,
        holder: seat.holder,
        robot_id: seat.robot_id.unwrap_or(0),
        allocated_time: wire::time(&platform, seat.created_at),
    });
    Ok(SeatList { seats: page.rows, total: page.total })
}

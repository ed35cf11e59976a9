//! Lists of items, and one item.

use baigong_core::{
    Platform,
    queue_items::{self, ItemFilter},
};
use baigong_model::{Page, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shown::ShownItem;
use crate::{Caller, wire::parse_time};

/// Which items.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Which {
    /// 状态
    state: Option<String>,
    /// 关键字: a part of the data (unless it is secret), of the reference or of the reason
    keyword: Option<String>,
    /// 唯一标识
    reference: Option<String>,
    /// 创建时间起
    create_time_from: Option<String>,
    /// 创建时间止 (not included)
    create_time_to: Option<String>,
    /// 结束时间起
    end_time_from: Option<String>,
    /// 结束时间止 (not included)
    end_time_to: Option<String>,
    /// 筛选表达式, as Lucene writes it: state:failed AND amount:[100 TO 500] AND NOT payload.market:SH
    filter: Option<String>,
    /// 是否包含已删除
    include_deleted: Option<bool>,
}

impl Which {
    pub(super) fn filter(self, platform: &Platform) -> Result<ItemFilter> {
        let time = |field, text: &Option<String>| parse_time(platform, field, text.as_deref());
        Ok(ItemFilter {
            created: (time("createTimeFrom", &self.create_time_from)?, time("createTimeTo", &self.create_time_to)?),
            ended: (time("endTimeFrom", &self.end_time_from)?, time("endTimeTo", &self.end_time_to)?),
            state: self.state,
            keyword: self.keyword,
            reference: self.reference,
            expression: self.filter,
            include_deleted: self.include_deleted.unwrap_or(false),
            ..ItemFilter::default()
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemList {
    /// 数据队列 ID
    queue_id: i64,
    #[serde(flatten)]
    which: Which,
    /// 页码, from 1
    #[schemars(range(min = 1))]
    page_num: Option<i64>,
    /// 每页条目数, 1 to 1000, 100 when absent
    #[schemars(range(min = 1, max = 1000))]
    page_size: Option<i64>,
    /// 上一页最后一条的数据 ID: the page that follows it, instead of pageNum
    after_item_id: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Items {
    /// 数据列表: oldest first; with a state, in the order in which they would be taken
    items: Vec<ShownItem>,
    /// 总数
    total: u64,
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: ItemList) -> Result<Items> {
    let filter = body.which.filter(&platform)?;
    let page = Page::new(body.page_num, body.page_size)?;
    let page = queue_items::list(&platform, &caller, body.queue_id, &filter, page, body.after_item_id).await?;
    let items = page.rows.into_iter().map(|item| ShownItem::of(&platform, item)).collect::<Result<_>>()?;
    Ok(Items { items, total: page.total })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemQuery {
    /// 数据队列 ID
    queue_id: i64,
    /// 数据 ID
    item_id: i64,
}

pub(crate) async fn query(platform: Platform, caller: Caller, body: ItemQuery) -> Result<ShownItem> {
    let item = queue_items::query(&platform, &caller, body.queue_id, body.item_id).await?;
    ShownItem::of(&platform, item)
}

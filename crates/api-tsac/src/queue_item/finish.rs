//! The end of the work on items: on one, or on several at once.

use baigong_core::{
    Platform,
    queue_items::{self, Outcome},
};
use baigong_model::{Error, Result};
use baigong_tsac_kit::codes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Caller;

/// One item in the body itself, or several in `items`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finish {
    /// 数据队列 ID
    queue_id: i64,
    /// 数据 ID
    item_id: Option<i64>,
    /// 占用序号, as pop gave it
    fence: Option<i64>,
    /// 结果: success, businessFailure (the data is wrong, not tried again) or applicationFailure (tried again)
    outcome: Option<String>,
    /// 处理结果, with success: any JSON
    output: Option<Value>,
    /// 失败原因, with a failure
    reason: Option<String>,
    /// 多条数据: 1 to 1000, each ended for itself
    items: Option<Vec<End>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct End {
    /// 数据 ID
    item_id: i64,
    /// 占用序号
    fence: i64,
    /// 结果
    outcome: String,
    /// 处理结果
    output: Option<Value>,
    /// 失败原因
    reason: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finished {
    /// 状态: the state the item went to; "" where several were ended
    state: &'static str,
    /// 各条数据的结果, in the order of the request, where several were ended
    #[serde(skip_serializing_if = "Vec::is_empty")]
    results: Vec<Ended>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Ended {
    /// 数据 ID
    item_id: i64,
    /// 状态; "" where it was not ended
    state: &'static str,
    /// 错误: why it was not ended; "" where it was
    error: String,
}

pub(crate) async fn finish(platform: Platform, caller: Caller, body: Finish) -> Result<Finished> {
    let Some(items) = body.items else {
        let missing = |field| Error::invalid(field, "is needed, unless items are given");
        let end = End {
            item_id: body.item_id.ok_or_else(|| missing("itemId"))?,
            fence: body.fence.ok_or_else(|| missing("fence"))?,
            outcome: body.outcome.ok_or_else(|| missing("outcome"))?,
            output: body.output,
            reason: body.reason,
        };
        let grip = queue_items::Grip { queue_id: body.queue_id, item_id: end.item_id, fence: end.fence };
        let state = queue_items::finish(&platform, &caller, grip, outcome(end)?).await?;
        return Ok(Finished { state, results: Vec::new() });
    };
    let ids: Vec<i64> = items.iter().map(|end| end.item_id).collect();
    let ends = items.into_iter().map(|end| Ok((end.item_id, end.fence, outcome(end)?))).collect::<Result<_>>()?;
    let ended = queue_items::finish_all(&platform, &caller, body.queue_id, ends).await?;
    let shown = |(item_id, ended): (i64, Result<&'static str>)| match ended {
        Ok(state) => Ok(Ended { item_id, state, error: String::new() }),
        // A fault of ours is one of the whole call.
        Err(error @ (Error::Internal(_) | Error::Unavailable(_) | Error::LimitReached(_))) => Err(error),
        Err(error) => Ok(Ended { item_id, state: "", error: codes::said(error) }),
    };
    Ok(Finished { state: "", results: ids.into_iter().zip(ended).map(shown).collect::<Result<_>>()? })
}

fn outcome(end: End) -> Result<Outcome> {
    let reason = end.reason.unwrap_or_default();
    match end.outcome.as_str() {
        "success" => {
            let output = end.output.as_ref().map(serde_json::to_string).transpose();
            Ok(Outcome::Succeeded(output.map_err(Error::internal)?))
        }
        "businessFailure" => Ok(Outcome::BusinessFailure(reason)),
        "applicationFailure" => Ok(Outcome::ApplicationFailure(reason)),
        _ => Err(Error::invalid("outcome", "must be success, businessFailure or applicationFailure")),
    }
}

//! Ending the work on items. Only the holder with the latest fence may; a business failure is final, an application
//! failure goes back into the queue until the queue's attempts are used up. What ended goes on to the next queue, if the
//! queue names one, in the same transaction.

use std::{collections::HashMap, sync::Arc};

use baigong_model::{Error, Result};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{DatabaseTransaction as Tx, Value};

use super::{
    forward::{Onward, forward},
    secret::Vault,
};
use crate::{
    sql,
    write::{row_lock, source},
};

/// How the work ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Well, with an output (JSON).
    Succeeded(Option<String>),
    /// The data is wrong, and why.
    BusinessFailure(String),
    /// Something broke, and what.
    ApplicationFailure(String),
}

/// One item to end.
#[derive(Debug, Clone)]
pub struct Finish {
    /// The item.
    pub item_id: i64,
    /// The queue it must be in; none where the holder alone decides.
    pub queue_id: Option<i64>,
    /// Who took it: nobody else may end it.
    pub holder: Arc<str>,
    /// The fence it was taken with.
    pub fence: i64,
    /// How it ended.
    pub outcome: Outcome,
    /// Now.
    pub now: i64,
    /// For what secret items carry.
    pub vault: Arc<dyn Vault>,
}

struct Row {
    queue_id: i64,
    holder: Option<String>,
    state: String,
    fence: i64,
    attempts: i32,
    max_attempts: i32,
    is_secret: bool,
    on_success: Option<i64>,
    on_failure: Option<i64>,
}

impl Row {
    /// Where an item goes on to that ended so.
    fn onward(&self, state: &str) -> Option<i64> {
        match state {
            super::SUCCEEDED => self.on_success,
            super::BUSINESS_FAILED | super::FAILED => self.on_failure,
            _ => None,
        }
    }
}

/// Ends each item that its caller holds; answers the state it went to.
pub fn finish<'t>(tx: &'t Tx, requests: Arc<Vec<Finish>>) -> BoxFuture<'t, Result<Vec<Result<&'static str>>>> {
    async move {
        let mut rows = lock(tx, &requests).await?;
        let mut values: Vec<Value> = Vec::with_capacity(requests.len() * 5);
        let mut onward: Vec<Onward> = Vec::new();
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests.iter() {
            let Some(row) = rows.get_mut(&request.item_id) else {
                answers.push(Err(Error::not_found("queue item", request.item_id)));
                continue;
            };
            let answer = end(row, request);
            if let Ok(state) = answer {
                push_row(&mut values, request, state, row.is_secret);
                onward.extend(row.onward(state).map(|queue| (request.item_id, queue)));
            }
            answers.push(answer);
        }
        write(tx, values).await?;
        if let Some(any) = requests.first() {
            forward(tx, &onward, any.now, &any.vault).await?;
        }
        Ok(answers)
    }
    .boxed()
}

async fn lock(tx: &Tx, requests: &[Finish]) -> Result<HashMap<i64, Row>> {
    let mut ids: Vec<i64> = requests.iter().map(|request| request.item_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let lock = row_lock(tx, " FOR UPDATE OF i");
    let (source, ids) = source(tx, &[("id", "BIGINT")], ids.into_iter().map(Value::from).collect());
    let text = format!(
        "WITH v (id) AS ({source}) SELECT i.id, i.state, i.fence, i.attempts, q.max_attempts, i.queue_id, i.holder, i.is_secret,
         q.success_queue_id, q.failure_queue_id FROM queue_item i JOIN data_queue q ON q.id = i.queue_id
         WHERE i.id IN (SELECT id FROM v) ORDER BY i.id{lock}"
    );
    let rows = sql::rows(tx, &text, ids).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in &rows {
        let value = Row {
            state: sql::get(row, 1)?,
            fence: sql::get(row, 2)?,
            attempts: sql::get(row, 3)?,
            max_attempts: sql::get(row, 4)?,
            queue_id: sql::get(row, 5)?,
            holder: sql::get(row, 6)?,
            is_secret: sql::get(row, 7)?,
            on_success: sql::get(row, 8)?,
            on_failure: sql::get(row, 9)?,
        };
        found.insert(sql::get(row, 0)?, value);
    }
    Ok(found)
}

fn end(row: &mut Row, request: &Finish) -> Result<&'static str> {
    if request.queue_id.is_some_and(|queue| queue != row.queue_id) {
        return Err(Error::not_found("queue item", request.item_id));
    }
    let is_holder = row.holder.as_deref().is_none_or(|holder| holder == &*request.holder);
    if row.fence != request.fence || !is_holder {
        return Err(Error::StaleFence { given: request.fence, current: row.fence });
    }
    if row.state != super::RUNNING {
        return Err(Error::Conflict(format!("queue item {} is not held: it is {}", request.item_id, row.state)));
    }
    let state = match request.outcome {
        Outcome::Succeeded(_) => super::SUCCEEDED,
        Outcome::BusinessFailure(_) => super::BUSINESS_FAILED,
        Outcome::ApplicationFailure(_) if row.attempts < row.max_attempts => super::NEW,
        Outcome::ApplicationFailure(_) => super::FAILED,
    };
    row.state = state.to_owned();
    Ok(state)
}

fn push_row(values: &mut Vec<Value>, request: &Finish, state: &'static str, is_secret: bool) {
    let (output, reason) = match &request.outcome {
        Outcome::Succeeded(Some(output)) if is_secret => {
            (Some(request.vault.seal(request.item_id, "output", output)), None)
        }
        Outcome::Succeeded(output) => (output.clone(), None),
        Outcome::BusinessFailure(reason) | Outcome::ApplicationFailure(reason) => (None, Some(reason.as_str())),
    };
    let ended_at = (state != super::NEW).then_some(request.now);
    values.extend([request.item_id.into(), state.into(), output.into(), reason.into(), ended_at.into()]);
}

async fn write(tx: &Tx, values: Vec<Value>) -> Result<()> {
    if values.is_empty() {
        return Ok(());
    }
    let columns = [("id", "BIGINT"), ("state", "TEXT"), ("output", "TEXT"), ("reason", "TEXT"), ("ended_at", "BIGINT")];
    let (source, values) = source(tx, &columns, values);
    let text = format!(
        "WITH v (id, state, output, reason, ended_at) AS ({source}) UPDATE queue_item SET state = v.state, output = v.output,
         reason = v.reason, ended_at = v.ended_at, holder = NULL, lease_until = NULL FROM v WHERE queue_item.id = v.id"
    );
    sql::run(tx, &text, values).await.map(drop)
}

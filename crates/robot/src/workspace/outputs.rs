//! New work items on their way out: into a data queue, or – where none was named – into the run's results, in the file form
//! of the libraries.

use std::{fs, path::Path};

use baigong_flow::{HeldItem, Host, HostError, NewQueueItem, QueueOutcome};
use baigong_model::LogLevel;
use serde_json::{Map, Value, json};

use super::{
    items::{FILES, Item, PAYLOAD},
    plain_name,
};

/// A call to the platform is a frame of at most 1 MiB.
const BATCH_BYTES: usize = 600_000;
const BATCH_ITEMS: usize = 500;

/// Puts `items` into `queue`; the last of them in one step with the end of the item they come from.
pub(super) async fn push(
    host: &dyn Host,
    queue: &str,
    items: &[&Item],
    end: Option<(HeldItem, QueueOutcome)>,
) -> Result<(), HostError> {
    let mut batches: Vec<Vec<NewQueueItem>> = vec![Vec::new()];
    let mut bytes = 0;
    for item in items {
        let payload = with_files(host, item).await?;
        let size = payload.to_string().len();
        if let Some(last) = batches.last()
            && !last.is_empty()
            && (bytes + size > BATCH_BYTES || last.len() >= BATCH_ITEMS)
        {
            batches.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(last) = batches.last_mut() {
            last.push(NewQueueItem { payload, ..NewQueueItem::default() });
        }
    }
    let last = batches.pop().unwrap_or_default();
    for batch in batches {
        host.queue_push(queue, batch).await?;
    }
    match (end, last.is_empty()) {
        (Some((held, outcome)), true) => host.queue_finish(held.item_id, held.fence, outcome).await,
        (Some((held, outcome)), false) => host.queue_forward(held, outcome, queue, last).await,
        (None, true) => Ok(()),
        (None, false) => host.queue_push(queue, last).await.map(drop),
    }
}

/// The payload as a queue carries it: files stand beside it under a key of their own.
async fn with_files(host: &dyn Host, item: &Item) -> Result<Value, HostError> {
    let payload = item.payload.clone().unwrap_or(Value::Null);
    let mut files = Map::new();
    for (name, path, kept) in item.present() {
        let kept = match kept {
            Some(kept) => kept.clone(),
            None => host.keep_file(&plain_name(name), path).await?,
        };
        files.insert(name.to_owned(), kept);
    }
    if files.is_empty() {
        return Ok(payload);
    }
    let mut fields = match payload {
        Value::Object(fields) => fields,
        other => Map::from_iter([(PAYLOAD.to_owned(), other)]),
    };
    fields.insert(FILES.to_owned(), Value::Object(files));
    Ok(Value::Object(fields))
}

/// Writes `items` behind those that `folder` has already.
pub(super) async fn leave(host: &dyn Host, folder: &Path, items: &[&Item]) -> Result<(), HostError> {
    if items.is_empty() {
        return Ok(());
    }
    let cannot = |error: std::io::Error| HostError {
        code: "unavailable".into(),
        message: format!("new work items cannot be written: {error}"),
    };
    fs::create_dir_all(folder).map_err(cannot)?;
    let list = folder.join("work-items.json");
    let mut known: Vec<Value> = match fs::read(&list) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| cannot(error.into()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(cannot(error)),
    };
    for item in items {
        let mut files = Map::new();
        for (name, path, kept) in item.present() {
            let file = format!("{}-{}", known.len() + 1, plain_name(name));
            let into = folder.join(&file);
            match kept {
                Some(kept) => host.fetch_file(kept, &into).await?,
                None => fs::copy(path, &into).map(drop).map_err(cannot)?,
            }
            files.insert(name.to_owned(), file.into());
        }
        let payload = item.payload.clone().unwrap_or(Value::Null);
        known.push(json!({ "payload": without_secrets(host, payload), "files": files }));
    }
    let text = serde_json::to_vec_pretty(&known).map_err(|error| cannot(error.into()))?;
    fs::write(&list, text).map_err(cannot)?;
    let message =
        format!("no data queue takes the {} new work items: they are in work-items-out/work-items.json", items.len());
    host.log(LogLevel::Info, &message);
    Ok(())
}

/// What lies on a disk must not hold what the run has fetched as secret.
fn without_secrets(host: &dyn Host, value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(host.hide_in_data(&text).into_owned()),
        Value::Array(items) => items.into_iter().map(|item| without_secrets(host, item)).collect(),
        Value::Object(fields) => {
            let hidden = |(name, value): (String, Value)| (name, without_secrets(host, value));
            Value::Object(fields.into_iter().map(hidden).collect())
        }
        other => other,
    }
}

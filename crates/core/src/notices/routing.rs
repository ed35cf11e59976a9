//! Which channels a notice goes over, and what is told together: the channels of the nearest department upwards that has
//! any of the wanted type, and one message a minute for what happens again and again.

use std::sync::Arc;

use baigong_model::{NoticeKind, NoticeState, Result};
use baigong_store::{
    Tx,
    entity::{notice, warn_channel},
    notices::outbox::{self, Route},
    warn_channels,
};
use futures_util::FutureExt;

use crate::{Platform, departments};

/// How many notices are routed in one transaction.
const BATCH: usize = 100;
/// What happens again within this time is told in one message.
const WINDOW: i64 = 60_000;

/// Gives every new notice its channels.
pub(super) async fn run(platform: &Platform) -> Result<()> {
    loop {
        let tree = departments::tree(platform).await?;
        let now = platform.now();
        let routed = platform.store.write(move |tx| async move { batch(tx, tree, now).await }.boxed()).await?;
        if routed < BATCH {
            return Ok(());
        }
    }
}

async fn batch(tx: &Tx, tree: Arc<departments::Tree>, now: i64) -> Result<usize> {
    let notices = outbox::take_new(tx, BATCH).await?;
    if notices.is_empty() {
        return Ok(0);
    }
    let channels = warn_channels::active(tx).await?;
    for notice in &notices {
        if let Some(channel) = notice.channel_id {
            // Somebody tries out this very channel.
            outbox::route(tx, &to(notice.id, channel, None, now)).await?;
            continue;
        }
        let chosen = choose(&channels, &tree.upwards(notice.department_id), notice);
        if chosen.is_empty() {
            let nowhere = Route { state: NoticeState::NoChannel, next_try: None, ..to(notice.id, 0, None, now) };
            outbox::route(tx, &Route { channel_id: None, ..nowhere }).await?;
            tracing::warn!(notice = notice.id, kind = notice.kind, "no warn channel takes this: nobody is told");
        }
        for (place, channel) in chosen.into_iter().enumerate() {
            let id = if place == 0 { Some(notice.id) } else { outbox::copy(tx, notice, channel).await? };
            if let Some(id) = id {
                send_or_join(tx, notice, id, channel, now).await?;
            }
        }
    }
    Ok(notices.len())
}

/// The channels of the nearest of `departments` that has any for this notice.
fn choose(channels: &[warn_channel::Model], departments: &[i64], notice: &notice::Model) -> Vec<i64> {
    let fits = |channel: &&warn_channel::Model| {
        notice.warn_type.is_none_or(|wanted| wanted == channel.warn_type) && channel.least_level <= notice.level
    };
    let of = |department: &i64| -> Vec<i64> {
        let mine = channels.iter().filter(|channel| channel.department_id == *department).filter(fits);
        mine.map(|channel| channel.id).collect()
    };
    departments.iter().map(of).find(|found| !found.is_empty()).unwrap_or_default()
}

/// The first is sent at once; what follows within the window is held back and counted into one message.
async fn send_or_join(tx: &Tx, notice: &notice::Model, id: i64, channel: i64, now: i64) -> Result<()> {
    if notice.kind == NoticeKind::Test.as_str() {
        return outbox::route(tx, &to(id, channel, None, now)).await;
    }
    let about = notice.process_id.or(notice.object_id).unwrap_or(0);
    let key = format!("{}.{about}.{channel}", notice.kind);
    if let Some(held) = outbox::join_held(tx, &key, now).await? {
        let route = Route { merged_into: Some(held), next_try: None, ..to(id, channel, Some(key), now) };
        return outbox::route(tx, &Route { state: NoticeState::Merged, ..route }).await;
    }
    let at = outbox::last_told(tx, &key).await?.map_or(now, |last| now.max(last + WINDOW));
    outbox::route(tx, &to(id, channel, Some(key), at)).await
}

fn to(id: i64, channel: i64, storm_key: Option<String>, at: i64) -> Route {
    Route {
        id,
        state: NoticeState::Waiting,
        channel_id: Some(channel),
        storm_key,
        next_try: Some(at),
        merged_into: None,
    }
}

//! A new data key: made, and everything that stays is sealed anew under it, in one transaction. Nodes learn keys when they
//! start, so that none may run meanwhile: a rotation and the start of a node wait for each other, and whoever comes second
//! sees the first.

use baigong_model::{Error, Result, Secret};
use baigong_store::{
    Tx, audits, nodes, platform_keys,
    sealed::{self, SEALED},
};
use futures_util::FutureExt;
use serde_json::json;

use super::{
    DATA, Place, data_key_name, file,
    sealing::{MARK, Sealer},
};
use crate::{Caller, Platform};

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The number of the key that seals from now on.
    pub key: u32,
    /// How many values were sealed anew.
    pub sealed_anew: u64,
}

/// Makes the next data key and seals everything that stays anew under it. Older keys are kept: items of queues and copies
/// of the database still need them.
pub async fn rotate(platform: &Platform) -> Result<Rotation> {
    let key = platform.keys.data.newest() + 1;
    let mut fresh = [0; 32];
    platform.random.fill(&mut fresh);
    let fresh = Secret::new(fresh);
    let master = file::read_or_make(&platform.config.data_folder, true, &*platform.random)?;
    let name = data_key_name(key);
    let place = Place { table: "platform_key", row: &name, column: "value" };
    let stored = Sealer::new("kek", master.expose()).seal(&*platform.random, place, fresh.expose());
    let next = Sealer::new(&key.to_string(), fresh.expose());
    let (this, now) = (platform.clone(), platform.now());
    let rotated = platform.store.write(move |tx| {
        async move {
            platform_keys::hold(tx, DATA).await?;
            if nodes::is_any_alive(tx, now).await? {
                return Err(Error::conflict(
                    "a platform runs on this database: stop it first, and wait for a minute if it crashed",
                ));
            }
            // First of all: nothing may be sealed under a key that is not the one stored.
            if !platform_keys::insert_if_absent(tx, &name, &stored, now).await? {
                return Err(rotated_meanwhile());
            }
            let sealed_anew = seal_anew(&this, tx, &next).await?;
            let detail = json!({ "key": key, "sealedAnew": sealed_anew });
            let audit = Caller::platform().audit(now, "rotate-key", "platform", None, None, &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| sealed_anew)
        }
        .boxed()
    });
    Ok(Rotation { key, sealed_anew: rotated.await? })
}

/// Fails when there is a newer key than this platform has loaded, and keeps rotations away until the commit.
pub(crate) async fn need_current(platform: &Platform, tx: &Tx) -> Result<()> {
    platform_keys::hold(tx, DATA).await?;
    match platform_keys::is_there(tx, &data_key_name(platform.keys.data.newest() + 1)).await? {
        true => Err(rotated_meanwhile()),
        false => Ok(()),
    }
}

fn rotated_meanwhile() -> Error {
    Error::conflict("the key was rotated in this moment: start again")
}

async fn seal_anew(platform: &Platform, tx: &Tx, next: &Sealer) -> Result<u64> {
    let mut count = 0;
    for column in SEALED {
        for (row, value) in sealed::all(tx, column, MARK).await? {
            let place = Place { table: column.table, row: &row, column: column.column };
            // The data keys themselves are sealed under the key file.
            if column.table == "platform_key" && super::is_data_key(&row) {
                continue;
            }
            let opened = platform.keys.open(place, &value)?;
            let anew = next.seal(&*platform.random, place, opened.expose());
            // A node that was asleep for longer than its lease may write again just now.
            if !sealed::replace(tx, column, &row, (&value, &anew)).await? {
                return Err(Error::conflict(
                    "a secret was changed in this moment: stop every platform, and start again",
                ));
            }
            count += 1;
        }
    }
    Ok(count)
}

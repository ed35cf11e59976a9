//! The platform's own keys. The key file in the data folder (KEK) seals data keys (DEK) in the database, which seal every
//! secret value; each sealed text is bound to its table, row, column and data key. The key file is the one thing a copy of the
//! database lacks.

mod file;
mod ring;
mod rotate;
mod sealing;

pub(crate) use rotate::need_current;
pub use rotate::{Rotation, rotate};
pub(crate) use sealing::Place;

use std::{path::Path, sync::Arc};

use baigong_model::{Error, Random, Result, Secret};
use baigong_store::{Store, entity::platform_key, platform_keys as rows};
use futures_util::FutureExt;
use ring::Ring;
use sealing::Sealer;
use sha2::{Digest, Sha256};

/// The names under which keys are stored.
const DATA: &str = "data";
const TRANSPORT: &str = "sm2-transport";
const DOWNLOAD: &str = "download-address";
const RECORDER: &str = "sm2-recording";

/// The keys of a platform, opened.
pub struct Keys {
    data: Ring,
    transport: sm2::SecretKey,
    transport_id: String,
    transport_public: String,
    recorder: sm2::SecretKey,
    download: Secret<[u8; 32]>,
}

impl Keys {
    /// Opens the keys of the database with the key file in `folder`; makes what is not there yet.
    pub(crate) async fn load(folder: &Path, store: &Store, random: &Arc<dyn Random>, now: i64) -> Result<Self> {
        let stored = rows::all(store).await?;
        let master = file::read_or_make(folder, !stored.is_empty(), &**random)?;
        let master = Ring::of(Sealer::new("kek", master.expose()));
        let wrong = |_| Error::unavailable(format!("{}: {}", folder.join(file::NAME).display(), file::NOT_OURS));
        let first: Secret<[u8; 32]> = key(store, &master, DATA, random, now).await?.map_err(wrong)?;
        let mut data = Ring::of(Sealer::new("1", first.expose()));
        for number in 2.. {
            let name = data_key_name(number);
            if !stored.iter().any(|row| row.name == name) {
                break;
            }
            let next: Secret<[u8; 32]> = key(store, &master, &name, random, now).await?.map_err(wrong)?;
            data.add(Sealer::new(&number.to_string(), next.expose()));
        }
        let transport = sm2_key(store, &data, TRANSPORT, random, now).await?.map_err(wrong)?;
        let recorder = sm2_key(store, &data, RECORDER, random, now).await?.map_err(wrong)?;
        let download = key(store, &data, DOWNLOAD, random, now).await?.map_err(wrong)?;
        let point = transport.public_key().to_sec1_bytes();
        let transport_id = hex::encode(&Sha256::digest(&point)[..8]);
        Ok(Self { data, transport, transport_id, transport_public: hex::encode(&point), recorder, download })
    }

    /// Seals `value` for one place in the database.
    pub(crate) fn seal(&self, random: &dyn Random, place: Place<'_>, value: &[u8]) -> String {
        self.data.seal(random, place, value)
    }

    /// Opens what was sealed for this place; anything else is a fault.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &str) -> Result<Secret<Vec<u8>>> {
        self.data.open(place, sealed).ok_or_else(|| Error::internal("a sealed value does not open with our key"))
    }

    /// The key under which passwords travel.
    pub(crate) fn transport(&self) -> &sm2::SecretKey {
        &self.transport
    }

    /// Its name.
    pub(crate) fn transport_id(&self) -> &str {
        &self.transport_id
    }

    /// Its public half, 04‖x‖y in hexadecimal.
    pub(crate) fn transport_public(&self) -> &str {
        &self.transport_public
    }

    /// The key that keys of recordings are sealed to.
    pub(crate) fn recorder(&self) -> &sm2::SecretKey {
        &self.recorder
    }

    /// Its public half, 04‖x‖y in hexadecimal.
    pub(crate) fn recorder_public(&self) -> String {
        hex::encode(self.recorder.public_key().to_sec1_bytes())
    }

    /// The key that signs download addresses.
    pub(crate) fn download_key(&self) -> &[u8; 32] {
        self.download.expose()
    }
}

/// The name of the data key `number`.
fn data_key_name(number: u32) -> String {
    if number == 1 { DATA.to_owned() } else { format!("{DATA}-{number}") }
}

/// Whether the stored key of this name is a data key.
fn is_data_key(name: &str) -> bool {
    name == DATA || name.strip_prefix(DATA).is_some_and(|rest| rest.starts_with('-'))
}

/// The stored SM2 key called `name`, made when it is not there. The inner error means that the sealer is a wrong one.
async fn sm2_key(
    store: &Store,
    sealer: &Ring,
    name: &'static str,
    random: &Arc<dyn Random>,
    now: i64,
) -> Result<std::result::Result<sm2::SecretKey, ()>> {
    loop {
        let Ok(bytes) = key(store, sealer, name, random, now).await? else { return Ok(Err(())) };
        // One in 2^32 draws is not a number below the order of the curve.
        if let Ok(key) = sm2::SecretKey::from_slice(bytes.expose()) {
            return Ok(Ok(key));
        }
        remove(store, name).await?;
    }
}

/// The stored key called `name`, made when it is not there. The inner error means that the sealer is a wrong one.
async fn key(
    store: &Store,
    sealer: &Ring,
    name: &str,
    random: &Arc<dyn Random>,
    now: i64,
) -> Result<std::result::Result<Secret<[u8; 32]>, ()>> {
    let place = Place { table: "platform_key", row: name, column: "value" };
    let stored = match find(store, name).await? {
        Some(stored) => stored,
        None => {
            let mut fresh = [0; 32];
            random.fill(&mut fresh);
            let sealed = sealer.seal(&**random, place, Secret::new(fresh).expose());
            let own = name.to_owned();
            let made =
                store.write(move |tx| async move { rows::insert_if_absent(tx, &own, &sealed, now).await }.boxed());
            made.await?;
            // Another node may have been first: what is stored counts.
            find(store, name).await?.ok_or_else(|| Error::internal("a key that was stored is not there"))?
        }
    };
    let opened =
        sealer.open(place, &stored.value).and_then(|bytes| <[u8; 32]>::try_from(bytes.expose().as_slice()).ok());
    Ok(opened.map(Secret::new).ok_or(()))
}

async fn find(store: &Store, name: &str) -> Result<Option<platform_key::Model>> {
    Ok(rows::all(store).await?.into_iter().find(|row| row.name == name))
}

async fn remove(store: &Store, name: &'static str) -> Result<()> {
    store.write(move |tx| async move { rows::remove(tx, name).await }.boxed()).await
}

#[cfg(test)]
mod tests;

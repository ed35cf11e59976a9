//! Secrets of the configuration at rest: AES-256-GCM under a key that lies beside the database, in a file of its own that only
//! the robot's account may read. A copy of the database alone opens nothing.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use baigong_model::{Error, Random, Result, Secret};

/// The key.
pub(super) struct SealingKey(Aes256Gcm);

impl SealingKey {
    /// The key in `file`, which is made when there is none.
    pub(super) fn open(file: &Path, random: &dyn Random) -> Result<Self> {
        let told = |error: io::Error| Error::unavailable(format!("{}: {error}", file.display()));
        let bytes = match std::fs::read(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(file, random).map_err(told)?,
            read => Secret::new(read.map_err(told)?),
        };
        let key: Secret<[u8; 32]> = Secret::new(
            bytes.expose().as_slice().try_into().map_err(|_| told(io::Error::other("must be 32 bytes long")))?,
        );
        Ok(Self(Aes256Gcm::new(key.expose().into())))
    }

    /// `value`, to be opened only as what it is sealed for.
    pub(super) fn seal(&self, random: &dyn Random, place: &str, value: &[u8]) -> String {
        let mut nonce = [0; 12];
        random.fill(&mut nonce);
        let payload = Payload { msg: value, aad: place.as_bytes() };
        // AES-GCM refuses only values of 64 GiB and more.
        let sealed = self.0.encrypt(&nonce.into(), payload).expect("a value that fits in memory can be sealed");
        format!("v1|{}|{}", hex::encode(nonce), hex::encode(sealed))
    }
}

fn make(file: &Path, random: &dyn Random) -> io::Result<Secret<Vec<u8>>> {
    let mut key = vec![0; 32];
    random.fill(&mut key);
    let key = Secret::new(key);
    // Whole or not at all: a key half written would be a wrong one for ever.
    let aside = file.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut made: File = options.open(&aside)?;
    made.write_all(key.expose())?;
    made.sync_all()?;
    std::fs::rename(&aside, file)?;
    crate::journal::sync_parent(file)?;
    Ok(key)
}

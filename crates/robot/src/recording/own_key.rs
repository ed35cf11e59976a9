//! The key that recordings of a robot without a platform are sealed to: a file that only the robot's account reads. Whoever
//! has it can open what lies in the folder of recordings beside it.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use baigong_model::{Random, Secret};
use sm2::SecretKey;

/// The key in `file`, made when there is none.
pub(super) fn read_or_make(file: &Path, random: &dyn Random) -> io::Result<SecretKey> {
    match fs::read_to_string(file) {
        Ok(text) => parse(&Secret::new(text)).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, format!("{}: it is no key of recordings", file.display()))
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let (key, text) = loop {
                let mut bytes = [0; 32];
                random.fill(&mut bytes);
                let text = Secret::new(hex::encode(Secret::new(bytes).expose()));
                // One in 2^32 draws is not a number below the order of the curve.
                if let Some(key) = parse(&text) {
                    break (key, text);
                }
            };
            let mut made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
            made.write_all(text.expose().as_bytes()).and_then(|()| made.sync_all())?;
            Ok(key)
        }
        Err(error) => Err(error),
    }
}

fn parse(text: &Secret<String>) -> Option<SecretKey> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text.expose().trim(), &mut bytes).ok()?;
    SecretKey::from_slice(Secret::new(bytes).expose()).ok()
}

/// The half that things are sealed to.
pub(super) fn public(key: &SecretKey) -> String {
    hex::encode(key.public_key().to_sec1_bytes())
}

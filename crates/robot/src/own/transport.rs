//! How passwords come to the robot's own interface (密文): encrypted with SM2 under the robot's public key, in the forms that the
//! platform reads too, or plain where nobody but this machine can call.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use baigong_model::{Error, Result, Secret};
use baigong_protocol::password_text::{ENVELOPE, LEEWAY, MAX_TEXT, bare, open_bare, open_envelope};

use crate::robot::Robot;

/// What a password is sent for; a text made for one purpose is not taken for another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// The password of the robot's computer.
    Machine,
    /// The password of a file.
    File,
}

impl Purpose {
    /// The word inside the encrypted text, and the field it stands in.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Machine => ("machine", "machinePassword"),
            Self::File => ("file", "filePassword"),
        }
    }
}

/// The nonces that were used, as long as their texts are not too old anyway. A restart forgets them, and the key with them.
#[derive(Default)]
pub(super) struct Nonces(Mutex<HashMap<String, i64>>);

impl Nonces {
    fn take(&self, nonce: &str, until: i64, now: i64) -> bool {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, until| *until > now);
        used.insert(nonce.to_owned(), until).is_none()
    }
}

/// The password in `text`.
pub(crate) fn read(robot: &Robot, purpose: Purpose, text: &Secret<String>) -> Result<Secret<String>> {
    let (word, field) = purpose.words();
    let text = text.expose();
    let unreadable =
        || Error::invalid(field, format!("cannot be read: encrypt it for \"{word}\" with the key of public-key"));
    if text.len() > MAX_TEXT {
        return Err(unreadable());
    }
    if let Some(rest) = text.strip_prefix(ENVELOPE) {
        let now = robot.options.clock.now();
        let opened = open_envelope((robot.key.id(), robot.key.secret()), rest, word, now).ok_or_else(unreadable)?;
        let is_first = robot.own.nonces.take(&opened.nonce, opened.sent_at.saturating_add(2 * LEEWAY), now);
        return is_first.then_some(opened.password).ok_or_else(unreadable);
    }
    if let Some(ciphertext) = bare(text) {
        let opened = open_bare(robot.key.secret(), &ciphertext).ok_or_else(unreadable)?;
        return String::from_utf8(opened.expose().clone()).map(Secret::new).map_err(|_| unreadable());
    }
    if robot.options.listen.ip().is_loopback() {
        return Ok(Secret::new(text.clone()));
    }
    Err(Error::invalid(
        field,
        "must come encrypted: see public-key, or let the robot listen on the loopback address only",
    ))
}

//! What makes two environments the same.

use baigong_package::Environment;
use sha2::{Digest, Sha256};

use super::Interpreter;

/// Raised when environments are built in another way, so that old ones are not taken for new ones.
const FORM: u32 = 1;

/// The folder's name for what is asked for, built with `interpreter`.
pub(super) fn of(environment: &Environment, interpreter: &Interpreter) -> String {
    let mut hash = Sha256::new();
    let mut say = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    };
    say(&FORM.to_string());
    say(&interpreter.version_text());
    say(&interpreter.program.to_string_lossy());
    say(&environment.requirements_digest());
    for command in &environment.post_install {
        command.iter().for_each(|word| say(word));
        say("");
    }
    // The same list with wheels and without may come to other versions.
    say(if environment.bundle.is_some() { "bundle" } else { "index" });
    hex::encode(&hash.finalize()[..16])
}

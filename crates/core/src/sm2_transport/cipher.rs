//! SM2 ciphertexts (GB/T 32918.4): the forms they come in, and opening them.

use baigong_model::Secret;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use sm2::{
    SecretKey,
    pke::{DecryptingKey, Mode},
};

/// An uncompressed point with its 04, and the hash.
const OVERHEAD: usize = 65 + 32;
/// The same without the 04.
const BARE_OVERHEAD: usize = OVERHEAD - 1;

/// `text` as bare ciphertext, if it looks like one: hexadecimal or base64 of more than point and hash.
/// No password that anybody types looks so.
pub(super) fn bare(text: &str) -> Option<Vec<u8>> {
    let decoded = hex::decode(text).or_else(|_| STANDARD.decode(text)).or_else(|_| STANDARD_NO_PAD.decode(text));
    decoded.ok().filter(|bytes| bytes.len() > BARE_OVERHEAD)
}

/// Opens 04‖C1‖C3‖C2.
pub(super) fn open(key: &SecretKey, ciphertext: &[u8]) -> Option<Secret<Vec<u8>>> {
    open_as(key, ciphertext, Mode::C1C3C2)
}

/// Opens bare ciphertext with or without the 04, in the order of the standard or in the older one (C1‖C2‖C3) that some
/// libraries still write. The hash inside tells which is right.
pub(super) fn open_bare(key: &SecretKey, ciphertext: &[u8]) -> Option<Secret<Vec<u8>>> {
    let prefixed: Vec<u8> = [&[4], ciphertext].concat();
    let forms = [ciphertext, &prefixed];
    let orders = [Mode::C1C3C2, Mode::C1C2C3];
    forms.iter().flat_map(|form| orders.map(|order| (form, order))).find_map(|(form, order)| open_as(key, form, order))
}

fn open_as(key: &SecretKey, ciphertext: &[u8], order: Mode) -> Option<Secret<Vec<u8>>> {
    if ciphertext.len() <= OVERHEAD || ciphertext[0] != 4 {
        return None;
    }
    let opened = DecryptingKey::new_with_mode(key.to_nonzero_scalar(), order).decrypt(ciphertext).ok()?;
    Some(Secret::new(opened))
}

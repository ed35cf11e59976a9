//! Licenses (T/TSAC 002-2025, 6.2.16): how many robots and designers may work. A platform without an imported license has
//! an unlimited one. Once a license is imported, imported licenses are all that counts.

mod document;
mod seats;
mod signature;
mod standing;

pub use document::{Grant, License, LicenseFile, SeatType, VERSION, instant};
pub use seats::{Holder, Seat, allocate, list, reclaim};
pub(crate) use seats::{free_seat, move_seat, take_seat};
pub use signature::{Algorithm, SigningKey, VerifyingKey};
pub(crate) use standing::{Standing, has_none, has_one};
pub use standing::{has_seat, refresh, warn_of_expiry};

use baigong_model::{Error, Permission, Result, ids::LicenseId};
use baigong_store::{audits, entity::license, license_seats as seat_rows, licenses as rows, take_turn};
use futures_util::FutureExt;
use serde_json::json;

use crate::{Caller, Platform};

/// The largest license file, in bytes.
pub const MAX_FILE: usize = 64 * 1024;

/// Seats of one type that end together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What they are for.
    pub seat_type: SeatType,
    /// How many; none for no limit.
    pub quantity: Option<i64>,
    /// How many of them are taken.
    pub used: i64,
    /// From when they count; none for always.
    pub valid_from: Option<i64>,
    /// Until when they count; none for ever.
    pub valid_until: Option<i64>,
    /// Whether they count now.
    pub is_valid: bool,
    /// The license they stand in.
    pub serial: Option<String>,
    /// For whom it was issued.
    pub customer: Option<String>,
}

/// What may be used, and how much of it is.
pub async fn info(platform: &Platform, caller: &Caller) -> Result<Vec<Line>> {
    caller.need(Permission::LicenseRead)?;
    let now = platform.now();
    let used = seat_rows::used_by_type(&platform.store).await?;
    let used = |seat_type: SeatType| used.get(seat_type.as_str()).copied().unwrap_or(0);
    let licenses = rows::all(&platform.store).await?;
    if licenses.is_empty() {
        let community = |seat_type| Line { used: used(seat_type), ..line(seat_type, None, true) };
        return Ok(SeatType::ALL.map(community).into());
    }
    let grants = standing::grants_of(&licenses)?;
    let mut lines = Vec::with_capacity(grants.len());
    for seat_type in SeatType::ALL {
        let mut of_type: Vec<Line> = grants
            .iter()
            .filter(|it| it.grant.seat_type == seat_type)
            .map(|it| Line {
                valid_from: Some(it.valid.start),
                valid_until: Some(it.valid.end),
                serial: Some(it.serial.clone()),
                customer: Some(it.customer.clone()),
                ..line(seat_type, Some(it.grant.quantity), it.valid.contains(&now))
            })
            .collect();
        // What counts first, and of that what lasts longest: taken seats are thought to be there.
        of_type.sort_by_key(|it| (!it.is_valid, std::cmp::Reverse(it.valid_until)));
        spread(&mut of_type, seat_type, used(seat_type));
        lines.append(&mut of_type);
    }
    Ok(lines)
}

fn line(seat_type: SeatType, quantity: Option<i64>, is_valid: bool) -> Line {
    Line { seat_type, quantity, used: 0, valid_from: None, valid_until: None, is_valid, serial: None, customer: None }
}

/// Spreads taken seats over the lines; the sum stays right even where more are taken than there are.
fn spread(lines: &mut Vec<Line>, seat_type: SeatType, used: i64) {
    let mut left = used;
    for line in lines.iter_mut().filter(|line| line.is_valid) {
        line.used = left.min(line.quantity.unwrap_or(left));
        left -= line.used;
    }
    match lines.first_mut() {
        Some(first) => first.used += left,
        None if left > 0 => lines.push(Line { used: left, ..line(seat_type, Some(0), false) }),
        None => {}
    }
}

/// Takes over a license file that the configured key has signed. Answers the license's id.
pub async fn import(platform: &Platform, caller: &Caller, text: &str) -> Result<LicenseId> {
    caller.need(Permission::LicenseWrite)?;
    if text.len() > MAX_FILE {
        return Err(Error::invalid("license", format!("must have at most {MAX_FILE} bytes")));
    }
    let key = platform.config.license_public_key.as_ref();
    let key = key.ok_or_else(|| Error::conflict("no license_public_key is configured: no license can be believed"))?;
    let file = LicenseFile::open(text, key)?;
    let document = serde_json::to_string(&file).map_err(Error::internal)?;
    let (now, caller) = (platform.now(), caller.clone());
    let imported = platform.store.write(move |tx| {
        async move {
            take_turn(tx).await?;
            let License { serial, customer, seats, .. } = file.license;
            let detail = json!({ "serial": serial, "customer": customer, "seats": seats });
            let row = license::Model { id: 0, serial, customer, document, created_by: caller.id(), created_at: now };
            let id = rows::insert(tx, row).await?;
            let audit = caller.audit(now, "import", "license", Some(id), None, &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    let id = imported.await?;
    refresh(platform).await?;
    Ok(id)
}

#[cfg(test)]
mod tests;

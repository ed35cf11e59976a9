//! A license file: what its issuer promises, in JSON, with a signature over the canonical form of it.

use baigong_model::{Error, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::signature::{Algorithm, SigningKey, VerifyingKey};

/// The form of license files that this version reads.
pub const VERSION: u32 = 1;
/// More seats than this stand for a slip of the pen.
const MOST_SEATS: i64 = 10_000_000;
/// More grants than anybody needs in one file.
const MOST_GRANTS: usize = 100;

/// What a seat is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeatType {
    /// A robot that works alone (后台).
    Unattended,
    /// A robot beside a person (前台).
    Attended,
    /// A designer.
    Designer,
}

impl SeatType {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Unattended, Self::Attended, Self::Designer];

    /// The word that is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unattended => "unattended",
            Self::Attended => "attended",
            Self::Designer => "designer",
        }
    }

    /// The type of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    /// What a robot of type 0 (unattended) or 1 (attended) sits on.
    #[must_use]
    pub fn of_robot(robot_type: i32) -> Self {
        match robot_type {
            1 => Self::Attended,
            2 => Self::Designer,
            _ => Self::Unattended,
        }
    }
}

/// A license without its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct License {
    /// [`VERSION`].
    pub version: u32,
    /// The number its issuer gave it, one line; a license is imported once.
    pub serial: String,
    /// For whom it is issued, one line.
    pub customer: String,
    /// When it was issued: `2026-11-21T00:00:00Z`.
    pub issued_at: String,
    /// What it grants.
    pub seats: Vec<Grant>,
}

/// Seats of one type for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Grant {
    /// What the seats are for.
    #[serde(rename = "type")]
    pub seat_type: SeatType,
    /// How many.
    pub quantity: i64,
    /// From when: `2026-12-01T00:00:00Z`.
    pub valid_from: String,
    /// Until when, that instant not included.
    pub valid_until: String,
}

impl Grant {
    /// From when until when, in milliseconds since the epoch.
    pub fn valid(&self) -> Result<std::ops::Range<i64>> {
        Ok(time("validFrom", &self.valid_from)?..time("validUntil", &self.valid_until)?)
    }
}

/// A license file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LicenseFile {
    /// What is promised.
    pub license: License,
    /// How it is signed.
    pub algorithm: Algorithm,
    /// The signature over [`License::canonical`], base64.
    pub signature: String,
}

impl License {
    /// What is signed: one line for each promise, with blanks between its parts, every line ended by a line feed.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut text = format!(
            "baigong license {}\nserial {}\ncustomer {}\nissued {}\n",
            self.version, self.serial, self.customer, self.issued_at
        );
        for grant in &self.seats {
            let Grant { seat_type, quantity, valid_from, valid_until } = grant;
            text += &format!("seats {} {quantity} {valid_from} {valid_until}\n", seat_type.as_str());
        }
        text
    }

    /// Fails unless every value is one that a license may have.
    pub fn check(&self) -> Result<()> {
        if self.version != VERSION {
            return Err(refused(format!("the version {} is not known: this platform reads {VERSION}", self.version)));
        }
        for (name, text) in [("serial", &self.serial), ("customer", &self.customer)] {
            let length = text.chars().count();
            if length == 0 || length > 200 || text.trim() != text || text.chars().any(char::is_control) {
                return Err(refused(format!("{name} must be one line of 1 to 200 letters")));
            }
        }
        time("issuedAt", &self.issued_at)?;
        if self.seats.is_empty() || self.seats.len() > MOST_GRANTS {
            return Err(refused(format!("seats must have 1 to {MOST_GRANTS} entries")));
        }
        for grant in &self.seats {
            if !(1..=MOST_SEATS).contains(&grant.quantity) {
                return Err(refused(format!("quantity must be between 1 and {MOST_SEATS}")));
            }
            if grant.valid()?.is_empty() {
                return Err(refused("validUntil must be after validFrom".into()));
            }
        }
        Ok(())
    }

    /// The license with its signature.
    pub fn sign(self, key: &SigningKey) -> Result<LicenseFile> {
        self.check()?;
        let signature = key.sign(self.canonical().as_bytes())?;
        Ok(LicenseFile { algorithm: key.algorithm(), signature, license: self })
    }
}

impl LicenseFile {
    /// Reads a file, and fails unless its values are right and `key` has signed it.
    pub fn open(text: &str, key: &VerifyingKey) -> Result<Self> {
        // What is wrong with JSON is told without its values, and with its place.
        let file: Self = serde_json::from_str(text).map_err(|error| refused(format!("is no license: {error}")))?;
        file.license.check()?;
        if file.algorithm != key.algorithm() || !key.verify(file.license.canonical().as_bytes(), &file.signature) {
            return Err(refused("the signature is not by the license_public_key of this platform".into()));
        }
        Ok(file)
    }
}

fn refused(reason: String) -> Error {
    Error::invalid("license", reason)
}

fn time(field: &str, text: &str) -> Result<i64> {
    let read = text.parse::<Timestamp>().ok().filter(|_| !text.chars().any(char::is_whitespace));
    let read = read.map(Timestamp::as_millisecond);
    read.ok_or_else(|| refused(format!("{field} must look like 2026-11-21T00:00:00Z")))
}

/// A time, milliseconds since the epoch, as license files say it.
#[must_use]
pub fn instant(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default().to_string()
}

//! `baigong admin license`: for whoever issues licenses. The signing key stays with them; a platform gets the other half
//! (`license_public_key`) and the signed files.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use baigong_model::{Clock as _, Secret, SystemClock, SystemRandom};
use baigong_platform::licenses::{Algorithm, Grant, License, SeatType, SigningKey, VERSION, instant};
use clap::{Subcommand, ValueEnum};

use crate::{WrongUsage, output};

#[derive(Debug, Subcommand)]
pub(crate) enum LicenseCommand {
    /// Make a key: its secret half goes into a new file, the public half is shown.
    MakeKey {
        /// The file to make for the secret half. Whoever has it can issue licenses.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// What to sign with.
        #[arg(long, value_enum, default_value_t = Kind::Ed25519)]
        algorithm: Kind,
    },
    /// Sign a license, and show it or write it into a new file.
    Sign {
        /// The file of the secret half.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// The license's number: a platform takes each once.
        #[arg(long, value_name = "TEXT")]
        serial: String,
        /// For whom it is.
        #[arg(long, value_name = "TEXT")]
        customer: String,
        /// Seats, as often as there are types: unattended=10, attended=5, designer=2.
        #[arg(long, value_name = "TYPE=N", required = true, value_parser = seats)]
        seats: Vec<(SeatType, i64)>,
        /// From when it counts: 2026-12-01 (its beginning in UTC) or 2026-12-01T00:00:00+08:00 [default: now].
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// Until when it counts, that instant not included.
        #[arg(long, value_name = "TIME")]
        until: String,
        /// The file to make; without it, the license is shown.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    Ed25519,
    Sm2,
}

/// Runs one of the commands.
pub(crate) fn run(command: LicenseCommand) -> Result<ExitCode> {
    match command {
        LicenseCommand::MakeKey { out, algorithm } => make_key(&out, algorithm)?,
        LicenseCommand::Sign { key, serial, customer, seats, from, until, out } => {
            let now = instant(SystemClock.now());
            let (valid_from, valid_until) = (from.map_or_else(|| now.clone(), |from| time(&from)), time(&until));
            let grant = |(seat_type, quantity)| Grant {
                seat_type,
                quantity,
                valid_from: valid_from.clone(),
                valid_until: valid_until.clone(),
            };
            let seats = seats.into_iter().map(grant).collect();
            sign(&key, License { version: VERSION, serial, customer, issued_at: now, seats }, out.as_deref())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn make_key(out: &Path, kind: Kind) -> Result<()> {
    let algorithm = match kind {
        Kind::Ed25519 => Algorithm::Ed25519,
        Kind::Sm2 => Algorithm::Sm2,
    };
    let key = SigningKey::generate(algorithm, &SystemRandom)?;
    write_new(out, &format!("{}\n", key.to_text().expose()))?;
    output::line(&format!("the secret half is in {}: keep it away from every platform", out.display()));
    output::line(&format!("license_public_key = \"{}\"", key.public()));
    Ok(())
}

fn sign(key: &Path, license: License, out: Option<&Path>) -> Result<()> {
    let text = std::fs::read_to_string(key).with_context(|| format!("reading {}", key.display()))?;
    let key = SigningKey::parse(&Secret::new(text)).map_err(|error| WrongUsage(error.into()))?;
    let file = license.sign(&key).map_err(|error| WrongUsage(error.into()))?;
    let text = serde_json::to_string_pretty(&file)?;
    match out {
        Some(out) => write_new(out, &format!("{text}\n")),
        None => {
            output::line(&text);
            Ok(())
        }
    }
}

/// Makes a file that only its owner reads; one that is there already is left alone.
fn write_new(path: &Path, text: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("making {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("writing {}", path.display()))
}

/// `TYPE=N`.
fn seats(text: &str) -> Result<(SeatType, i64), String> {
    let read = text.split_once('=').and_then(|(word, number)| Some((SeatType::of(word)?, number.parse().ok()?)));
    read.ok_or_else(|| "must look like unattended=10, attended=5 or designer=2".to_owned())
}

/// A day stands for its beginning.
fn time(text: &str) -> String {
    if text.len() == "2026-12-01".len() { format!("{text}T00:00:00Z") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_signs_what_it_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (key, out) = (folder.path().join("key"), folder.path().join("license.json"));
        make_key(&key, Kind::Sm2).unwrap();
        assert!(make_key(&key, Kind::Sm2).is_err(), "a key that is there is never written over");
        let command = |until: &str| LicenseCommand::Sign {
            key: key.clone(),
            serial: "BG-1".into(),
            customer: "某证券".into(),
            seats: vec![seats("unattended=10").unwrap(), seats("designer=2").unwrap()],
            from: Some("2026-12-01".into()),
            until: until.into(),
            out: Some(out.clone()),
        };
        assert!(run(command("2026-11-01")).is_err(), "it must end after it begins");
        run(command("2027-12-01T00:00:00+08:00")).unwrap();
        let text = std::fs::read_to_string(&out).unwrap();
        assert!(text.contains("\"quantity\": 10") && text.contains("2026-12-01T00:00:00Z"), "{text}");
    }

    #[test]
    fn seats_are_a_type_and_a_number() {
        assert_eq!(seats("attended=5"), Ok((SeatType::Attended, 5)));
        for wrong in ["", "attended", "gold=5", "attended=many"] {
            assert!(seats(wrong).is_err(), "{wrong}");
        }
    }
}

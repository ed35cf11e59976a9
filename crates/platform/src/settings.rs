//! The platform's settings: defaults, then a TOML file, then `BAIGONG_*` variables, then the command line; the later goes
//! before the earlier. An unknown key is refused, so that a misspelt one is never silently without effect. Secrets are
//! not among them: they come only from variables and files of their own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use baigong_core::{
    licenses::VerifyingKey,
    smtp::{self, Smtp},
};
use serde::Deserialize;
use toml::{Table, Value};

use crate::dialects;

pub use crate::settings_values::{Lines, Names, Networks, Speech};

/// The prefix of the variables.
const PREFIX: &str = "BAIGONG_";

/// Every setting. The names are those of the file; in capitals and behind `BAIGONG_` those of the variables.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The data folder: keys, packages, artifacts and, unless `database` says otherwise, the database.
    pub data: PathBuf,
    /// The address to listen on.
    pub listen: SocketAddr,
    /// `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/NAME`; without it, SQLite in the data folder.
    pub database: Option<String>,
    /// The zone in which times are read and shown: an IANA name.
    pub time_zone: String,
    /// Whether passwords may come in plain text; without it, only while listening on loopback.
    pub allow_plain_passwords: Option<bool>,
    /// For how long a robot holds a task without renewing, in seconds.
    pub lease_seconds: u32,
    /// How often a robot says that it lives, in seconds.
    pub heartbeat_seconds: u32,
    /// After how long without a word a robot counts as offline, in seconds.
    pub offline_seconds: u32,
    /// How long a token lives unused, in minutes.
    pub token_idle_minutes: u32,
    /// How long a token lives at most, in hours.
    pub token_hours: u32,
    /// For how many days it is kept what came of the instants of triggers; 0 for ever.
    pub keep_firings_days: u32,
    /// For how many days notices and announcements of applications are kept that are over; 0 for ever.
    pub keep_messages_days: u32,
    /// For how many days the operation log of applications is kept; 0 for ever.
    pub keep_operation_log_days: u32,
    /// How often one token may be used in a second; 0 for no limit.
    pub calls_per_second: u32,
    /// How often one address may call what is open to all, in a second; 0 for no limit.
    pub public_calls_per_second: u32,
    /// Interfaces that are not offered: `["oapi", "km"]`.
    pub disabled_dialects: Names,
    /// The first administrator's e-mail, by which KM front ends know them.
    pub admin_email: String,
    /// The platform's own mail server: `smtps://user:password@host:465`, or `smtp://host` without TLS where nobody signs in.
    pub smtp_url: Option<String>,
    /// The sender of the platform's own mail.
    pub smtp_from: Option<String>,
    /// The only addresses that may call, as networks: `["10.0.0.0/8"]`; everyone when it is empty.
    pub allowed_addresses: Networks,
    /// Addresses that may not call, even if they are allowed.
    pub denied_addresses: Networks,
    /// Proxies whose X-Forwarded-For is believed.
    pub trusted_proxies: Networks,
    /// Which calls are written to the log: `all`, `all/N` (of reads one in N), `writes`, `failures` or `off`.
    pub call_log: Lines,
    /// The language of notices: `zh` or `en`.
    pub language: Speech,
    /// Addresses that warn channels may reach although they are this machine's own or link-local.
    pub warn_allowed_networks: Networks,
    /// A file of certificates (PEM) that mail servers and webhooks may be signed by, beside those of the system.
    pub warn_certificates: Option<PathBuf>,
    /// How many days recordings of tasks' screens are kept; 0 for ever.
    pub recording_days: u32,
    /// The key that imported licenses are believed by, as `baigong admin license make-key` shows it; without it none is.
    pub license_public_key: Option<String>,
}

/// The names of the settings, to find their variables. A test keeps them in step with [`Settings`].
const KEYS: [&str; 28] = [
    "data",
    "listen",
    "database",
    "time_zone",
    "allow_plain_passwords",
    "lease_seconds",
    "heartbeat_seconds",
    "offline_seconds",
    "token_idle_minutes",
    "token_hours",
    "keep_firings_days",
    "keep_messages_days",
    "keep_operation_log_days",
    "calls_per_second",
    "public_calls_per_second",
    "disabled_dialects",
    "admin_email",
    "smtp_url",
    "smtp_from",
    "allowed_addresses",
    "denied_addresses",
    "trusted_proxies",
    "call_log",
    "language",
    "warn_allowed_networks",
    "warn_certificates",
    "recording_days",
    "license_public_key",
];

/// Variables with the prefix that are no settings of the platform: those of the command line, of a robot, of a task's
/// program and of the tests.
const OTHERS: [&str; 13] = [
    "ADMIN_PASSWORD",
    "BRIDGE_SECRET",
    "METRICS_TOKEN",
    "LOG",
    "LOG_FORMAT",
    "ROBOT_SECRET",
    "PLATFORM_URL",
    "PARAMS_FILE",
    "OUTPUT_FILE",
    "ARTIFACTS",
    "RUN",
    "TASK_ID",
    "PROCESS_ID",
];
/// What the names of other variables that are no settings begin with.
const OTHER_FAMILIES: [&str; 3] = ["PARAM_", "TEST_", "WRITE_"];

impl Default for Settings {
    fn default() -> Self {
        Self {
            data: "data".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8600)),
            database: None,
            time_zone: "Asia/Shanghai".into(),
            allow_plain_passwords: None,
            lease_seconds: 60,
            heartbeat_seconds: 10,
            offline_seconds: 30,
            token_idle_minutes: 30,
            token_hours: 12,
            keep_firings_days: 90,
            keep_messages_days: 90,
            keep_operation_log_days: 0,
            calls_per_second: 1000,
            public_calls_per_second: 1000,
            disabled_dialects: Names::default(),
            admin_email: "admin@baigong.local".into(),
            smtp_url: None,
            smtp_from: None,
            allowed_addresses: Networks::default(),
            denied_addresses: Networks::default(),
            trusted_proxies: Networks::default(),
            call_log: Lines::All(1),
            language: Speech::default(),
            warn_allowed_networks: Networks::default(),
            warn_certificates: None,
            recording_days: 180,
            license_public_key: None,
        }
    }
}

impl Settings {
    /// Reads `file`, if one is given, and then the variables.
    ///
    /// # Errors
    /// With the place and the remedy: an unknown key, a misspelt variable, a value of the wrong kind, values that do not go together.
    pub fn load(file: Option<&Path>, variables: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let text = match file {
            Some(file) => std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?,
            None => String::new(),
        };
        // The file is checked on its own first: then its mistakes are shown with their line.
        toml::from_str::<Self>(&text)
            .with_context(|| file.map_or_else(String::new, |file| format!("in {}", file.display())))?;
        let mut table: Table = toml::from_str(&text)?;
        let variables: BTreeMap<String, String> = variables.into_iter().collect();
        for key in KEYS {
            let name = format!("{PREFIX}{}", key.to_uppercase());
            if let Some(text) = variables.get(&name).filter(|text| !text.is_empty()) {
                let mut one = Table::new();
                one.insert(key.to_owned(), value(text));
                one.clone().try_into::<Self>().with_context(|| format!("{name}={text}"))?;
                table.extend(one);
            }
        }
        variables.keys().filter_map(|name| name.strip_prefix(PREFIX)).try_for_each(refuse_misspelt)?;
        table.try_into().context("the settings")
    }

    /// Refuses values that do not go together.
    ///
    /// # Errors
    /// Naming the settings and what would be right.
    pub fn check(&self) -> Result<()> {
        let zone = jiff::tz::TimeZone::get(&self.time_zone);
        zone.with_context(|| format!("time_zone = \"{}\": give an IANA name such as Asia/Shanghai", self.time_zone))?;
        ensure!(self.heartbeat_seconds > 0, "heartbeat_seconds must be at least 1");
        ensure!(
            self.offline_seconds > self.heartbeat_seconds,
            "offline_seconds ({}) must be more than heartbeat_seconds ({})",
            self.offline_seconds,
            self.heartbeat_seconds
        );
        ensure!(
            self.lease_seconds > self.offline_seconds,
            "lease_seconds ({}) must be more than offline_seconds ({})",
            self.lease_seconds,
            self.offline_seconds
        );
        ensure!(
            self.token_idle_minutes > 0 && self.token_hours > 0,
            "token_idle_minutes and token_hours must be at least 1"
        );
        if let Some(url) = &self.database
            && !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme))
        {
            bail!("database must begin with sqlite:// or postgres://");
        }
        if let Some(key) = &self.license_public_key {
            VerifyingKey::parse(key)?;
        }
        let known = dialects::names();
        if let Some(unknown) = self.disabled_dialects.iter().find(|name| !known.contains(name)) {
            bail!("disabled_dialects: \"{unknown}\" is none of {}", known.join(", "));
        }
        self.smtp()?;
        smtp::address("admin_email", &self.admin_email)?;
        Ok(())
    }

    /// The platform's own mail server.
    pub(crate) fn smtp(&self) -> Result<Option<Smtp>> {
        let Some(url) = &self.smtp_url else {
            ensure!(self.smtp_from.is_none(), "smtp_from has no effect without smtp_url: where the mail goes");
            return Ok(None);
        };
        let from = self.smtp_from.as_deref().context("smtp_url needs smtp_from: who the mail is from")?;
        Ok(Some(Smtp::parse(url, from)?))
    }

    /// Whether passwords may come in plain text: as set, and otherwise while only this machine can connect.
    #[must_use]
    pub fn plain_passwords(&self) -> bool {
        self.allow_plain_passwords.unwrap_or_else(|| self.listen.ip().is_loopback())
    }
}

/// Refuses a name, given without its prefix, that is a known one but for a slip of the pen. Others are only told of: a
/// cluster may set variables named after a service that is called baigong.
fn refuse_misspelt(name: &str) -> Result<()> {
    let known: Vec<String> = KEYS.iter().map(|key| key.to_uppercase()).chain(OTHERS.map(str::to_owned)).collect();
    if known.iter().any(|known| known == name) || OTHER_FAMILIES.iter().any(|family| name.starts_with(family)) {
        return Ok(());
    }
    let slips = |known: &String| strsim::damerau_levenshtein(known, &name.to_uppercase());
    let nearest = known.iter().map(|known| (slips(known), known)).min();
    if let Some((slips, nearest)) = nearest
        && slips <= (name.chars().count() / 4).max(1)
    {
        bail!("{PREFIX}{name} is no setting: did you mean {PREFIX}{nearest}?");
    }
    tracing::warn!("{PREFIX}{name} is no setting: it has no effect");
    Ok(())
}

/// A variable is text: what reads as a number or a truth value is one.
fn value(text: &str) -> Value {
    let number = text.parse().ok().map(Value::Integer);
    number.or_else(|| text.parse().ok().map(Value::Boolean)).unwrap_or_else(|| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, variables: &[(&str, &str)]) -> Result<Settings> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("baigong.toml");
        std::fs::write(&path, file)?;
        Settings::load(Some(&path), variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn the_defaults_are_valid() {
        let settings = Settings::load(None, []).unwrap();
        assert_eq!(settings, Settings::default());
        settings.check().unwrap();
    }

    #[test]
    fn variables_go_before_the_file() {
        let settings = load(
            "time_zone = \"UTC\"\nlease_seconds = 90\n",
            &[("BAIGONG_LEASE_SECONDS", "120"), ("BAIGONG_LISTEN", "0.0.0.0:80"), ("BAIGONG_DATA", "")],
        );
        let settings = settings.unwrap();
        assert_eq!((settings.time_zone.as_str(), settings.lease_seconds), ("UTC", 120));
        assert_eq!(settings.listen.to_string(), "0.0.0.0:80");
        assert_eq!(settings.data, Path::new("data"));
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        type Variables<'a> = &'a [(&'a str, &'a str)];
        let cases: [(&str, Variables, &[&str]); 7] = [
            ("listen = \"127.0.0.1:1\"\nlise_seconds = 3\n", &[], &["baigong.toml", "line 2", "lise_seconds"]),
            ("lease_seconds = \"long\"\n", &[], &["line 1", "invalid type"]),
            ("listen = \"here\"\n", &[], &["line 1", "socket address"]),
            ("", &[("BAIGONG_TOKEN_HOURS", "many")], &["BAIGONG_TOKEN_HOURS=many"]),
            ("", &[("BAIGONG_LEASE_SECNDS", "60")], &["BAIGONG_LEASE_SECNDS", "did you mean BAIGONG_LEASE_SECONDS?"]),
            ("", &[("BAIGONG_lisetn", "")], &["did you mean BAIGONG_LISTEN?"]),
            ("", &[("BAIGONG_ADMIN_PASWORD", "x")], &["did you mean BAIGONG_ADMIN_PASSWORD?"]),
        ];
        for (file, variables, parts) in cases {
            let text = format!("{:#}", load(file, variables).unwrap_err());
            for part in parts {
                assert!(text.contains(part), "{part:?} is missing in {text:?}");
            }
        }
    }

    #[test]
    fn variables_of_others_do_not_trip_it() {
        for name in ["LOG", "ROBOT_SECRET", "PARAM_DATE", "RUN", "TASK_ID", "SERVICE_HOST", "PORT", "PORT_8600_TCP"] {
            load("", &[(&format!("BAIGONG_{name}"), "x")]).unwrap();
        }
    }

    #[test]
    fn values_that_do_not_go_together_are_refused() {
        for (file, word) in [
            ("lease_seconds = 20", "lease_seconds"),
            ("offline_seconds = 5", "offline_seconds"),
            ("time_zone = \"Mars/Olympus\"", "time_zone"),
            ("database = \"mysql://x\"", "postgres://"),
            ("token_hours = 0", "token_hours"),
            ("license_public_key = \"ed25519:00\"", "license_public_key"),
            ("disabled_dialects = [\"tsax\"]", "disabled_dialects"),
            ("admin_email = \"admin\"", "admin_email: must look like"),
            ("admin_email = \"a b@c\"", "admin_email: must look like"),
            ("smtp_url = \"smtp://mail\"", "smtp_from"),
            ("smtp_url = \"mail\"\nsmtp_from = \"a@b.cn\"", "smtp_url"),
            ("smtp_url = \"smtp://mail\"\nsmtp_from = \"rpa\"", "smtp_from: must look like"),
            ("smtp_from = \"a@b.cn\"", "smtp_url"),
        ] {
            let text = format!("{:#}", load(file, &[]).unwrap().check().unwrap_err());
            assert!(text.contains(word), "{file}: {text}");
        }
    }

    #[test]
    fn every_setting_has_its_variable() {
        let mistake = toml::from_str::<Settings>("no_such_setting = 1").unwrap_err().to_string();
        let named = mistake.matches('`').count() / 2 - 1;
        assert_eq!(named, KEYS.len(), "add the new setting to KEYS: {mistake}");
        assert!(KEYS.iter().all(|key| mistake.contains(&format!("`{key}`"))), "{mistake}");
    }

    #[test]
    fn both_readmes_list_every_setting() {
        for readme in [include_str!("../../../README.md"), include_str!("../../../README.zh-CN.md")] {
            for key in KEYS {
                let row = format!("| `{key}` | `BAIGONG_{}` |", key.to_uppercase());
                assert!(readme.contains(&row), "no row {row}");
            }
        }
    }

    #[test]
    fn plain_passwords_are_for_loopback_unless_set() {
        let far = Settings { listen: SocketAddr::from(([10, 0, 0, 1], 80)), ..Settings::default() };
        assert!(Settings::default().plain_passwords() && !far.plain_passwords());
        assert!(Settings { allow_plain_passwords: Some(true), ..far }.plain_passwords());
    }
}

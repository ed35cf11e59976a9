//! How a channel is spoken to: its settings as they are stored, its secrets apart and sealed, and both together for
//! whoever sends.

use std::str::FromStr;

use baigong_model::{Error, Result, Secret};
use baigong_store::entity::warn_channel;
use serde::{Deserialize, Serialize};

use crate::{Platform, keys::Place};

/// How a channel is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A mail over SMTP.
    Mail,
    /// A POST of our own JSON, signed.
    Webhook,
    /// A group robot of WeCom (企业微信).
    Wecom,
    /// A group robot of DingTalk (钉钉).
    Dingtalk,
    /// A group robot of Feishu (飞书).
    Feishu,
}

impl Format {
    const ALL: [Self; 5] = [Self::Mail, Self::Webhook, Self::Wecom, Self::Dingtalk, Self::Feishu];

    /// The word that is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
            Self::Wecom => "wecom",
            Self::Dingtalk => "dingtalk",
            Self::Feishu => "feishu",
        }
    }
}

impl FromStr for Format {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|format| format.as_str() == text).ok_or(())
    }
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS after STARTTLS; never without.
    Starttls,
    /// Not at all: only without a password.
    None,
}

impl Security {
    /// The word that is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Starttls => "starttls",
            Self::None => "none",
        }
    }
}

impl FromStr for Security {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Tls, Self::Starttls, Self::None].into_iter().find(|security| security.as_str() == text).ok_or(())
    }
}

/// What is stored of a channel without being a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", untagged)]
pub enum Settings {
    /// A mail server and who writes to whom.
    Mail(MailSettings),
    /// The host that is posted to; the whole address often is a secret.
    Webhook {
        /// `https://host:port`
        origin: String,
        /// Whether posts are signed.
        has_key: bool,
    },
}

/// A mail server and who writes to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MailSettings {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who signs in; none for a server that wants nobody to.
    pub username: Option<String>,
    /// The sender.
    pub from: String,
    /// Who always gets it.
    pub to: Vec<String>,
    /// Whether whoever started the task gets it too.
    pub tells_creator: bool,
}

/// The secrets of a channel.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Secrets {
    /// The mail server's password, or the key that posts are signed with.
    pub(super) key: Option<String>,
    /// The address that is posted to.
    pub(super) url: Option<String>,
}

impl Drop for Secrets {
    fn drop(&mut self) {
        use zeroize::Zeroize;
        self.key.zeroize();
        self.url.zeroize();
    }
}

/// A channel, its secrets open.
#[derive(Debug)]
pub enum Way {
    /// By mail.
    Mail(Mail),
    /// By a POST.
    Webhook(Webhook),
}

/// A mail server, and who writes to whom.
#[derive(Debug)]
pub struct Mail {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who signs in.
    pub username: Option<String>,
    /// With which password.
    pub password: Option<Secret<String>>,
    /// The sender.
    pub from: String,
    /// Everyone who gets it.
    pub to: Vec<String>,
    /// Whether whoever started the task gets it too.
    pub(crate) tells_creator: bool,
    /// Whether it is the platform's own server: whoever configured it answers for its address.
    pub is_own: bool,
}

/// Where is posted to, and in which form.
#[derive(Debug)]
pub struct Webhook {
    /// What the other side reads.
    pub format: Format,
    /// Its address.
    pub url: Secret<String>,
    /// The key that posts are signed with.
    pub key: Option<Secret<String>>,
}

/// Seals the secrets of the channel `id`; nothing where there are none.
pub(super) fn seal(platform: &Platform, id: i64, secrets: &Secrets) -> Result<Option<String>> {
    if secrets.key.is_none() && secrets.url.is_none() {
        return Ok(None);
    }
    let text = Secret::new(serde_json::to_vec(secrets).map_err(Error::internal)?);
    Ok(Some(platform.keys.seal(&*platform.random, place(&id.to_string()), text.expose())))
}

/// The secrets of a channel.
pub(super) fn unseal(platform: &Platform, row: &warn_channel::Model) -> Result<Secrets> {
    let Some(sealed) = &row.sealed else { return Ok(Secrets::default()) };
    let text = platform.keys.open(place(&row.id.to_string()), sealed)?;
    serde_json::from_slice(text.expose()).map_err(|_| Error::internal("the secrets of a warn channel cannot be read"))
}

fn place(row: &str) -> Place<'_> {
    Place { table: "warn_channel", row, column: "sealed" }
}

/// Opens a channel for sending.
pub(crate) fn open(platform: &Platform, row: &warn_channel::Model) -> Result<Way> {
    let mut secrets = unseal(platform, row)?;
    let key = secrets.key.take().map(Secret::new);
    Ok(match serde_json::from_str(&row.settings).map_err(Error::internal)? {
        Settings::Mail(mail) => Way::Mail(Mail {
            host: mail.host,
            port: mail.port,
            security: mail.security,
            username: mail.username,
            password: key,
            from: mail.from,
            to: mail.to,
            tells_creator: mail.tells_creator,
            is_own: false,
        }),
        Settings::Webhook { .. } => Way::Webhook(Webhook {
            format: row.format.parse().map_err(|()| Error::internal(format!("unknown format {}", row.format)))?,
            url: Secret::new(secrets.url.take().unwrap_or_default()),
            key,
        }),
    })
}

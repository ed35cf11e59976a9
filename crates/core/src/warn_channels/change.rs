//! Making and changing warn channels. Both are the same: a change is laid over what is there, and the whole is checked.

use baigong_model::{Error, Permission, Result, Secret, ids::DepartmentId};
use baigong_store::{Tx, audits, departments as department_rows, entity::warn_channel, warn_channels as rows};
use futures_util::FutureExt;
use serde_json::json;

use super::way::{Format, MailSettings, Secrets, Security, Settings, seal, unseal};
use crate::{
    Caller, Platform, departments, names,
    sm2_transport::{self, Purpose},
};

/// Who gets a mail at most, beside the creator.
const MOST_RECIPIENTS: usize = 50;
/// The longest address that is posted to.
const MAX_URL: usize = 2000;

/// A channel to be made.
#[derive(Debug)]
pub struct NewChannel {
    /// Its department.
    pub department_id: DepartmentId,
    /// 0 mail, 1 SMS, 2 IM.
    pub warn_type: i64,
    /// How it is spoken to; by default mail for mail and a webhook for anything else.
    pub format: Option<String>,
    /// The rest.
    pub change: ChannelChange,
}

/// What is to be changed of a channel: what is absent stays.
#[derive(Debug, Default)]
pub struct ChannelChange {
    /// Its name, unique in the department.
    pub name: Option<String>,
    /// The least grave level it takes: 0 info, 1 warning, 2 error.
    pub least_level: Option<i64>,
    /// Whether it is in use.
    pub is_active: Option<bool>,
    /// The mail server.
    pub host: Option<String>,
    /// Its port.
    pub port: Option<i64>,
    /// "tls", "starttls" or "none".
    pub security: Option<String>,
    /// Who signs in; "" for nobody.
    pub username: Option<String>,
    /// The password of the mail server, or the key that posts are signed with; "" for none.
    pub key: Option<Secret<String>>,
    /// The sender.
    pub from: Option<String>,
    /// Who always gets it.
    pub to: Option<Vec<String>>,
    /// Whether whoever started the task gets it too.
    pub tells_creator: Option<bool>,
    /// The address that is posted to.
    pub url: Option<Secret<String>>,
}

/// Makes a channel.
pub async fn create(platform: &Platform, caller: &Caller, input: NewChannel) -> Result<i64> {
    caller.need(Permission::WarnWrite)?;
    departments::live(platform, caller, input.department_id).await?;
    let warn_type = within("warnType", input.warn_type, 0..=2)?;
    let usual = if warn_type == 0 { Format::Mail } else { Format::Webhook };
    let format = input.format.filter(|text| !text.is_empty());
    let format: Format = format.map_or(Ok(usual), |text| text.parse()).map_err(|()| not_a_format())?;
    if (format == Format::Mail) != (warn_type == 0) {
        return Err(Error::invalid("format", "must be \"mail\" for mail and something else for SMS and IM"));
    }
    let row = warn_channel::Model {
        id: 0,
        department_id: input.department_id,
        created_by: caller.id(),
        name: String::new(),
        live_name: None,
        warn_type,
        format: format.as_str().into(),
        least_level: 0,
        is_active: true,
        settings: String::new(),
        sealed: None,
        created_at: platform.now(),
        deleted_at: None,
    };
    let change = readable(platform, input.change).await?;
    let (this, caller) = (platform.clone(), caller.clone());
    let made = platform.store.write(move |tx| {
        async move {
            let mut row = laid_over(&this, row, Secrets::default(), change, rows::next_id(tx).await?)?;
            row.created_at = this.now();
            store(&this, tx, &caller, row, "create").await
        }
        .boxed()
    });
    made.await
}

/// Changes a channel.
pub async fn update(platform: &Platform, caller: &Caller, id: i64, change: ChannelChange) -> Result<()> {
    caller.need(Permission::WarnWrite)?;
    let change = readable(platform, change).await?;
    let (this, caller) = (platform.clone(), caller.clone());
    let changed = platform.store.write(move |tx| {
        async move {
            let row = rows::find_live(tx, caller.scope(), id).await?;
            let row = row.ok_or_else(|| Error::not_found("warn channel", id))?;
            let secrets = unseal(&this, &row)?;
            let row = laid_over(&this, row, secrets, change, id)?;
            store(&this, tx, &caller, row, "update").await.map(drop)
        }
        .boxed()
    });
    changed.await
}

async fn store(
    platform: &Platform,
    tx: &Tx,
    caller: &Caller,
    row: warn_channel::Model,
    action: &'static str,
) -> Result<i64> {
    let (id, department) = (row.id, row.department_id);
    let detail =
        json!({ "name": row.name, "warnType": row.warn_type, "format": row.format, "isActive": row.is_active });
    let audit = caller.audit(platform.now(), action, "warn channel", Some(id), Some(department), &detail);
    if action == "create" {
        department_rows::hold(tx, department).await?;
        rows::insert(tx, row).await?;
    } else {
        rows::update(tx, row).await?;
    }
    audits::insert_many(tx, &[audit]).await.map(|()| id)
}

/// The secret of a change as it was meant: decrypted, and absent where it is what stands for one in an answer.
async fn readable(platform: &Platform, mut change: ChannelChange) -> Result<ChannelChange> {
    // Of an address its host is shown, and then what stands for the rest.
    change.url = change.url.filter(|url| !url.expose().ends_with(sm2_transport::HIDDEN));
    change.key = match sm2_transport::changed(change.key) {
        Some(key) if !key.expose().is_empty() => {
            Some(sm2_transport::read_field(platform, "secret", &key, Purpose::WarnChannel).await?)
        }
        key => key,
    };
    Ok(change)
}

/// `row` with `change` laid over it, checked as a whole.
fn laid_over(
    platform: &Platform,
    mut row: warn_channel::Model,
    mut secrets: Secrets,
    change: ChannelChange,
    id: i64,
) -> Result<warn_channel::Model> {
    row.id = id;
    if let Some(name) = &change.name {
        row.name = names::name("channelName", name)?;
    }
    if row.name.is_empty() {
        return Err(Error::invalid("channelName", "must be one line of 1 to 128 letters"));
    }
    row.live_name = Some(format!("{}/{}", row.department_id, row.name));
    row.is_active = change.is_active.unwrap_or(row.is_active);
    if let Some(level) = change.least_level {
        row.least_level = within("leastLevel", level, 0..=2)?;
    }
    if let Some(key) = &change.key {
        secrets.key = Some(key.expose().clone()).filter(|key| !key.is_empty());
    }
    let before: Option<Settings> = serde_json::from_str(&row.settings).ok();
    let settings = if row.format == Format::Mail.as_str() {
        let before = before.and_then(|it| if let Settings::Mail(mail) = it { Some(mail) } else { None });
        let (host, keeps_key) =
            (before.as_ref().map(|it| it.host.clone()), change.key.is_none() && secrets.key.is_some());
        let mail = mail(before, change, secrets.key.is_some())?;
        if keeps_key && host.is_some_and(|host| host != mail.host) {
            // Whoever may change a channel must not get its password by having it sent to a server of their own.
            return Err(Error::invalid("secret", "must be given with another address"));
        }
        Settings::Mail(mail)
    } else {
        if let Some(url) = change.url {
            secrets.url = Some(url.expose().trim().to_owned());
        }
        let origin = origin_of(secrets.url.as_deref().unwrap_or_default())?;
        Settings::Webhook { origin, has_key: secrets.key.is_some() }
    };
    row.settings = serde_json::to_string(&settings).map_err(Error::internal)?;
    row.sealed = seal(platform, id, &secrets)?;
    Ok(row)
}

fn mail(before: Option<MailSettings>, change: ChannelChange, has_password: bool) -> Result<MailSettings> {
    let text = |new: Option<String>, old: Option<String>| new.or(old).map(|text| text.trim().to_owned());
    let (host, port, security, username, from, to, tells_creator) = before.map_or_else(Default::default, |it| {
        (
            Some(it.host),
            Some(it.port),
            Some(it.security),
            it.username,
            Some(it.from),
            Some(it.to),
            Some(it.tells_creator),
        )
    });
    let security = match change.security.filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map_err(|()| Error::invalid("smtpSecurity", "must be tls, starttls or none"))?,
        None => security.unwrap_or(Security::Starttls),
    };
    let host = text(change.host, host).unwrap_or_default();
    if host.is_empty() || host.len() > 253 || !host.chars().all(|it| it.is_ascii_alphanumeric() || "-._:".contains(it))
    {
        return Err(Error::invalid("smtpHost", "must be the name or the address of a mail server"));
    }
    let port = match change.port {
        Some(port) => u16::try_from(port).ok().filter(|port| *port > 0),
        None => port.or(Some(if security == Security::Tls { 465 } else { 587 })),
    };
    let username = names::limited("smtpUsername", text(change.username, username), 254)?.filter(|it| !it.is_empty());
    if security == Security::None && (username.is_some() || has_password) {
        return Err(Error::invalid("smtpSecurity", "must be tls or starttls where somebody signs in"));
    }
    let from = names::address("mailFrom", text(change.from, from))?;
    let to = change.to.or(to).unwrap_or_default();
    if to.len() > MOST_RECIPIENTS {
        return Err(Error::invalid("mailTo", format!("must name at most {MOST_RECIPIENTS} addresses")));
    }
    let recipient = |text| names::address("mailTo", Some(text)).transpose();
    let to = to.into_iter().filter_map(recipient).collect::<Result<_>>()?;
    Ok(MailSettings {
        host,
        port: port.ok_or_else(|| Error::invalid("smtpPort", "must be between 1 and 65535"))?,
        security,
        username,
        from: from.ok_or_else(|| Error::invalid("mailFrom", "must look like name@example.com"))?,
        to,
        tells_creator: change.tells_creator.or(tells_creator).unwrap_or(true),
    })
}

/// The part of an address that may be shown: group robots carry their key in its path or query.
fn origin_of(url: &str) -> Result<String> {
    let wrong = || Error::invalid("url", "must be an address that begins with https:// or http://");
    let parsed = url::Url::parse(url).ok().filter(|_| url.len() <= MAX_URL).ok_or_else(wrong)?;
    let has_user = !parsed.username().is_empty() || parsed.password().is_some();
    if !matches!(parsed.scheme(), "https" | "http") || parsed.host_str().is_none() || has_user {
        return Err(wrong());
    }
    Ok(parsed.origin().ascii_serialization())
}

fn not_a_format() -> Error {
    Error::invalid("format", "must be mail, webhook, wecom, dingtalk or feishu")
}

fn within(field: &'static str, value: i64, range: std::ops::RangeInclusive<i64>) -> Result<i32> {
    let fits = range.contains(&value).then(|| i32::try_from(value).ok()).flatten();
    fits.ok_or_else(|| Error::invalid(field, format!("must be between {} and {}", range.start(), range.end())))
}

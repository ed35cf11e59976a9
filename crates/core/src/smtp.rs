//! The platform's own mail server, where the configuration names one: for what it writes to people itself.

use baigong_model::{Error, Result, Secret};

use crate::{
    names,
    warn_channels::{Mail, Security},
};

/// A mail server and who writes over it.
#[derive(Debug, Clone)]
pub struct Smtp {
    host: String,
    port: u16,
    security: Security,
    username: Option<String>,
    password: Option<Secret<String>>,
    /// The sender.
    pub from: String,
}

impl Smtp {
    /// From an address: `smtps://` is TLS from the first byte, `smtp://` is STARTTLS where somebody signs in and plain
    /// where nobody does. `from` is the sender.
    pub fn parse(url: &str, from: &str) -> Result<Self> {
        // What is wrong is told without the address: it holds a password.
        let because = |reason: &str| Error::invalid("smtp_url", reason);
        let wrong = || because("must look like smtps://user:password@host:465");
        let parsed = url::Url::parse(url).map_err(|_| wrong())?;
        let host = parsed.host_str().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
        let decoded = |text: &str| {
            let pair = format!("v={}", text.replace('+', "%2B"));
            url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        let username = Some(decoded(parsed.username())).filter(|name| !name.is_empty());
        let password = parsed.password().map(|text| Secret::new(decoded(text)));
        let (security, usual) = match (parsed.scheme(), &username) {
            ("smtps", _) => (Security::Tls, 465),
            ("smtp", Some(_)) => (Security::Starttls, 587),
            ("smtp", None) => (Security::None, 25),
            _ => return Err(wrong()),
        };
        if !matches!(parsed.path(), "" | "/") || parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(because("must end with the host or its port: what stands behind them would have no effect"));
        }
        if username.is_some() != password.is_some() {
            return Err(because("must name a user and a password, or neither"));
        }
        let from = address("smtp_from", from)?;
        let port = parsed.port().unwrap_or(usual);
        if port == 0 {
            return Err(because("must not have the port 0"));
        }
        Ok(Self { host: host.to_owned(), port, security, username, password, from })
    }

    /// As a way for a message to these people.
    #[must_use]
    pub fn to(&self, recipients: Vec<String>) -> Mail {
        Mail {
            host: self.host.clone(),
            port: self.port,
            security: self.security,
            username: self.username.clone(),
            password: self.password.clone(),
            from: self.from.clone(),
            to: recipients,
            tells_creator: false,
            is_own: true,
        }
    }
}

/// The e-mail address that a setting names.
pub fn address(setting: &str, text: &str) -> Result<String> {
    let found = names::address(setting, Some(text.to_owned()))?;
    found.ok_or_else(|| Error::invalid(setting, "must look like name@example.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_how_the_server_is_spoken_to() {
        let mail = |url: &str| Smtp::parse(url, "rpa@example.com").map(|smtp| smtp.to(vec!["a@b.cn".into()]));
        let tls = mail("smtps://rpa%40example.com:p%2Bw@mail.example.com").unwrap();
        assert_eq!((tls.host.as_str(), tls.port, tls.security), ("mail.example.com", 465, Security::Tls));
        assert_eq!(tls.username.as_deref(), Some("rpa@example.com"));
        assert_eq!(tls.password.unwrap().expose(), "p+w");
        let signed_in = mail("smtp://rpa:secret@mail:2525").unwrap();
        assert_eq!((signed_in.port, signed_in.security), (2525, Security::Starttls));
        let plain = mail("smtp://127.0.0.1").unwrap();
        assert_eq!((plain.port, plain.security, plain.username), (25, Security::None, None));
        for wrong in [
            "",
            "mail.example.com",
            "http://mail",
            "smtp://",
            "smtp://mail:0",
            "smtp://mail:x",
            "smtp://rpa@mail",
            "smtp://:secret@mail",
            "smtps://rpa:secret@mail/inbox",
            "smtps://rpa:secret@mail?tls=none",
        ] {
            let told = mail(wrong).unwrap_err().to_string();
            assert!(told.starts_with("smtp_url: must") && !told.contains("secret"), "{wrong}: {told}");
        }
        let sender = Smtp::parse("smtp://mail", "nobody").unwrap_err().to_string();
        assert_eq!(sender, "smtp_from: must look like name@example.com");
    }
}

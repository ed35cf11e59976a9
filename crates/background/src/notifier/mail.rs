//! Mails over SMTP. The message id names the event, so that a mail that arrives twice can be told from two mails.

use std::time::{Duration, UNIX_EPOCH};

use baigong_core::{
    notices::Delivery,
    warn_channels::{Mail, Security},
};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        extension::ClientId,
    },
};

use super::guard::Guard;

/// How long one command may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// The name shown beside the sender's address.
const SENDER: &str = "百工 Baigong";

/// Sends one mail to everyone it is for; why it was not taken.
pub(super) async fn send(
    guard: &Guard,
    certificates: Option<&[u8]>,
    mail: &Mail,
    delivery: &Delivery,
) -> Result<(), String> {
    let message = compose(mail, delivery)?;
    let addresses = match mail.is_own {
        true => Guard::open().look_up(&mail.host, mail.port).await?,
        false => guard.look_up(&mail.host, mail.port).await?,
    };
    // The address that was checked is connected to, and the name that was given is believed.
    let address = addresses.first().ok_or_else(|| format!("{} has no address", mail.host))?;
    let tls = match mail.security {
        Security::Tls => Tls::Wrapper(parameters(&mail.host, certificates)?),
        Security::Starttls => Tls::Required(parameters(&mail.host, certificates)?),
        Security::None => Tls::None,
    };
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string())
        .port(mail.port)
        .tls(tls)
        .hello_name(ClientId::Domain("baigong".into()))
        .timeout(Some(PATIENCE));
    if let Some(username) = &mail.username {
        let password = mail.password.as_ref().map(|password| password.expose().clone()).unwrap_or_default();
        transport = transport.credentials(Credentials::new(username.clone(), password));
    }
    transport.build().send(message).await.map(drop).map_err(|error| format!("{}: {}", mail.host, chain(&error)))
}

fn compose(mail: &Mail, delivery: &Delivery) -> Result<Message, String> {
    let address = |text: &String| text.parse::<Address>().map_err(|error| format!("{text}: {error}"));
    let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(delivery.notice.created_at).unwrap_or_default());
    let mut message = Message::builder()
        .from(Mailbox::new(Some(SENDER.into()), address(&mail.from)?))
        .subject(delivery.message.title.clone())
        .date(at)
        .message_id(Some(format!("<{}@baigong>", delivery.message_id)))
        .header(ContentType::TEXT_PLAIN);
    for to in &mail.to {
        message = message.to(Mailbox::new(None, address(to)?));
    }
    message.body(delivery.message.text.clone()).map_err(|error| format!("the mail cannot be written: {error}"))
}

fn parameters(host: &str, certificates: Option<&[u8]>) -> Result<TlsParameters, String> {
    let mut parameters = TlsParameters::builder(host.trim_matches(['[', ']']).to_owned());
    if let Some(pem) = certificates {
        let own = Certificate::from_pem(pem).map_err(|error| format!("warn_certificates: {error}"))?;
        parameters = parameters.add_root_certificate(own);
    }
    parameters.build_rustls().map_err(|error| format!("TLS: {error}"))
}

/// An error with its causes: "certificate unknown" hides in the last one.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}

//! What applications tell people: notices and announcements that are shown inside Baigong, mails, short messages, calls. What
//! leaves the platform goes through the outbox of notices: it is stored before anybody is told that it is sent, tried
//! again when the other side does not take it, and sealed, because it is meant for its receivers only. Without a
//! channel for it nothing is stored and the caller hears so.

mod channels;
mod inside;
mod outgoing;

pub use channels::{Channel, channel, channels};
pub use inside::{NewMessage, announce, shown, take_back, tell};
pub(crate) use outgoing::{Letter, OWN_SERVER, Reminder, open_letter};
pub use outgoing::{Mail, Text, Use, call, send_mails, send_template, send_text};

#[cfg(test)]
mod tests;

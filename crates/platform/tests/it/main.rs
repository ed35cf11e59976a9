//! The platform as a whole: it starts, says whether it can work, stops, and starts again on the same data.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod bridges;
mod calls;
mod canary;
mod credentials;
mod mail_server;
mod messages;
mod one_core;
mod start;
mod warnings;

//! The tests of testkit itself: that databases are fresh, copied from their template, and go when they should; that servers
//! and robots start, stop and come back.

mod databases;
#[cfg(feature = "server")]
mod servers;

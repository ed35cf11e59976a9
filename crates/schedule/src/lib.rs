//! When something is due: cron expressions ([`Cron`]), their next firing in a zone, and the days on which work is done
//! ([`DayRule`]). Pure: it takes the time as an argument and must know neither triggers nor storage nor a clock.

mod cron;

pub use cron::{Cron, CronError, Field};

//! When something is due: cron expressions ([`Cron`]), their next firing in a zone, and the days on which work is done
//! ([`DayRule`]). Pure: it takes the time as an argument and must know neither triggers nor storage nor a clock.

mod cron;
mod day_rule;
mod shipped;

pub use cron::{Cron, CronError, Field};
pub use day_rule::{Day, DayRule};
pub use shipped::{SHIPPED, Shipped, ShippedKind};

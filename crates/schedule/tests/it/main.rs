//! Tests of schedules from the outside: against real Quartz, around changes of clocks, and by properties.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod daylight;
#[path = "../../examples/quartz/generate.rs"]
mod generate;
mod properties;
mod quartz;
mod speed;
#[path = "../../examples/quartz/table.rs"]
mod table;

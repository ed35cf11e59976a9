//! Idempotent background work: driver, dispatcher, deadlines, retention.

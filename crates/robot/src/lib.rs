//! The robot: connection, journal, outbox, log spool, runner.

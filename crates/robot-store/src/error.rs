//! Database errors become ours here, once, at the edge of the crate.

use baigong_model::Error;
use sea_orm::{DbErr, SqlErr};

/// What a database error means to the caller. The text of the database stays private.
pub(crate) fn translate(error: DbErr) -> Error {
    let text = error.to_string();
    if ["database or disk is full", "No space left on device"].iter().any(|full| text.contains(full)) {
        return Error::unavailable("the disk of the database is full: free some space and try again");
    }
    if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) || text.contains("disk I/O error") {
        return Error::unavailable("the database does not answer at the moment: try again");
    }
    Error::internal(error)
}

/// The same for a change that gives a `kind` the name `name`: a unique value that is taken is its name.
pub(crate) fn taken(error: DbErr, kind: &'static str, name: &str) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::already_exists(kind, name),
        _ => translate(error),
    }
}

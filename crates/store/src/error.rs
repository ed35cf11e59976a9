//! Database errors become ours here, once, at the edge of the crate.

use baigong_model::Error;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// What a database error means to the caller. The text of the database stays private.
pub(crate) fn translate(error: DbErr) -> Error {
    if let Some(SqlErr::UniqueConstraintViolation(detail)) = error.sql_err() {
        return Error::Conflict(format!("another row has the same unique value ({})", unique_name(&detail)));
    }
    let text = error.to_string();
    if is_full(&text) {
        return Error::unavailable("the disk of the database is full: free some space and try again");
    }
    if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) || is_away(&error, &text) {
        return Error::unavailable("the database does not answer at the moment: try again");
    }
    Error::internal(error)
}

/// The same for an insert of a `kind` called `name`: a unique value that is taken is its name.
pub(crate) fn taken(error: DbErr, kind: &'static str, name: &str) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::already_exists(kind, name),
        _ => translate(error),
    }
}

/// The constraint's name without the values that collided.
fn unique_name(detail: &str) -> &str {
    detail.rsplit_once(": ").map_or(detail, |(_, name)| name)
}

fn is_full(text: &str) -> bool {
    text.contains("database or disk is full") || text.contains("No space left on device") || text.contains("53100")
}

fn is_away(error: &DbErr, text: &str) -> bool {
    let io = matches!(error, DbErr::Exec(RuntimeErr::SqlxError(e)) | DbErr::Query(RuntimeErr::SqlxError(e))
        if matches!(**e, sea_orm::sqlx::Error::Io(_) | sea_orm::sqlx::Error::PoolTimedOut | sea_orm::sqlx::Error::PoolClosed));
    io || text.contains("the database system is")
        || text.contains("terminating connection")
        || text.contains("disk I/O error")
}

//! Why a database could not be opened: told to whoever starts the platform, with its address and the engine's own words,
//! but never with the password. Later on errors are told without such details.

use std::{fs::OpenOptions, path::Path};

use baigong_model::Error;
use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, Connection, postgres::PgConnection},
};

/// What happened when the SQLite file of `url` was opened.
pub(super) fn sqlite_failed(url: &str, error: &DbErr) -> Error {
    let file = url.trim_start_matches("sqlite:").trim_start_matches("//");
    let file = file.split_once('?').map_or(file, |(file, _)| file);
    cannot(file, &trouble_with_file(Path::new(file)).unwrap_or_else(|| words(error)))
}

/// What happened when the server of `url` was spoken to. The pool tries again while a server refuses, and then knows only
/// that time is up: one more try tells why.
pub(super) async fn postgres_failed(url: &str, error: &DbErr) -> Error {
    let is_known =
        matches!(error, DbErr::Conn(RuntimeErr::SqlxError(cause)) if !matches!(**cause, sqlx::Error::PoolTimedOut));
    let cause = if is_known { words(error) } else { why_postgres_refuses(url).await };
    cannot(&without_password(url), &cause)
}

async fn why_postgres_refuses(url: &str) -> String {
    match tokio::time::timeout(super::PATIENCE, PgConnection::connect(url)).await {
        Ok(Ok(connection)) => {
            drop(connection.close().await);
            "it has no free connection: its max_connections may be too low".to_owned()
        }
        Ok(Err(error)) => engine_words(&error),
        Err(_) => "no answer in time".to_owned(),
    }
}

fn cannot(place: &str, cause: &str) -> Error {
    Error::unavailable(format!("the database {place} cannot be opened: {cause}"))
}

/// What the system says of the file; none when it can be opened, so that its contents are the trouble.
fn trouble_with_file(file: &Path) -> Option<String> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Some(format!("there is no folder {}", folder.display()));
    }
    if file.is_dir() {
        return Some("it is a folder, not a file".to_owned());
    }
    if !file.exists() {
        return Some("it cannot be made in its folder: may this user write there?".to_owned());
    }
    OpenOptions::new().read(true).write(true).open(file).err().map(|error| error.to_string())
}

fn words(error: &DbErr) -> String {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause)) => engine_words(cause),
        other => other.to_string(),
    }
}

/// The engine's own sentence where there is one.
fn engine_words(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(cause) => cause.message().to_owned(),
        sqlx::Error::Io(cause) => cause.to_string(),
        other => other.to_string(),
    }
}

/// `url` as it may be shown. Where it cannot be told what the password is, more is left out rather than less.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "(address without ://)".to_owned() };
    let (front, query) = rest.split_once('?').unwrap_or((rest, ""));
    // A password may hold a ? that nobody has encoded.
    let rest = if front.contains('@') || !query.contains('@') || query.contains("password") { front } else { rest };
    let shown = match rest.rsplit_once('@') {
        Some((user, place)) => {
            let user = user.split_once(':').map_or(user, |(user, _)| user);
            format!("{user}@{}", place.split('?').next().unwrap_or_default())
        }
        None => rest.to_owned(),
    };
    format!("{scheme}://{shown}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (url, shown) in [
            ("postgres://me:geheim@db:5432/rpa", "postgres://me@db:5432/rpa"),
            ("postgres://me:geheim@db/rpa?sslmode=require", "postgres://me@db/rpa"),
            ("postgres://db/rpa?user=me&password=geheim", "postgres://db/rpa"),
            ("postgres://db/rpa?password=geh@eim", "postgres://db/rpa"),
            ("postgres://me:geh@eim@db/rpa", "postgres://me@db/rpa"),
            ("postgres://me:geh/eim@db/rpa", "postgres://me@db/rpa"),
            ("postgres://me:geh?eim@db/rpa", "postgres://me@db/rpa"),
            ("postgres://me@db/rpa", "postgres://me@db/rpa"),
            ("postgres:me:geheim", "(address without ://)"),
        ] {
            assert_eq!(without_password(url), shown, "{url}");
        }
    }

    #[tokio::test]
    async fn a_server_that_refuses_is_told_as_such() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = taken.local_addr().expect("its number").port();
        drop(taken);
        let timed_out = DbErr::Conn(RuntimeErr::SqlxError(std::sync::Arc::new(sqlx::Error::PoolTimedOut)));
        let told = postgres_failed(&format!("postgres://me:geheim@127.0.0.1:{port}/rpa"), &timed_out).await.to_string();
        assert!(told.contains("refused") && told.contains(&format!("me@127.0.0.1:{port}/rpa")), "{told}");
        assert!(!told.contains("geheim"), "{told}");
    }
}

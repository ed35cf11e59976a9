//! Branches by database engine: only in the three topics of store that must know the engine, and in tests.

use super::Finding;
use super::source::Source;
use super::words::find_words;

/// Names that only code which knows its engine needs.
const NAMES: &[&str] = &[
    "DbBackend",
    "DatabaseBackend",
    "DatabaseType",
    "SqlitePool",
    "PgPool",
    "SqliteConnectOptions",
    "PgConnectOptions",
    "SqlxSqliteConnector",
    "SqlxPostgresConnector",
    "is_sqlite",
    "is_postgres",
];

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let checked = sources.iter().filter(|s| s.is_rust() && s.path.starts_with("crates/") && !may_branch(&s.path));
    checked.flat_map(|source| find_words(&source.path, &source.code(), NAMES)).collect()
}

/// `crates/store/src/{connect,write}.rs`, their folders, and files called `claim….rs`.
fn may_branch(path: &str) -> bool {
    let Some(inside) = path.strip_prefix("crates/store/src/") else { return false };
    let stem = inside.split(['/', '.']).next().unwrap_or_default();
    let file = inside.rsplit('/').next().unwrap_or_default();
    matches!(stem, "connect" | "write") || file.starts_with("claim")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_connect_write_and_claim_may_branch() {
        let text = "//! H.\nif backend == DbBackend::Sqlite {}\n";
        let fine = ["store/src/connect.rs", "store/src/write/group.rs", "store/src/tasks/claim.rs", "x/tests/it/a.rs"];
        for path in fine {
            assert_eq!(check(&[Source::new(format!("crates/{path}"), text)]), [], "{path}");
        }
        for path in ["store/src/tasks.rs", "core/src/write.rs"] {
            assert_eq!(check(&[Source::new(format!("crates/{path}"), text)]).len(), 1, "{path}");
        }
    }
}

//! Checks and copies of a database.

use baigong_model::Error;
use baigong_store::{Engine, Settings, Store, maintenance};
use baigong_testkit::on_both;
use sea_orm::ConnectionTrait;

use crate::support::{department, open};

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_database_is_whole_and_of_this_version() {
    on_both(async |database| {
        let store = open(&database).await;
        assert_eq!(maintenance::integrity(&store).await.unwrap(), Vec::<String>::new());
        assert_eq!(maintenance::missing_steps(&store).await.unwrap(), 0);
        assert_eq!(maintenance::package_files(&store).await.unwrap(), []);
        assert_eq!(maintenance::artifact_files(&store).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_refused_with_the_version_it_needs() {
    on_both(async |database| {
        let store = open(&database).await;
        let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_of_tomorrow', 1)";
        let added = store.write(move |tx| {
            Box::pin(async move { tx.execute_unprepared(newer).await.map_err(Error::internal).map(drop) })
        });
        added.await.unwrap();
        let error = Store::open(&Settings::new(database.url())).await.err().expect("it must not open").to_string();
        assert!(error.contains("m9999_of_tomorrow") && error.contains("newer version"), "{error}");
        assert!(maintenance::missing_steps(&store).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_sqlite_holds_what_was_committed_and_postgresql_names_its_own_tool() {
    on_both(async |database| {
        let store = open(&database).await;
        let id = department(&store).await;
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.db");
        let outcome = maintenance::backup(&Settings::new(database.url()), &copy).await;
        if store.engine() == Engine::Postgres {
            assert!(outcome.unwrap_err().to_string().contains("pg_dump"));
            return;
        }
        outcome.unwrap();
        let copied = Store::connect(&Settings::sqlite(&copy)).await.unwrap();
        let found = copied.reader().query_one_raw(sea_orm::Statement::from_string(
            copied.reader().get_database_backend(),
            format!("SELECT count(*) AS n FROM department WHERE id = {id}"),
        ));
        assert_eq!(found.await.unwrap().unwrap().try_get::<i64>("", "n").unwrap(), 1);
        let again = maintenance::backup(&Settings::new(database.url()), &copy).await;
        assert!(again.is_err(), "a copy must never replace what is there");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_sqlite_file_is_found() {
    let database = baigong_testkit::TestDatabase::sqlite().unwrap();
    let _store = open(&database).await;
    let file = database.folder().unwrap().join("copy.db");
    maintenance::backup(&Settings::new(database.url()), &file).await.unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    // The heads of the last pages: the file still opens, its tables and indexes do not hold together any more.
    let pages = bytes.len() / 4096;
    for page in pages - 3..pages {
        bytes[page * 4096..][..8].fill(0xff);
    }
    std::fs::write(&file, bytes).unwrap();
    let store = Store::connect(&Settings::sqlite(&file)).await.unwrap();
    let found = maintenance::integrity(&store).await;
    assert!(found.map_or(true, |findings| !findings.is_empty()), "the damage must be seen");
}

//! Fresh databases on both engines.

use baigong_testkit::{TestDatabase, on_both, postgres};
use std::sync::Mutex;

#[tokio::test]
async fn both_engines_are_visited_with_an_address_each() {
    let seen = Mutex::new(Vec::new());
    on_both(async |database| {
        let scheme = database.url().split(':').next().unwrap().to_owned();
        seen.lock().unwrap().push((database.engine(), scheme));
    })
    .await;
    let expected = [("SQLite", "sqlite"), ("PostgreSQL", "postgres")].map(|(e, s)| (e, s.to_owned()));
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_copy_has_what_the_template_was_prepared_with_and_is_a_database_of_its_own() {
    let cluster = postgres::cluster().unwrap();
    let fill = async |url: String| {
        let name = url.rsplit('/').next().unwrap().to_owned();
        cluster.sql(&name, &["CREATE TABLE t (n int)", "INSERT INTO t VALUES (7)"]).map(drop)
    };
    let first = TestDatabase::postgres_from("testkit", fill).await.unwrap();
    let never = async |_| -> anyhow::Result<()> { panic!("the template was prepared twice") };
    let second = TestDatabase::postgres_from("testkit", never).await.unwrap();
    let name = |database: &TestDatabase| database.url().rsplit('/').next().unwrap().to_owned();
    cluster.sql(&name(&first), &["DELETE FROM t"]).unwrap();
    assert_eq!(cluster.sql(&name(&second), &["SELECT n FROM t"]).unwrap(), "7");
}

#[test]
fn a_dropped_database_is_gone() {
    let cluster = postgres::cluster().unwrap();
    let database = TestDatabase::postgres().unwrap();
    let name = database.url().rsplit('/').next().unwrap().to_owned();
    let count = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    assert_eq!(cluster.sql("postgres", &[&count]).unwrap(), "1");
    drop(database);
    assert_eq!(cluster.sql("postgres", &[&count]).unwrap(), "0");
}

#[test]
fn a_wrong_statement_is_an_error_with_the_servers_words() {
    let error = postgres::cluster().unwrap().sql("postgres", &["SELECT nonsense"]).unwrap_err().to_string();
    assert!(error.contains("nonsense") && error.contains("does not exist"), "{error}");
}

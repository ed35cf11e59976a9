//! A database that cannot be opened: the cause is told, the password is not. And several nodes that start at once.

use baigong_store::{Settings, Store};
use baigong_testkit::{TestDatabase, on_both};

async fn refused(url: String) -> String {
    Store::open(&Settings::new(url)).await.err().expect("it cannot be opened").to_string()
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_named_with_the_cause() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display();
    let told = refused(format!("sqlite://{place}/none/a.db")).await;
    assert!(told.contains(&format!("{place}/none/a.db")) && told.contains("there is no folder"), "{told}");
    let told = refused(format!("sqlite://{place}")).await;
    assert!(told.contains("it is a folder"), "{told}");
    std::fs::write(folder.path().join("text.db"), "no database, ".repeat(1000)).unwrap();
    let told = refused(format!("sqlite://{place}/text.db")).await;
    assert!(told.contains("text.db cannot be opened: file is not a database"), "{told}");
}

#[tokio::test]
async fn what_the_server_refuses_is_told_without_the_password() {
    let database = TestDatabase::postgres().unwrap();
    let (server, name) = database.url().rsplit_once('/').unwrap();
    let (login, place) = server.split_once("://").unwrap().1.rsplit_once('@').unwrap();
    let (user, password) = login.split_once(':').unwrap();
    let told = refused(format!("{server}/absent")).await;
    assert!(told.contains("\"absent\" does not exist") && told.contains(&format!("{user}@{place}/absent")), "{told}");
    assert!(!told.contains(password), "{told}");
    let told = refused(format!("postgres://{user}:geheim@{place}/{name}")).await;
    assert!(told.contains("password authentication failed") && !told.contains("geheim"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_on_an_empty_database_all_start() {
    on_both(async |database| {
        let nodes = match database.folder() {
            // One file, one node: the folder lock of the platform sees to it.
            Some(_) => 1,
            None => 4,
        };
        let settings = Settings { connections: 2, ..Settings::new(database.url()) };
        let starts = (0..nodes).map(|_| Store::open(&settings));
        for start in futures_util::future::join_all(starts).await {
            start.unwrap();
        }
    })
    .await;
}

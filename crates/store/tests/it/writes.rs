//! The one way to write: concurrent reads-then-writes lose nothing, a failure or a panic undoes its own work only.

use baigong_model::Error;
use baigong_testkit::on_both;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Statement};

use crate::support::{open, write};

async fn run(tx: &baigong_store::Tx, text: &str) -> baigong_model::Result<Option<i64>> {
    let statement = Statement::from_string(tx.get_database_backend(), text);
    let row = tx.query_one_raw(statement).await.map_err(Error::internal)?;
    row.map(|row| row.try_get_by_index(0).map_err(Error::internal)).transpose()
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_reads_then_writes_lose_nothing() {
    on_both(async |database| {
        let store = open(&database).await;
        let writes = (0..160).map(|n: i64| {
            let text =
                format!("INSERT INTO node (id, started_at, lease_until) VALUES ('n{n}', {n}, 1) RETURNING started_at");
            write(&store, move |tx| {
                Box::pin(async move {
                    run(tx, "SELECT COUNT(*) FROM node").await?;
                    run(tx, &text).await
                })
            })
        });
        for (n, written) in join_all(writes).await.into_iter().enumerate() {
            assert_eq!(written.unwrap(), i64::try_from(n).ok(), "write {n} got its own answer");
        }
        let total = write(&store, |tx| Box::pin(run(tx, "SELECT COUNT(*) FROM node"))).await;
        assert_eq!(total.unwrap(), Some(160));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_or_a_panic_undoes_its_own_work_and_no_other() {
    on_both(async |database| {
        let store = open(&database).await;
        let insert = |n: i64, then: &'static str| {
            let text =
                format!("INSERT INTO node (id, started_at, lease_until) VALUES ('n{n}', {n}, 1) RETURNING started_at");
            write(&store, move |tx| {
                Box::pin(async move {
                    run(tx, &text).await?;
                    match then {
                        "fail" => Err(Error::conflict("on purpose")),
                        "panic" => panic!("on purpose"),
                        "break" => run(tx, "SELECT nothing FROM nowhere").await,
                        _ => Ok(None),
                    }
                })
            })
        };
        let ends = ["keep", "fail", "keep", "panic", "break", "keep"];
        let outcomes = join_all(ends.iter().enumerate().map(|(n, then)| insert(n as i64, then))).await;
        let kept: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
        assert_eq!(kept, [true, false, true, false, false, true]);
        let rows = write(&store, |tx| Box::pin(run(tx, "SELECT COUNT(*) FROM node"))).await;
        assert_eq!(rows.unwrap(), Some(3));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_database_is_said_and_goes_on_when_there_is_room_again() {
    let database = baigong_testkit::TestDatabase::sqlite().unwrap();
    let store = open(&database).await;
    let grow = |n: usize| {
        let id = format!("n{n}{}", "x".repeat(20_000));
        write(&store, move |tx| Box::pin(async move { baigong_store::nodes::renew(tx, &id, 1, 1).await }))
    };
    let limit = |pages: u32| {
        let text = format!("PRAGMA max_page_count = {pages}");
        write(&store, move |tx| Box::pin(async move { run(tx, &text).await }))
    };
    limit(1).await.unwrap();
    let outcomes = join_all((0..8).map(grow)).await;
    // SQLite may end the transaction with the error; the connection, and with it the limit, is then replaced.
    let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(Error::Unavailable(_)))).count();
    let acknowledged = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(refused > 0 && refused + acknowledged == 8, "{outcomes:?}");
    limit(1_000_000).await.unwrap();
    assert!(join_all((8..16).map(grow)).await.into_iter().all(|outcome| outcome.is_ok()));
    let rows = write(&store, |tx| Box::pin(run(tx, "SELECT COUNT(*) FROM node"))).await.unwrap();
    assert_eq!(rows, i64::try_from(acknowledged + 8).ok(), "what was acknowledged, and nothing else");
}

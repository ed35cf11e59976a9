//! The bare read through the platform's own pool of readers: no HTTP, no token, no rule.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use baigong_store::Store;
use futures_util::future::try_join_all;
use sea_orm::{ConnectionTrait, QueryResult, Statement};

use crate::{stats, time};

/// One task after the other by its id: reads a second.
pub(crate) async fn tasks(store: &Store, ids: &Arc<Vec<i64>>, callers: usize, window: Duration) -> Result<f64> {
    let reader = |number: usize| {
        let (store, ids) = (store.clone(), ids.clone());
        tokio::spawn(async move {
            let (begun, mut count) = (time::now(), 0);
            while time::now().duration_since(begun) < window {
                let id = ids[(number + count * 7919) % ids.len()];
                let found = rows(&store, "SELECT * FROM task WHERE id = $1", id).await?;
                ensure!(found.first().context("no such task")?.try_get_by_index::<i64>(0)? == id, "another task");
                count += 1;
            }
            Ok(stats::as_f64(count) / time::seconds_since(begun))
        })
    };
    sum(try_join_all((0..callers).map(reader)).await?)
}

async fn rows(store: &Store, text: &str, value: i64) -> Result<Vec<QueryResult>> {
    let backend = store.reader().get_database_backend();
    let statement = Statement::from_sql_and_values(backend, text, [value.into()]);
    Ok(store.reader().query_all_raw(statement).await?)
}

/// Pages of a hundred robots: reads a second.
pub(crate) async fn robots(store: &Store, first: i64, callers: usize, window: Duration) -> Result<f64> {
    // From a key on: what a page costs when nothing before it is counted.
    const PAGE: &str = "SELECT id, department_id, robot_type, name, machine_id, remark, node_id, deleted_at FROM robot \
        WHERE deleted_at IS NULL AND id >= $1 ORDER BY id LIMIT 100";
    let reader = |number: usize| {
        let store = store.clone();
        tokio::spawn(async move {
            let (begun, mut count) = (time::now(), 0);
            while time::now().duration_since(begun) < window {
                let from = first + i64::try_from((number + count * 37) % 100)? * 100;
                let rows = rows(&store, PAGE, from).await?;
                let mut sum = 0;
                for row in &rows {
                    sum += row.try_get_by_index::<i64>(0)? - first;
                    drop(row.try_get_by_index::<String>(3)?);
                }
                ensure!(sum > 0, "an empty page");
                count += 1;
            }
            Ok(stats::as_f64(count) / time::seconds_since(begun))
        })
    };
    sum(try_join_all((0..callers).map(reader)).await?)
}

fn sum(rates: Vec<Result<f64>>) -> Result<f64> {
    rates.into_iter().sum()
}

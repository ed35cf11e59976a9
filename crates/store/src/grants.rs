//! Which robots an asset or a credential is given to, where it is not for all of them.

use std::collections::HashMap;

use baigong_model::{Result, ids::RobotId};
use sea_orm::{ConnectionTrait, DatabaseTransaction as Tx};

use crate::sql;

/// What is given to robots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granted {
    /// An asset.
    Asset,
    /// A credential.
    Credential,
    /// An application: its robots are those it lists.
    Application,
}

impl Granted {
    fn table(self) -> &'static str {
        match self {
            Self::Asset => "asset_robot",
            Self::Credential => "credential_robot",
            Self::Application => "application_robot",
        }
    }

    fn column(self) -> &'static str {
        match self {
            Self::Asset => "asset_id",
            Self::Credential => "credential_id",
            Self::Application => "application_id",
        }
    }
}

/// Gives the thing to exactly these robots.
pub async fn replace(tx: &Tx, granted: Granted, id: i64, robots: &[RobotId]) -> Result<()> {
    let (table, column) = (granted.table(), granted.column());
    sql::run(tx, &format!("DELETE FROM {table} WHERE {column} = $1"), vec![id.into()]).await?;
    if robots.is_empty() {
        return Ok(());
    }
    let text = format!("INSERT INTO {table} ({column}, robot_id) VALUES {}", sql::places(tx, robots.len(), 2, 0));
    let values = robots.iter().flat_map(|robot| [id.into(), (*robot).into()]).collect();
    sql::run(tx, &text, values).await.map(drop)
}

/// The live robots that each of the things is given to, by id.
pub async fn of(on: &impl ConnectionTrait, granted: Granted, ids: &[i64]) -> Result<HashMap<i64, Vec<RobotId>>> {
    let mut found: HashMap<i64, Vec<RobotId>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let (table, column) = (granted.table(), granted.column());
    let text = format!(
        "SELECT {table}.{column}, {table}.robot_id FROM {table} JOIN robot ON robot.id = {table}.robot_id
         WHERE robot.deleted_at IS NULL AND {table}.{column} IN {} ORDER BY {table}.robot_id",
        sql::places(on, 1, ids.len(), 0)
    );
    for row in sql::rows(on, &text, ids.iter().map(|id| (*id).into()).collect()).await? {
        found.entry(sql::get(&row, 0)?).or_default().push(sql::get(&row, 1)?);
    }
    Ok(found)
}

/// [`of`] for readers outside a write.
pub async fn robots(store: &crate::Store, granted: Granted, ids: &[i64]) -> Result<HashMap<i64, Vec<RobotId>>> {
    of(store.reader(), granted, ids).await
}

//! Who may change departments while others put things into them. SQLite has one writer, which is alone anyway.

use baigong_model::{Error, Result};
use sea_orm::DatabaseTransaction as Tx;

use crate::{sql, write::row_lock};

/// What the departments are locked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// To move or rename one: no other may be moved meanwhile, but things may be put into them.
    Moving,
    /// To delete some: nothing may be put into any meanwhile.
    Deleting,
}

/// Waits until nobody else changes departments. Read them after this, not before: what others did meanwhile then shows.
/// One that was made while this waited is not locked by the first look: it looks until there are no more.
pub async fn lock_all(tx: &Tx, why: For) -> Result<()> {
    let lock = match why {
        For::Moving => row_lock(tx, " FOR NO KEY UPDATE"),
        For::Deleting => row_lock(tx, " FOR UPDATE"),
    };
    let text = format!("SELECT id FROM department ORDER BY id{lock}");
    let mut locked = 0;
    while !lock.is_empty() {
        let found = sql::rows(tx, &text, vec![]).await?.len();
        if found == locked {
            break;
        }
        locked = found;
    }
    Ok(())
}

/// Fails unless the department is live, and keeps it so until the end of the write: something is put into it.
pub async fn hold(tx: &Tx, id: i64) -> Result<()> {
    let lock = row_lock(tx, " FOR KEY SHARE");
    let text = format!("SELECT 1 FROM department WHERE id = $1 AND deleted_at IS NULL{lock}");
    match sql::exists(tx, &text, vec![id.into()]).await? {
        true => Ok(()),
        false => Err(Error::not_found("department", id)),
    }
}

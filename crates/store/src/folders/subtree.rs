//! A folder and everything below it, in one statement each.

use baigong_model::{Result, ids::DepartmentId};
use sea_orm::{DatabaseTransaction as Tx, Value};

use super::live_path;
use crate::{entity::folder::Model, sql};

/// The live folders at or below a path, whose places are $1 (department), $2 (path), $3 (path and "/") and $4 (its length).
const BELOW: &str = "department_id = $1 AND deleted_at IS NULL AND (path = $2 OR substr(path, 1, $4) = $3)";

fn below(department: DepartmentId, path: &str) -> Vec<Value> {
    let prefix = format!("{path}/");
    let length = i32::try_from(prefix.chars().count()).unwrap_or(i32::MAX);
    vec![department.into(), path.into(), prefix.into(), length.into()]
}

/// How far a subtree reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// The letters of its longest path.
    pub longest: i64,
    /// The names in its deepest path.
    pub deepest: i64,
}

/// How far the live folders at or below `path` reach.
pub async fn extent(tx: &Tx, department: DepartmentId, path: &str) -> Result<Extent> {
    let text = format!(
        "SELECT CAST(COALESCE(MAX(length(path)), 0) AS BIGINT),
                CAST(COALESCE(MAX(length(path) - length(replace(path, '/', ''))), 0) AS BIGINT)
         FROM folder WHERE {BELOW}"
    );
    let rows = sql::rows(tx, &text, below(department, path)).await?;
    let Some(row) = rows.first() else { return Ok(Extent { longest: 0, deepest: 0 }) };
    Ok(Extent { longest: sql::get(row, 0)?, deepest: sql::get(row, 1)? })
}

/// Gives `folder` the name, the parent and the path that are given; everything below it comes along. The path must be free.
pub async fn move_subtree(tx: &Tx, folder: &Model, parent: i64, name: &str, path: &str) -> Result<()> {
    let own = "UPDATE folder SET name = $1, parent_id = $2 WHERE id = $3";
    sql::run(tx, own, vec![name.into(), parent.into(), folder.id.into()]).await?;
    let (department, old) = (folder.department_id, folder.path.as_str());
    let rest = i32::try_from(old.chars().count() + 1).unwrap_or(i32::MAX);
    let text =
        format!("UPDATE folder SET path = $5 || substr(path, $6), live_path = $7 || substr(path, $6) WHERE {BELOW}");
    let mut values = below(department, old);
    values.extend([path.into(), rest.into(), live_path(department, path).into()]);
    sql::run(tx, &text, values).await.map(drop)
}

/// Whether nothing that is live lies in the folder.
pub async fn is_empty(tx: &Tx, id: i64) -> Result<bool> {
    let text = "SELECT 1 FROM folder WHERE parent_id = $1 AND deleted_at IS NULL
        UNION ALL SELECT 1 FROM file WHERE folder_id = $1 AND deleted_at IS NULL LIMIT 1";
    Ok(!sql::exists(tx, text, vec![id.into()]).await?)
}

/// Marks the folders at or below `path` and all files in them deleted, and frees their names. Answers how many files.
pub async fn delete_subtree(tx: &Tx, department: DepartmentId, path: &str, now: i64) -> Result<u64> {
    let mut values = below(department, path);
    values.push(now.into());
    let files = format!(
        "UPDATE file SET deleted_at = $5, live_name = NULL WHERE deleted_at IS NULL
         AND folder_id IN (SELECT id FROM folder WHERE {BELOW})"
    );
    let files = sql::run(tx, &files, values.clone()).await?;
    let folders = format!("UPDATE folder SET deleted_at = $5, live_path = NULL WHERE {BELOW}");
    sql::run(tx, &folders, values).await.map(|_| files)
}

/// Who made the live folders at or below `path` and the live files in them: departments and users, each once.
pub async fn owners(tx: &Tx, department: DepartmentId, path: &str) -> Result<Vec<(DepartmentId, i64)>> {
    let text = format!(
        "SELECT department_id, created_by FROM folder WHERE {BELOW}
         UNION SELECT department_id, created_by FROM file WHERE deleted_at IS NULL
         AND folder_id IN (SELECT id FROM folder WHERE {BELOW})"
    );
    let rows = sql::rows(tx, &text, below(department, path)).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, sql::get(row, 1)?))).collect()
}

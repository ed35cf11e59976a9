//! Who has which seat of the licenses. The order of the ids is the order in which seats were given: where there are fewer
//! than were given, the first keep theirs.

use std::collections::HashMap;

use baigong_model::{Page, Result, ids::RobotId};
use sea_orm::{DatabaseTransaction as Tx, QueryResult, Value};

use crate::{scope::Scope, sql, write::Store};

/// A seat that somebody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Its id.
    pub id: i64,
    /// The word of its type.
    pub seat_type: String,
    /// Who has it: unique among all seats.
    pub holder: String,
    /// The robot that has it, if one does.
    pub robot_id: Option<RobotId>,
    /// Who gave it.
    pub created_by: i64,
    /// When it was given.
    pub created_at: i64,
}

const COLUMNS: &str = "s.id, s.seat_type, s.holder, s.robot_id, s.created_by, s.created_at";

fn seat(row: &QueryResult) -> Result<Seat> {
    let mut next = sql::Cursor::over(row);
    Ok(Seat {
        id: next.get()?,
        seat_type: next.get()?,
        holder: next.get()?,
        robot_id: next.get()?,
        created_by: next.get()?,
        created_at: next.get()?,
    })
}

/// Gives a seat (its id is ignored); `false` when the holder has one already.
pub async fn insert(tx: &Tx, seat: Seat) -> Result<bool> {
    let text = "INSERT INTO license_seat (seat_type, holder, robot_id, created_by, created_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (holder) DO NOTHING";
    let values = vec![
        seat.seat_type.into(),
        seat.holder.into(),
        seat.robot_id.into(),
        seat.created_by.into(),
        seat.created_at.into(),
    ];
    Ok(sql::run(tx, text, values).await? > 0)
}

/// Whether `holder` has a seat, inside a write.
pub async fn has(tx: &Tx, holder: &str) -> Result<bool> {
    sql::exists(tx, "SELECT 1 FROM license_seat WHERE holder = $1", vec![holder.into()]).await
}

/// Takes the seat of `holder` back; whether they had one.
pub async fn remove(tx: &Tx, holder: &str) -> Result<bool> {
    Ok(sql::run(tx, "DELETE FROM license_seat WHERE holder = $1", vec![holder.into()]).await? > 0)
}

/// How many seats of a type are given, inside a write.
pub async fn used(tx: &Tx, seat_type: &str) -> Result<i64> {
    let counts = sql::column(tx, "SELECT COUNT(*) FROM license_seat WHERE seat_type = $1", vec![seat_type.into()]);
    Ok(counts.await?.into_iter().next().unwrap_or(0))
}

/// How many seats are given, by type.
pub async fn used_by_type(store: &Store) -> Result<HashMap<String, i64>> {
    let text = "SELECT seat_type, COUNT(*) FROM license_seat GROUP BY seat_type";
    let rows = sql::rows(store.reader(), text, vec![]).await?;
    rows.iter().map(|row| Ok((sql::get(row, 0)?, sql::get(row, 1)?))).collect()
}

/// The robots with the first `most` seats of a type.
pub async fn first_robots(store: &Store, seat_type: &str, most: i64) -> Result<Vec<RobotId>> {
    let text = format!(
        "SELECT robot_id FROM (SELECT id, robot_id FROM license_seat WHERE seat_type = $1 ORDER BY id LIMIT {most}) s
         WHERE robot_id IS NOT NULL"
    );
    sql::column(store.reader(), &text, vec![seat_type.into()]).await
}

/// Which seats: of one type, of robots that a scope sees. Seats that no robot has belong to no department.
fn condition(scope: &Scope, seat_type: Option<&str>) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = Vec::new();
    let mut parts: Vec<String> = Vec::new();
    if let Some(seat_type) = seat_type {
        values.push(seat_type.into());
        parts.push("s.seat_type = $1".into());
    }
    let ids = |ids: &mut dyn Iterator<Item = i64>| {
        let list: Vec<String> = ids.map(|id| id.to_string()).collect();
        if list.is_empty() { "NULL".to_owned() } else { list.join(", ") }
    };
    match scope {
        Scope::All => {}
        Scope::Departments(departments) => {
            parts.push(format!("r.department_id IN ({})", ids(&mut departments.iter().copied())));
        }
        Scope::Own(own) => {
            parts.push(format!("r.created_by = {}", own.user));
            if let Some(part) = &own.part {
                parts.push(format!("r.department_id IN ({})", ids(&mut part.iter().copied())));
            }
        }
    }
    let text = if parts.is_empty() { "1 = 1".to_owned() } else { parts.join(" AND ") };
    (text, values)
}

/// A page of seats in the order in which they were given.
pub async fn list(store: &Store, scope: &Scope, seat_type: Option<&str>, page: Page) -> Result<Vec<Seat>> {
    let (condition, values) = condition(scope, seat_type);
    let text = format!(
        "SELECT {COLUMNS} FROM license_seat s LEFT JOIN robot r ON r.id = s.robot_id WHERE {condition}
         ORDER BY s.id LIMIT {} OFFSET {}",
        page.size(),
        page.offset()
    );
    sql::rows(store.reader(), &text, values).await?.iter().map(seat).collect()
}

/// How many seats such a list holds.
pub async fn count(store: &Store, scope: &Scope, seat_type: Option<&str>) -> Result<u64> {
    let (condition, values) = condition(scope, seat_type);
    let text = format!("SELECT COUNT(*) FROM license_seat s LEFT JOIN robot r ON r.id = s.robot_id WHERE {condition}");
    let counts = sql::column::<i64>(store.reader(), &text, values).await?;
    Ok(counts.first().and_then(|count| u64::try_from(*count).ok()).unwrap_or(0))
}

//! What machines were doing when their robots last said: one row each, written seldom.

use baigong_model::{Result, ids::MachineId};
use sea_orm::DatabaseTransaction as Tx;

use crate::{sql, write::Store};

/// What a robot read on its machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The machine.
    pub machine_id: MachineId,
    /// The robot that read it.
    pub robot_id: i64,
    /// When.
    pub read_at: i64,
    /// What it read, JSON.
    pub reading: String,
}

/// Keeps each reading that is newer than the one kept.
pub async fn keep(tx: &Tx, readings: &[Reading]) -> Result<()> {
    for readings in readings.chunks(1000) {
        let text = format!(
            "INSERT INTO machine_reading (machine_id, robot_id, read_at, reading) VALUES {}
             ON CONFLICT (machine_id) DO UPDATE SET robot_id = excluded.robot_id, read_at = excluded.read_at,
                reading = excluded.reading WHERE excluded.read_at >= machine_reading.read_at",
            sql::places(tx, readings.len(), 4, 0)
        );
        let values = readings
            .iter()
            .flat_map(|it| [it.machine_id.into(), it.robot_id.into(), it.read_at.into(), it.reading.as_str().into()]);
        sql::run(tx, &text, values.collect()).await?;
    }
    Ok(())
}

/// The reading that is kept of a machine.
pub async fn of(store: &Store, machine_id: MachineId) -> Result<Option<Reading>> {
    let text = "SELECT machine_id, robot_id, read_at, reading FROM machine_reading WHERE machine_id = $1";
    let rows = sql::rows(store.reader(), text, vec![machine_id.into()]).await?;
    let read = |row| {
        let mut next = sql::Cursor::over(row);
        Ok(Reading { machine_id: next.get()?, robot_id: next.get()?, read_at: next.get()?, reading: next.get()? })
    };
    rows.first().map(read).transpose()
}

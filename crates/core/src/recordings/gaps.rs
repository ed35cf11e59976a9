//! What is lost of a recording: shown, so that nobody takes a short film for a whole one.

use baigong_store::entity::{recording, recording_chunk};

/// What is said where nobody knows more.
const NEVER_CAME: &str = "it never arrived";

/// A stretch of time of which there is no picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// When it begins.
    pub started_at: i64,
    /// When it ends.
    pub ended_at: i64,
    /// Why.
    pub reason: String,
}

/// The gaps of a recording with these chunks, in order. While it is being made, what is behind the last chunk is not
/// lost but awaited.
pub(super) fn of(row: &recording::Model, chunks: &[recording_chunk::Model]) -> Vec<Gap> {
    let (mut gaps, mut next, mut until): (Vec<Gap>, i32, i64) = (Vec::new(), 0, row.started_at);
    for chunk in chunks {
        if chunk.number > next {
            add(&mut gaps, (until, chunk.started_at), NEVER_CAME);
        }
        if let Some(reason) = &chunk.lost {
            add(&mut gaps, (chunk.started_at, chunk.ended_at), reason);
        }
        (next, until) = (chunk.number + 1, chunk.ended_at);
    }
    if row.chunks.is_some_and(|count| count > next) {
        add(&mut gaps, (until, row.ended_at), NEVER_CAME);
    }
    gaps
}

/// Adds a gap; one that goes on where the last ended, for the same reason, makes that longer.
fn add(gaps: &mut Vec<Gap>, (started_at, ended_at): (i64, i64), reason: &str) {
    match gaps.last_mut() {
        Some(last) if last.reason == reason && last.ended_at == started_at => last.ended_at = ended_at,
        _ => gaps.push(Gap { started_at, ended_at: ended_at.max(started_at), reason: reason.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(number: i32, lost: Option<&str>) -> recording_chunk::Model {
        recording_chunk::Model {
            recording_id: 1,
            number,
            started_at: i64::from(number) * 10,
            ended_at: i64::from(number) * 10 + 10,
            size: 1,
            blob_key: None,
            lost: lost.map(str::to_owned),
        }
    }

    fn gaps(chunks: Option<i32>, there: &[recording_chunk::Model]) -> Vec<(i64, i64, String)> {
        let row = recording::Model {
            id: 1,
            task_id: 1,
            fence: 1,
            part: 1,
            robot_id: 1,
            started_at: 0,
            ended_at: 60,
            sealed_key: String::new(),
            chunks,
            in_order: true,
            created_at: 0,
        };
        of(&row, there).into_iter().map(|gap| (gap.started_at, gap.ended_at, gap.reason)).collect()
    }

    #[test]
    fn what_is_missing_and_what_is_known_to_be_lost_is_told() {
        let never = NEVER_CAME.to_owned();
        assert_eq!(gaps(Some(2), &[chunk(0, None), chunk(1, None)]), []);
        assert_eq!(gaps(Some(4), &[chunk(0, None), chunk(3, None)]), [(10, 30, never.clone())]);
        assert_eq!(gaps(Some(6), &[chunk(0, None)]), [(10, 60, never.clone())], "the end never came");
        assert_eq!(gaps(None, &[chunk(0, None)]), [], "the rest is on its way");
        assert_eq!(gaps(Some(0), &[]), []);
        let full = || Some("the disk is full");
        let lost = [chunk(0, None), chunk(1, full()), chunk(2, full()), chunk(4, None)];
        assert_eq!(gaps(None, &lost), [(10, 30, "the disk is full".into()), (30, 40, never)]);
    }
}

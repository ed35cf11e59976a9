//! The journal as its users see it, over crashes at every byte.

use baigong_protocol::{Assign, Outcome, PackageRef, Report, TaskRef};
use proptest::prelude::*;

use super::{
    file::{JournalFile, replay},
    *,
};

fn assign(task_id: i64, fence: i64) -> Assign {
    Assign {
        task_id,
        fence,
        process_id: 1,
        process_name: "p".into(),
        package: PackageRef { package_id: 1, sha256: "ab".repeat(32), size: 1, path: "/p".into() },
        in_parameters: Vec::new(),
        task_name: None,
        max_run_seconds: None,
        log_level: baigong_model::LogLevel::Info,
        retry_safe: false,
        record: false,
        operator: String::new(),
        recording_ticket: String::new(),
    }
}

fn run() -> RunMark {
    RunMark { token: "t".into(), boot: "b".into() }
}

fn report(task: TaskRef) -> Report {
    Report {
        task_id: task.task_id,
        fence: task.fence,
        outcome: Outcome::Succeeded,
        message: None,
        failure: None,
        out_parameters: Vec::new(),
        artifacts: Vec::new(),
        ended_at: 5,
    }
}

fn entry() -> impl Strategy<Value = Entry> {
    let task = (1..5_i64, 1..3_i64).prop_map(|(task_id, fence)| TaskRef { task_id, fence });
    (0..4, task).prop_map(|(kind, task)| match kind {
        0 => Entry::Accepted { assign: assign(task.task_id, task.fence) },
        1 => Entry::Started { task, run: run() },
        2 => Entry::Finished { report: report(task) },
        _ => Entry::Ended { task },
    })
}

fn folded(entries: &[Entry]) -> Ledger {
    let mut ledger = Ledger::default();
    entries.iter().for_each(|entry| ledger.apply(entry));
    ledger
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_journal_torn_at_any_byte_holds_what_was_written_whole(
        entries in prop::collection::vec(entry(), 0..5), at in any::<prop::sample::Index>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut ends = Vec::new();
        let (mut file, ..) = JournalFile::open(&path).unwrap();
        ends.push(std::fs::metadata(&path).unwrap().len() as usize);
        for entry in &entries {
            file.append(std::slice::from_ref(entry)).unwrap();
            ends.push(std::fs::metadata(&path).unwrap().len() as usize);
        }
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..=whole.len() {
            let (ledger, _) = replay(&whole[..cut]).unwrap();
            let written = ends.iter().filter(|end| **end <= cut).count().saturating_sub(1);
            prop_assert_eq!(ledger, folded(&entries[..written]), "cut at byte {} of {}", cut, whole.len());
        }
        // What is written after a torn end is found again too.
        let cut = at.index(whole.len() + 1);
        std::fs::write(&path, &whole[..cut]).unwrap();
        let (mut file, mut ledger, _) = JournalFile::open(&path).unwrap();
        file.append(&[Entry::Ended { task: TaskRef { task_id: 99, fence: 1 } }]).unwrap();
        ledger.apply(&Entry::Ended { task: TaskRef { task_id: 99, fence: 1 } });
        prop_assert_eq!(JournalFile::open(&path).unwrap().1, ledger);
    }

    #[test]
    fn a_rewritten_journal_says_the_same(entries in prop::collection::vec(entry(), 0..30)) {
        let ledger = folded(&entries);
        let rewritten: Vec<Entry> = ledger.entries().collect();
        prop_assert_eq!(folded(&rewritten), ledger);
    }

    #[test]
    fn no_lease_is_started_twice(entries in prop::collection::vec(entry(), 0..60)) {
        let mut ledger = Ledger::default();
        let mut started = std::collections::HashSet::new();
        for entry in &entries {
            let before = ledger.clone();
            ledger.apply(entry);
            for (task, held) in ledger.held() {
                let was = before.held().find(|(other, _)| *other == task).map(|(_, held)| &held.stage);
                if matches!(held.stage, Stage::Started(_)) && !matches!(was, Some(Stage::Started(_))) {
                    prop_assert!(started.insert(*task), "{task:?} was started twice");
                }
            }
        }
    }
}

#[tokio::test]
async fn entries_are_found_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let task = TaskRef { task_id: 7, fence: 3 };
    let (journal, writer) = Journal::open(&path, true).unwrap();
    let writing = tokio::spawn(writer.run());
    journal.append(Entry::Accepted { assign: assign(7, 3) }).await.unwrap();
    journal.append(Entry::Started { task, run: run() }).await.unwrap();
    journal.append(Entry::Accepted { assign: assign(8, 1) }).await.unwrap();
    journal.append(Entry::Ended { task: TaskRef { task_id: 8, fence: 1 } }).await.unwrap();
    drop(journal);
    writing.await.unwrap();

    let (journal, _writer) = Journal::open(&path, true).unwrap();
    journal.look(|ledger| {
        let held: Vec<_> = ledger.held().map(|(task, held)| (*task, held.stage.clone())).collect();
        assert_eq!(held, [(task, Stage::Started(run()))]);
        assert!(ledger.has_ended(TaskRef { task_id: 8, fence: 1 }) && !ledger.has_ended(task));
    });
    drop(journal);
    let (journal, _writer) = Journal::open(&path, false).unwrap();
    assert!(
        !journal.look(|ledger| ledger.has_ended(TaskRef { task_id: 8, fence: 1 })),
        "another platform numbers its tasks anew"
    );
}

#[test]
fn another_file_is_not_taken_for_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    std::fs::write(&path, "something else entirely").unwrap();
    assert!(JournalFile::open(&path).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "something else entirely", "it must be left alone");
}

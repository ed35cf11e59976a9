//! Answers that are kept until their table changes, and for a second at most, because another node may have changed it.
//! For what is asked for again and again and costs more than a look: totals of lists, pages of the list of robots.

use std::{
    collections::HashMap,
    future::Future,
    hash::Hash,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use baigong_model::Result;
use tokio::sync::OnceCell;

/// How long an answer is believed, milliseconds.
const FRESH_FOR: i64 = 1000;

/// Counts the changes that this node has made to one table.
#[derive(Default)]
pub(crate) struct Changes(AtomicU64);

impl Changes {
    /// The table has changed: to be called after the commit.
    pub(crate) fn note(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

/// Kept answers of one kind.
pub(crate) struct Kept<K, V> {
    /// More than this are thrown away.
    most: usize,
    answers: Mutex<HashMap<K, Answer<V>>>,
}

struct Answer<V> {
    /// Filled by the first who asks; others wait for it instead of asking the database the same.
    value: Arc<OnceCell<V>>,
    change: u64,
    at: i64,
}

impl<K: Eq + Hash, V: Clone> Kept<K, V> {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, answers: Mutex::default() }
    }

    /// The kept answer to `key`, or what `read` says.
    pub(crate) async fn get<F>(&self, changes: &Changes, now: i64, key: K, read: impl FnOnce() -> F) -> Result<V>
    where
        F: Future<Output = Result<V>>,
    {
        // Before reading: a change that comes meanwhile makes this answer old at once.
        let change = changes.0.load(Ordering::Acquire);
        self.answer(change, now, key).get_or_try_init(read).await.cloned()
    }

    /// The answer in force, perhaps still to be given.
    fn answer(&self, change: u64, now: i64, key: K) -> Arc<OnceCell<V>> {
        let mut answers = self.answers();
        if let Some(kept) = answers.get(&key)
            && kept.change == change
            && (0..FRESH_FOR).contains(&(now - kept.at))
        {
            return kept.value.clone();
        }
        if answers.len() >= self.most {
            answers.clear();
        }
        let value = Arc::new(OnceCell::new());
        answers.insert(key, Answer { value: value.clone(), change, at: now });
        value
    }

    fn answers(&self) -> std::sync::MutexGuard<'_, HashMap<K, Answer<V>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(kept: &Kept<&'static str, u64>, changes: &Changes, now: i64, key: &'static str, real: u64) -> u64 {
        kept.get(changes, now, key, || async move { Ok(real) }).await.unwrap()
    }

    #[tokio::test]
    async fn an_answer_is_kept_until_the_table_changes_or_a_second_passes() {
        let (kept, changes) = (Kept::new(8), Changes::default());
        assert_eq!(ask(&kept, &changes, 0, "all", 5).await, 5);
        assert_eq!(ask(&kept, &changes, 999, "all", 6).await, 5, "kept");
        assert_eq!(ask(&kept, &changes, 999, "some", 1).await, 1, "another question");
        changes.note();
        assert_eq!(ask(&kept, &changes, 999, "all", 6).await, 6, "changed");
        assert_eq!(ask(&kept, &changes, 1999, "all", 7).await, 7, "a second later");
        assert_eq!(ask(&kept, &changes, 0, "all", 8).await, 8, "the clock was set back");
    }

    #[tokio::test]
    async fn a_change_while_reading_is_not_missed() {
        let (kept, changes) = (Kept::new(8), Changes::default());
        let read = || async {
            changes.note();
            Ok(1)
        };
        assert_eq!(kept.get(&changes, 0, "all", read).await.unwrap(), 1);
        assert_eq!(ask(&kept, &changes, 0, "all", 2).await, 2);
    }

    #[tokio::test]
    async fn who_asks_at_once_is_answered_by_one_look_and_an_error_is_not_kept() {
        let (kept, changes) = (Kept::new(8), Changes::default());
        let looks = AtomicU64::new(0);
        let ask = || {
            kept.get(&changes, 0, "all", || async {
                tokio::task::yield_now().await;
                match looks.fetch_add(1, Ordering::SeqCst) {
                    0 => Err(baigong_model::Error::unavailable("not now")),
                    look => Ok(look),
                }
            })
        };
        assert!(ask().await.is_err());
        let (one, two) = tokio::join!(ask(), ask());
        assert_eq!((one.unwrap(), two.unwrap()), (1, 1));
    }

    #[tokio::test]
    async fn it_stays_small() {
        let (kept, changes) = (Kept::new(2), Changes::default());
        for key in ["a", "b", "c"] {
            assert_eq!(ask(&kept, &changes, 0, key, 1).await, 1);
        }
        assert!(kept.answers().len() <= 2);
    }
}

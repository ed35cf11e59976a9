//! Covers: while one is held, pictures of the screen are black. Held by actions that type a secret, and by programs, which
//! put a file into a folder for as long as they type one.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

/// The covers of one screen.
#[derive(Clone, Default)]
pub(crate) struct Covers(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    held: usize,
    taken: u64,
    folders: Vec<PathBuf>,
}

/// A cover, while it lives.
pub(crate) struct Cover(Covers);

/// A folder that programs cover the screen with, while it lives.
pub(crate) struct CoverFolder(Covers, PathBuf);

/// What was covered at a moment, and everything that was before.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    is_covered: bool,
    taken: u64,
    folders: Vec<Option<SystemTime>>,
}

impl Covers {
    /// Covers the screen.
    pub(crate) fn cover(&self) -> Cover {
        let mut state = self.state();
        state.held += 1;
        state.taken += 1;
        drop(state);
        Cover(self.clone())
    }

    /// Any file in `folder` covers the screen from now on.
    pub(crate) fn folder(&self, folder: &Path) -> CoverFolder {
        self.state().folders.push(folder.to_owned());
        CoverFolder(self.clone(), folder.to_owned())
    }

    /// What is covered now.
    pub(crate) fn now(&self) -> Moment {
        let (held, taken, folders) = {
            let state = self.state();
            (state.held, state.taken, state.folders.clone())
        };
        let looked: Vec<_> = folders.iter().map(|folder| look(folder)).collect();
        let is_covered = held > 0 || looked.iter().any(|(is_covered, _)| *is_covered);
        Moment { is_covered, taken, folders: looked.into_iter().map(|(_, changed)| changed).collect() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether something lies in the folder, and when that changed last.
fn look(folder: &Path) -> (bool, Option<SystemTime>) {
    let changed = std::fs::metadata(folder).and_then(|it| it.modified()).ok();
    (std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()), changed)
}

impl Moment {
    /// Whether nothing was covered from this moment until the `later` one, not even in between.
    pub(crate) fn was_clear_until(&self, later: &Self) -> bool {
        !self.is_covered && self == later
    }
}

impl Drop for Cover {
    fn drop(&mut self) {
        self.0.state().held -= 1;
    }
}

impl Drop for CoverFolder {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if let Some(index) = state.folders.iter().position(|folder| *folder == self.1) {
            state.folders.remove(index);
        }
        state.taken += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_covered_at_any_time_between_two_moments_was_not_clear() {
        let covers = Covers::default();
        let clear = covers.now();
        assert!(clear.was_clear_until(&covers.now()));
        let (one, two) = (covers.cover(), covers.cover());
        drop(one);
        let covered = covers.now();
        assert!(!covered.was_clear_until(&covered), "one is still held");
        assert!(!clear.was_clear_until(&covers.now()));
        drop(two);
        assert!(!clear.was_clear_until(&covers.now()), "it was covered in between");
        let after = covers.now();
        assert!(after.was_clear_until(&covers.now()));
    }

    #[test]
    fn a_file_in_the_folder_covers_and_a_short_one_is_not_missed() {
        let folder = tempfile::tempdir().unwrap();
        let covers = Covers::default();
        let held = covers.folder(folder.path());
        let clear = covers.now();
        let file = folder.path().join("typing");
        std::fs::write(&file, "").unwrap();
        assert!(!clear.was_clear_until(&covers.now()) && covers.now().is_covered);
        std::fs::remove_file(&file).unwrap();
        assert!(!covers.now().is_covered);
        assert!(!clear.was_clear_until(&covers.now()), "it came and went in between");
        drop(held);
        std::fs::write(&file, "").unwrap();
        assert!(!covers.now().is_covered, "the folder is not looked at any more");
    }
}

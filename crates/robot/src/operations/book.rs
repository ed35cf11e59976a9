//! What the robot was asked to do with itself, in a file that survives its end: what it is at, and what came of the last
//! ones.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use baigong_protocol::{Operated, Operation, OperationKind, OperationStage};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{journal::sync_parent, survivors::boot_id};

const FILE: &str = "operations.json";
/// So many that are over are remembered, so that none is done twice.
const REMEMBERED: usize = 100;

/// The book.
pub(crate) struct OperationBook {
    file: PathBuf,
    pages: Mutex<Pages>,
    /// What was being done when the agent ended.
    pending: Option<Pending>,
}

#[derive(Default, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Pages {
    current: Option<Current>,
    over: Vec<Over>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Current {
    operation: Operation,
    boot: String,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Over {
    operated: Operated,
    is_known: bool,
}

/// What the robot knows of an operation that it is asked for.
pub(crate) enum Known {
    /// Nothing: it is to be done.
    New,
    /// It is being done.
    AtIt,
    /// Another one is being done.
    Busy,
    /// It is over, and this came of it.
    Reported(Operated),
}

/// What was being done when the agent ended.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) operation_id: i64,
    pub(crate) kind: OperationKind,
    pub(crate) version: Option<String>,
    /// Whether the machine has been booted since.
    pub(crate) other_boot: bool,
}

impl OperationBook {
    /// Opens the book in the robot's folder.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let file = folder.join(FILE);
        let pages: Pages = read_json(&file)?.unwrap_or_default();
        let pending = pages.current.as_ref().map(|current| Pending {
            operation_id: current.operation.operation_id,
            kind: current.operation.kind,
            version: current.operation.version.as_ref().map(|version| version.version.clone()),
            other_boot: current.boot != boot_id(),
        });
        Ok(Self { file, pages: Mutex::new(pages), pending })
    }

    /// What was being done when the agent ended, until it is told what came of it.
    pub(crate) fn pending(&self) -> Option<Pending> {
        let is_current = |pending: &&Pending| {
            self.pages().current.as_ref().is_some_and(|it| it.operation.operation_id == pending.operation_id)
        };
        self.pending.as_ref().filter(is_current).cloned()
    }

    pub(crate) fn known(&self, id: i64) -> Known {
        let pages = self.pages();
        if let Some(over) = pages.over.iter().find(|over| over.operated.operation_id == id) {
            return Known::Reported(over.operated.clone());
        }
        match &pages.current {
            None => Known::New,
            Some(current) if current.operation.operation_id == id => Known::AtIt,
            Some(_) => Known::Busy,
        }
    }

    pub(crate) fn begin(&self, operation: &Operation) -> io::Result<()> {
        self.change(|pages| pages.current = Some(Current { operation: operation.clone(), boot: boot_id() }))
    }

    pub(crate) fn end(&self, operated: &Operated) -> io::Result<()> {
        debug_assert!(operated.stage != OperationStage::Accepted);
        self.change(|pages| {
            let id = operated.operation_id;
            pages.current.take_if(|current| current.operation.operation_id == id);
            pages.over.retain(|over| over.operated.operation_id != id);
            pages.over.push(Over { operated: operated.clone(), is_known: false });
            let surplus = pages.over.len().saturating_sub(REMEMBERED);
            pages.over.drain(..surplus);
        })
    }

    pub(crate) fn unreported(&self) -> Vec<Operated> {
        let pages = self.pages();
        pages.over.iter().filter(|over| !over.is_known).map(|over| over.operated.clone()).collect()
    }

    pub(crate) fn acknowledged(&self, id: i64) -> io::Result<()> {
        if self.unreported().iter().all(|operated| operated.operation_id != id) {
            return Ok(());
        }
        self.change(|pages| {
            pages.over.iter_mut().filter(|over| over.operated.operation_id == id).for_each(|over| over.is_known = true);
        })
    }

    fn change(&self, change: impl FnOnce(&mut Pages)) -> io::Result<()> {
        let mut pages = self.pages();
        change(&mut pages);
        write_json(&self.file, &*pages)
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a small file holds; none when it is not there.
pub(super) fn read_json<T: DeserializeOwned>(file: &Path) -> io::Result<Option<T>> {
    match std::fs::read(file) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a small file so that it is there whole or not at all.
pub(super) fn write_json(file: &Path, value: &impl Serialize) -> io::Result<()> {
    let new = file.with_extension("new");
    std::fs::write(&new, serde_json::to_vec_pretty(value)?)?;
    File::open(&new)?.sync_all()?;
    std::fs::rename(&new, file)?;
    sync_parent(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(operation_id: i64) -> Operation {
        Operation { operation_id, kind: OperationKind::Restart, drain_seconds: 0, version: None }
    }

    fn done(operation_id: i64) -> Operated {
        Operated { operation_id, stage: OperationStage::Done, detail: "x".into() }
    }

    #[test]
    fn what_was_begun_is_found_again_and_nothing_is_done_twice() {
        let folder = tempfile::tempdir().unwrap();
        let book = OperationBook::open(folder.path()).unwrap();
        assert!(matches!(book.known(1), Known::New) && book.pending().is_none());
        book.begin(&operation(1)).unwrap();
        assert!(matches!(book.known(1), Known::AtIt) && matches!(book.known(2), Known::Busy));
        assert!(book.pending().is_none(), "it is being done, not pending");

        let book = OperationBook::open(folder.path()).unwrap();
        let pending = book.pending().unwrap();
        assert_eq!((pending.operation_id, pending.other_boot), (1, false));
        book.end(&done(1)).unwrap();
        assert!(book.pending().is_none());

        let book = OperationBook::open(folder.path()).unwrap();
        assert!(matches!(book.known(1), Known::Reported(operated) if operated == done(1)));
        assert_eq!(book.unreported(), [done(1)]);
        book.acknowledged(1).unwrap();
        assert_eq!(OperationBook::open(folder.path()).unwrap().unreported(), []);
        for id in 2..300 {
            book.end(&done(id)).unwrap();
        }
        assert!(matches!(book.known(299), Known::Reported(_)) && matches!(book.known(1), Known::New));
    }
}

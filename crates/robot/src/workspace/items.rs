//! The work items of one run: those taken from a data queue, and those it makes. New items go out when the item they come
//! from is done, in the same step: a run that breaks off in between leaves neither half.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use baigong_flow::{HeldItem, Host, HostError, QueueOutcome};
use baigong_model::LogLevel;
use serde_json::{Map, Value};

use super::outputs;

/// The id of the item of a run that takes none from a queue: its payload are the in-parameters.
pub(super) const INITIAL: &str = "0";
/// The key under which an item's files stand in its queue's payload.
pub(super) const FILES: &str = "$files";
/// The key of a payload that is no object, where it has files beside it.
pub(super) const PAYLOAD: &str = "$payload";
/// New items wait in memory until their parent is done: more bytes than this are refused.
const MOST_WAITING: usize = 64 << 20;

/// All items of a run.
pub(super) struct Desk {
    /// Where files lie meanwhile.
    pub(super) folder: PathBuf,
    /// Where new items are left when no queue takes them.
    pub(super) kept: PathBuf,
    input: Option<String>,
    output: Option<String>,
    items: BTreeMap<String, Item>,
    made: u64,
    waiting: usize,
}

/// One item.
pub(super) struct Item {
    pub(super) payload: Option<Value>,
    pub(super) files: BTreeMap<String, ItemFile>,
    role: Role,
    is_changed: bool,
    is_touched: bool,
    next_file: u64,
}

enum Role {
    /// Taken, or given to begin with.
    Input { held: Option<HeldItem>, released: Option<State> },
    /// Made from the item of that id.
    Output { parent: String, is_sent: bool },
}

/// How an item was released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum State {
    Completed,
    Failed,
}

/// A file of an item.
#[derive(Clone)]
pub(super) struct ItemFile {
    pub(super) name: String,
    pub(super) place: Place,
}

#[derive(Clone)]
pub(super) enum Place {
    /// Where the host keeps it.
    Kept(Value),
    /// On this disk.
    Here(PathBuf),
    /// Announced and not yet there.
    Coming,
}

impl Desk {
    pub(super) fn new(folder: PathBuf, kept: PathBuf, input: Option<String>, output: Option<String>) -> Self {
        Self { folder, kept, input, output, items: BTreeMap::new(), made: 0, waiting: 0 }
    }

    /// The item of a run that takes none from a queue.
    pub(super) fn initial(&mut self, parameters: Map<String, Value>) -> String {
        let payload = (!parameters.is_empty()).then_some(Value::Object(parameters));
        self.items.insert(INITIAL.to_owned(), Item::input(payload, None));
        INITIAL.to_owned()
    }

    /// Takes the next item of the input queue; none when there is none.
    pub(super) async fn reserve(&mut self, host: &dyn Host) -> Result<Option<String>, HostError> {
        let Some(queue) = &self.input else { return Ok(None) };
        let Some(taken) = host.queue_pop(queue).await? else { return Ok(None) };
        let id = taken.item_id.to_string();
        let held = HeldItem { item_id: taken.item_id, fence: taken.fence };
        let mut item = Item::input(None, Some(held));
        item.take_apart(taken.payload);
        self.items.insert(id.clone(), item);
        Ok(Some(id))
    }

    pub(super) fn find(&mut self, id: &str) -> Option<&mut Item> {
        let item = self.items.get_mut(id)?;
        item.is_touched = true;
        Some(item)
    }

    /// A new item that comes from `parent`; none where there is no such item.
    pub(super) fn create(&mut self, parent: &str, payload: Option<Value>) -> Result<String, Missed> {
        let role = &self.items.get(parent).ok_or(Missed::Unknown)?.role;
        if matches!(role, Role::Input { released: Some(_), .. }) {
            return Err(Missed::Released);
        }
        self.weigh(payload.as_ref())?;
        self.made += 1;
        let id = format!("new-{}", self.made);
        let role = Role::Output { parent: parent.to_owned(), is_sent: false };
        self.items.insert(id.clone(), Item { role, ..Item::input(payload, None) });
        Ok(id)
    }

    /// Replaces an item's payload.
    pub(super) fn save(&mut self, id: &str, payload: Value) -> Result<(), Missed> {
        self.weigh(Some(&payload))?;
        let item = self.find(id).ok_or(Missed::Unknown)?;
        item.is_changed |= item.payload.as_ref() != Some(&payload);
        item.payload = Some(payload);
        Ok(())
    }

    fn weigh(&mut self, payload: Option<&Value>) -> Result<(), Missed> {
        let weight = payload.map_or(0, |payload| payload.to_string().len());
        if self.waiting + weight > MOST_WAITING {
            return Err(Missed::TooMuch);
        }
        self.waiting += weight;
        Ok(())
    }

    /// A place on disk for a file that will come.
    pub(super) fn place_for_file(&mut self, id: &str, name: &str) -> Result<(String, PathBuf), Missed> {
        let folder = self.folder.clone();
        let item = self.find(id).ok_or(Missed::Unknown)?;
        item.next_file += 1;
        let file = format!("f{}", item.next_file);
        let path = folder.join(format!("{id}-{file}"));
        // A name that is there already is replaced, as with the libraries' own files.
        item.files.retain(|_, known| known.name != name);
        let place = Place::Coming;
        item.files.insert(file.clone(), ItemFile { name: name.to_owned(), place });
        item.is_changed = true;
        Ok((file, path))
    }

    /// Ends an item that was taken. `reason` is for one that failed: whether the data is at fault, and why.
    pub(super) async fn release(
        &mut self,
        host: &dyn Host,
        id: &str,
        state: State,
        reason: Option<(bool, String)>,
    ) -> Result<(), Ending> {
        let item = self.items.get(id).ok_or(Ending::Missed(Missed::Unknown))?;
        let Role::Input { held, released } = &item.role else { return Err(Ending::Missed(Missed::Unknown)) };
        match released {
            Some(before) if *before == state => return Ok(()),
            Some(_) => return Err(Ending::Missed(Missed::Released)),
            None => {}
        }
        let held = *held;
        let outcome = match (state, reason) {
            (State::Completed, _) => QueueOutcome::Succeeded { output: item.is_changed.then(|| item.plain_payload()) },
            (State::Failed, Some((true, reason))) => QueueOutcome::BusinessFailure { reason },
            (State::Failed, reason) => {
                let reason = reason.map(|(_, reason)| reason);
                QueueOutcome::ApplicationFailure { reason: reason.unwrap_or_else(|| "the run did not say why".into()) }
            }
        };
        let children = self.unsent(id);
        if state == State::Completed {
            self.send(host, held, outcome, &children).await.map_err(Ending::Host)?;
        } else {
            if let Some(held) = held {
                host.queue_finish(held.item_id, held.fence, outcome).await.map_err(Ending::Host)?;
            }
            if !children.is_empty() {
                let message = format!("work item {id} failed: the {} items made from it are not sent", children.len());
                host.log(LogLevel::Warn, &message);
                self.items.retain(|child, _| !children.contains(child));
            }
        }
        if let Some(Item { role: Role::Input { released, .. }, .. }) = self.items.get_mut(id) {
            *released = Some(state);
        }
        Ok(())
    }

    /// The new items that come from `parent`, directly or over others, and were not sent yet, in the order they were made.
    fn unsent(&self, parent: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for number in 1..=self.made {
            let id = format!("new-{number}");
            if let Some(Item { role: Role::Output { parent: from, is_sent: false }, .. }) = self.items.get(&id)
                && (from == parent || found.contains(from))
            {
                found.push(id);
            }
        }
        found
    }

    async fn send(
        &mut self,
        host: &dyn Host,
        held: Option<HeldItem>,
        outcome: QueueOutcome,
        children: &[String],
    ) -> Result<(), HostError> {
        let items: Vec<&Item> = children.iter().filter_map(|id| self.items.get(id)).collect();
        match &self.output {
            Some(queue) => outputs::push(host, queue, &items, held.map(|held| (held, outcome))).await?,
            None => {
                outputs::leave(host, &self.kept, &items).await?;
                if let Some(held) = held {
                    host.queue_finish(held.item_id, held.fence, outcome).await?;
                }
            }
        }
        for id in children {
            if let Some(item) = self.items.get_mut(id) {
                item.role = Role::Output { parent: String::new(), is_sent: true };
                // Sent is sent: nobody needs it here any more.
                item.payload = None;
            }
        }
        self.waiting = 0;
        Ok(())
    }

    /// The run succeeded: what it took, looked at and did not release is done; what it never looked at is given back.
    pub(super) async fn end_well(&mut self, host: &dyn Host) -> Result<(), HostError> {
        for (id, held, is_touched) in self.open_inputs() {
            match held {
                Some(held) if !is_touched && self.unsent(&id).is_empty() => {
                    host.queue_finish(held.item_id, held.fence, QueueOutcome::Released { available_at: None }).await?;
                }
                _ => self.release(host, &id, State::Completed, None).await.map_err(Ending::into_host)?,
            }
        }
        Ok(())
    }

    /// The run failed, for `reason`: so did what it took and looked at; the rest is given back.
    pub(super) async fn end_badly(&mut self, host: &dyn Host, reason: &str) -> Result<(), HostError> {
        for (id, held, is_touched) in self.open_inputs() {
            match held {
                Some(held) if !is_touched => {
                    host.queue_finish(held.item_id, held.fence, QueueOutcome::Released { available_at: None }).await?;
                }
                _ => {
                    let reason = Some((false, reason.to_owned()));
                    self.release(host, &id, State::Failed, reason).await.map_err(Ending::into_host)?;
                }
            }
        }
        Ok(())
    }

    fn open_inputs(&self) -> Vec<(String, Option<HeldItem>, bool)> {
        let open = |(id, item): (&String, &Item)| match item.role {
            Role::Input { held, released: None } => Some((id.clone(), held, item.is_touched)),
            Role::Input { .. } | Role::Output { .. } => None,
        };
        self.items.iter().filter_map(open).collect()
    }
}

/// Why something could not be done with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missed {
    Unknown,
    Released,
    TooMuch,
}

/// Why an item could not be ended.
#[derive(Debug)]
pub(super) enum Ending {
    Missed(Missed),
    Host(HostError),
}

impl Ending {
    fn into_host(self) -> HostError {
        match self {
            Self::Host(error) => error,
            Self::Missed(missed) => HostError { code: "conflict".into(), message: format!("{missed:?}") },
        }
    }
}

impl Item {
    fn input(payload: Option<Value>, held: Option<HeldItem>) -> Self {
        let role = Role::Input { held, released: None };
        Self { payload, files: BTreeMap::new(), role, is_changed: false, is_touched: false, next_file: 0 }
    }

    /// A queue's payload as payload and files.
    fn take_apart(&mut self, payload: Value) {
        let Value::Object(mut fields) = payload else {
            self.payload = Some(payload);
            return;
        };
        if let Some(Value::Object(files)) = fields.remove(FILES) {
            for (name, kept) in files {
                self.next_file += 1;
                self.files.insert(format!("f{}", self.next_file), ItemFile { name, place: Place::Kept(kept) });
            }
        }
        self.payload = Some(match fields.remove(PAYLOAD) {
            Some(payload) => payload,
            None => Value::Object(fields),
        });
    }

    fn plain_payload(&self) -> Value {
        self.payload.clone().unwrap_or(Value::Null)
    }

    /// The files that are there.
    pub(super) fn present(&self) -> impl Iterator<Item = (&str, &Path, Option<&Value>)> {
        self.files.values().filter_map(|file| match &file.place {
            Place::Here(path) => Some((file.name.as_str(), path.as_path(), None)),
            Place::Kept(kept) => Some((file.name.as_str(), Path::new(""), Some(kept))),
            Place::Coming => None,
        })
    }
}

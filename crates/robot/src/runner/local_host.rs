//! A host for runs without a platform: lines go to whoever started the run, data queues are files of JSON lines beside
//! the results, assets come from one JSON file.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use baigong_flow::{Credential, Host, HostError, NewQueueItem, QueueItem, QueueOutcome, StepEvent};
use baigong_model::{LogLevel, Secret};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::masks::Masks;

/// An item that application failures have hit so often is not given out again.
const MOST_ATTEMPTS: i64 = 3;

type OnLine = Box<dyn Fn(LogLevel, &str) + Send + Sync>;
type OnStep = Box<dyn Fn(&StepEvent) + Send + Sync>;

/// The host of a run without a platform.
pub struct LocalHost {
    on_line: OnLine,
    on_step: OnStep,
    queues_folder: PathBuf,
    assets: Map<String, Value>,
    credentials: BTreeMap<String, LocalCredential>,
    masks: Masks,
    queues: Mutex<BTreeMap<String, Queue>>,
}

/// A credential in the file.
#[derive(Debug, Deserialize)]
struct LocalCredential {
    username: String,
    password: Secret<String>,
}

/// A queue in memory.
#[derive(Debug, Default)]
struct Queue {
    items: Vec<Item>,
    references: BTreeSet<String>,
    /// Whether the file does not say any more how the items stand.
    is_changed: bool,
}

/// One line of a queue's file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(default)]
    item_id: i64,
    #[serde(default)]
    state: State,
    #[serde(default = "middle")]
    priority: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    payload: Value,
    #[serde(default)]
    attempts: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<QueueOutcome>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum State {
    #[default]
    New,
    Held,
    Succeeded,
    Failed,
}

fn middle() -> i64 {
    1
}

fn error(code: &str, message: impl Into<String>) -> HostError {
    HostError { code: code.into(), message: message.into() }
}

impl LocalHost {
    /// Queues are kept in `<artifacts_folder>/queues/<name>.jsonl`; a file that lies there already is continued.
    /// `assets` is a JSON file with an object of asset names and values.
    pub fn new(
        artifacts_folder: &Path,
        assets: Option<&Path>,
        on_line: impl Fn(LogLevel, &str) + Send + Sync + 'static,
        on_step: impl Fn(&StepEvent) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let assets = match assets {
            None => Map::new(),
            Some(file) => {
                let wrong = |error: &dyn std::fmt::Display| io::Error::other(format!("{}: {error}", file.display()));
                let bytes = fs::read(file).map_err(|error| wrong(&error))?;
                serde_json::from_slice(&bytes).map_err(|error| wrong(&error))?
            }
        };
        Ok(Self {
            on_line: Box::new(on_line),
            on_step: Box::new(on_step),
            queues_folder: artifacts_folder.join("queues"),
            assets,
            credentials: BTreeMap::new(),
            masks: Masks::default(),
            queues: Mutex::default(),
        })
    }

    /// With the credentials in `file`: a JSON object of names, each an object with `username` and `password`.
    pub fn with_credentials(mut self, file: &Path) -> io::Result<Self> {
        // What is wrong is told by its place: the text around it may be a password.
        let wrong = |error: &dyn std::fmt::Display| io::Error::other(format!("{}: {error}", file.display()));
        let bytes = fs::read(file).map_err(|error| wrong(&error))?;
        self.credentials = serde_json::from_slice(&bytes).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            wrong(&format_args!("{place}: must be {{\"name\": {{\"username\": …, \"password\": …}}}}"))
        })?;
        Ok(self)
    }

    #[cfg(test)]
    pub(crate) fn masks(&self) -> &Masks {
        &self.masks
    }

    /// The queue called `name`, read from its file when it is new to us.
    fn queue<'a>(&self, queues: &'a mut BTreeMap<String, Queue>, name: &str) -> Result<&'a mut Queue, HostError> {
        if !queues.contains_key(name) {
            let queue = self.load(name, largest_id(queues))?;
            queues.insert(name.to_owned(), queue);
        }
        queues.get_mut(name).ok_or_else(|| error("internal", "a queue vanished"))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down which items were finished; new items are written when they are pushed. Done on drop, too.
    pub fn flush(&self) -> io::Result<()> {
        let mut queues = self.lock();
        for (name, queue) in queues.iter_mut().filter(|(_, queue)| queue.is_changed) {
            let file = self.file_of(name).map_err(io::Error::other)?;
            let unfinished = file.with_extension("jsonl.new");
            fs::create_dir_all(&self.queues_folder)?;
            fs::write(&unfinished, lines(&queue.items)?)?;
            fs::rename(unfinished, file)?;
            queue.is_changed = false;
        }
        Ok(())
    }

    fn file_of(&self, name: &str) -> Result<PathBuf, HostError> {
        let sound = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | ' ');
        if name.is_empty() || name.len() > 200 || name.trim() != name || !name.chars().all(sound) {
            let message = format!("\"{name}\" is no name of a data queue: use letters, digits, -, _ and spaces");
            return Err(error("invalid", message));
        }
        Ok(self.queues_folder.join(format!("{name}.jsonl")))
    }

    fn load(&self, name: &str, used: i64) -> Result<Queue, HostError> {
        let file = self.file_of(name)?;
        let text = match fs::read_to_string(&file) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Queue::default()),
            Err(cause) => return Err(error("unavailable", format!("{}: {cause}", file.display()))),
            Ok(text) => text,
        };
        let mut items: Vec<Item> = Vec::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let item: Item = serde_json::from_str(line)
                .map_err(|cause| error("invalid", format!("{}:{}: {cause}", file.display(), number + 1)))?;
            items.push(item);
        }
        // Items written by hand have no number yet; those held by a run that is over are given out again.
        let mut next = items.iter().map(|item| item.item_id).max().unwrap_or(0).max(used);
        for item in &mut items {
            item.state = if item.state == State::Held { State::New } else { item.state };
            if item.item_id == 0 {
                next += 1;
                item.item_id = next;
            }
        }
        let references = items.iter().filter_map(|item| item.reference.clone()).collect();
        Ok(Queue { items, references, is_changed: true })
    }

    fn append(&self, name: &str, items: &[Item]) -> Result<(), HostError> {
        let file = self.file_of(name)?;
        let written = fs::create_dir_all(&self.queues_folder).and_then(|()| {
            let text = lines(items)?;
            let mut file = fs::OpenOptions::new().create(true).append(true).open(file)?;
            file.write_all(text.as_bytes())
        });
        written.map_err(|cause| error("unavailable", format!("data queue \"{name}\": {cause}")))
    }
}

impl Drop for LocalHost {
    fn drop(&mut self) {
        // Whoever needs to know whether it worked calls flush.
        let _ = self.flush();
    }
}

fn lines(items: &[Item]) -> io::Result<String> {
    let mut text = String::new();
    for item in items {
        text.push_str(&serde_json::to_string(item)?);
        text.push('\n');
    }
    Ok(text)
}

fn largest_id(queues: &BTreeMap<String, Queue>) -> i64 {
    queues.values().flat_map(|queue| &queue.items).map(|item| item.item_id).max().unwrap_or(0)
}

#[async_trait]
impl Host for LocalHost {
    fn log(&self, level: LogLevel, message: &str) {
        (self.on_line)(level, &self.masks.hide(message));
    }

    fn step(&self, event: StepEvent) {
        let (path, title) = (self.hide(&event.path).into_owned(), self.hide(&event.title).into_owned());
        (self.on_step)(&StepEvent { path, title, ..event });
    }

    async fn queue_push(&self, queue: &str, items: Vec<NewQueueItem>) -> Result<Vec<i64>, HostError> {
        // What is kept sealed on a platform may hold what must not be seen.
        let without_secrets = |item: NewQueueItem| NewQueueItem {
            payload: if item.secret { item.payload } else { self.masks.hide_in_value(item.payload) },
            reference: item.reference.map(|reference| self.hide_in_data(&reference).into_owned()),
            ..item
        };
        let items: Vec<NewQueueItem> = items.into_iter().map(without_secrets).collect();
        let mut queues = self.lock();
        self.queue(&mut queues, queue)?;
        let next = largest_id(&queues) + 1;
        let known = self.queue(&mut queues, queue)?;
        let mut references = BTreeSet::new();
        for reference in items.iter().filter_map(|item| item.reference.as_ref()) {
            if known.references.contains(reference) || !references.insert(reference.clone()) {
                let message = format!("data queue \"{queue}\" has an item with the reference \"{reference}\" already");
                return Err(error("conflict", message));
            }
        }
        let new = |(item_id, item): (i64, NewQueueItem)| {
            let NewQueueItem { payload, reference, priority, .. } = item;
            let priority = priority.unwrap_or(middle());
            Item { item_id, state: State::New, priority, reference, payload, attempts: 0, outcome: None }
        };
        let new: Vec<Item> = (next..).zip(items).map(new).collect();
        self.append(queue, &new)?;
        let ids = new.iter().map(|item| item.item_id).collect();
        known.references.append(&mut references);
        known.items.extend(new);
        Ok(ids)
    }

    async fn queue_pop(&self, queue: &str) -> Result<Option<QueueItem>, HostError> {
        let mut queues = self.lock();
        let queue = self.queue(&mut queues, queue)?;
        let waiting = queue.items.iter_mut().filter(|item| item.state == State::New);
        let Some(item) = waiting.min_by_key(|item| (item.priority, item.item_id)) else { return Ok(None) };
        (item.state, queue.is_changed) = (State::Held, true);
        item.attempts += 1;
        Ok(Some(QueueItem {
            item_id: item.item_id,
            fence: item.attempts,
            payload: item.payload.clone(),
            reference: item.reference.clone(),
            attempts: item.attempts - 1,
            origin: None,
        }))
    }

    async fn queue_finish(&self, item_id: i64, fence: i64, outcome: QueueOutcome) -> Result<(), HostError> {
        let outcome = match outcome {
            QueueOutcome::Succeeded { output } => {
                QueueOutcome::Succeeded { output: output.map(|output| self.masks.hide_in_value(output)) }
            }
            QueueOutcome::BusinessFailure { reason } => {
                QueueOutcome::BusinessFailure { reason: self.hide(&reason).into_owned() }
            }
            QueueOutcome::ApplicationFailure { reason } => {
                QueueOutcome::ApplicationFailure { reason: self.hide(&reason).into_owned() }
            }
            released @ QueueOutcome::Released { .. } => released,
        };
        let mut queues = self.lock();
        let held = |item: &Item| item.item_id == item_id && item.state == State::Held && item.attempts == fence;
        for queue in queues.values_mut() {
            if let Some(item) = queue.items.iter_mut().find(|item| held(item)) {
                item.state = match &outcome {
                    QueueOutcome::Succeeded { .. } => State::Succeeded,
                    QueueOutcome::Released { .. } => State::New,
                    QueueOutcome::ApplicationFailure { .. } if item.attempts < MOST_ATTEMPTS => State::New,
                    QueueOutcome::BusinessFailure { .. } | QueueOutcome::ApplicationFailure { .. } => State::Failed,
                };
                item.outcome = Some(outcome);
                queue.is_changed = true;
                return Ok(());
            }
        }
        Err(error("notFound", format!("queue item {item_id} is not held by this run")))
    }

    async fn keep_file(&self, name: &str, path: &Path) -> Result<Value, HostError> {
        let cannot = |cause: io::Error| error("unavailable", format!("the file {name} cannot be kept: {cause}"));
        let folder = self.queues_folder.join("files");
        fs::create_dir_all(&folder).map_err(cannot)?;
        let content = fs::read(path).map_err(cannot)?;
        // By what it holds: it is the same file whoever keeps it.
        let kept = hex::encode(&Sha256::digest(&content)[..16]);
        fs::write(folder.join(&kept), content).map_err(cannot)?;
        Ok(Value::String(kept))
    }

    async fn fetch_file(&self, kept: &Value, into: &Path) -> Result<(), HostError> {
        let name = kept.as_str().filter(|name| name.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let name = name.ok_or_else(|| error("notFound", format!("{kept} is no file kept here")))?;
        let copied = fs::copy(self.queues_folder.join("files").join(name), into);
        copied.map(drop).map_err(|cause| error("notFound", format!("the file {name} of a queue item: {cause}")))
    }

    async fn asset(&self, name: &str) -> Result<Value, HostError> {
        self.assets.get(name).cloned().ok_or_else(|| {
            let message =
                format!("there is no asset \"{name}\": in a run without a platform, assets come from a JSON file");
            error("notFound", message)
        })
    }

    async fn credential(&self, name: &str) -> Result<Credential, HostError> {
        let found = self.credentials.get(name).ok_or_else(|| {
            let message = format!(
                "there is no credential \"{name}\": in a run without a platform, credentials come from a JSON file"
            );
            error("notFound", message)
        })?;
        self.masks.add(found.password.expose());
        Ok(Credential { username: found.username.clone(), password: found.password.clone() })
    }

    fn keep_secret(&self, secret: &str) {
        self.masks.add(secret);
    }

    fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.masks.hide(text)
    }

    fn hide_in_data<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.masks.hide_in_data(text)
    }

    fn longest_secret(&self) -> usize {
        self.masks.longest()
    }
}

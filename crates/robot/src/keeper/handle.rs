//! The agent's end of a keeper.

use std::{
    io,
    os::{fd::OwnedFd, unix::net::UnixStream as StdStream},
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    process::{Child, ChildStderr, ChildStdout, Command},
};

use super::{
    ARGUMENT,
    words::{Order, Program, Said, Spec},
};

/// A program and its keeper. Dropped, the whole tree ends.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Waited for when all is over, so that nothing of it stays in the system's table.
    keeper: Child,
    said: Lines<BufReader<OwnedReadHalf>>,
    orders: OwnedWriteHalf,
    id: u32,
    end: Option<End>,
}

/// How a kept program ended: nothing of its tree is left.
#[derive(Debug, Clone)]
pub(crate) struct End {
    /// As the system gives it.
    pub(crate) status: i32,
    /// How many processes had left its group.
    pub(crate) strays: usize,
    /// The limit it ran into, in words.
    pub(crate) limit: Option<String>,
}

/// A keeper that has not been told yet what it has to keep. Dropped, it goes.
#[derive(Debug)]
struct Spare {
    keeper: Child,
    socket: UnixStream,
}

impl Spare {
    fn start(keeper: &Path) -> io::Result<Self> {
        let (own, its) = StdStream::pair()?;
        own.set_nonblocking(true)?;
        let mut command = Command::new(keeper);
        command.arg(ARGUMENT).env_clear().process_group(0);
        command.stdin(OwnedFd::from(its)).stdout(Stdio::piped()).stderr(Stdio::piped());
        let keeper = command.spawn()?;
        // The keeper's end must be nobody else's: with the command, this one's copy of it goes.
        drop(command);
        Ok(Self { keeper, socket: UnixStream::from_std(own)? })
    }

    async fn tell(&mut self, spec: &Spec) -> io::Result<()> {
        let mut line = serde_json::to_string(spec)?;
        line.push('\n');
        self.socket.write_all(line.as_bytes()).await
    }
}

/// A keeper that is started before it is needed: while the platform is asked for the start of a task, the system has time to
/// start a program. All clones share the one.
#[derive(Debug, Clone, Default)]
pub struct Ahead(Arc<Mutex<Option<Spare>>>);

impl Ahead {
    /// Starts one, where there is a program to make it of.
    pub(crate) fn prepare(&self, keeper: Option<&Path>) {
        // Where it cannot be started now, it is tried again when it is needed, and said.
        let spare = keeper.and_then(|keeper| Spare::start(keeper).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = spare;
    }

    /// The one that was started, or a new one.
    fn take(&self, keeper: &Path) -> io::Result<Spare> {
        let spare = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        spare.map_or_else(|| Spare::start(keeper), Ok)
    }
}

/// A keeper that has been told what it has to keep.
async fn start(keeper: &Path, ahead: &Ahead, spec: &Spec) -> io::Result<(Child, UnixStream)> {
    let mut spare = ahead.take(keeper)?;
    if spare.tell(spec).await.is_err() {
        // It was killed while it waited.
        spare = Spare::start(keeper)?;
        spare.tell(spec).await?;
    }
    Ok((spare.keeper, spare.socket))
}

impl Kept {
    /// Starts `program` under a keeper.
    pub(crate) async fn start(keeper: &Path, ahead: &Ahead, program: Program) -> io::Result<Self> {
        let (keeper, socket) = start(keeper, ahead, &Spec::Program(Box::new(program))).await?;
        let (said, orders) = socket.into_split();
        let mut kept = Self { keeper, said: BufReader::new(said).lines(), orders, id: 0, end: None };
        match kept.hear().await? {
            Said::Started(id) => {
                kept.id = id;
                Ok(kept)
            }
            Said::Failed(Some(number), _) => Err(io::Error::from_raw_os_error(number)),
            Said::Failed(None, words) => Err(io::Error::other(words)),
            Said::Ended { .. } => Err(io::Error::other("the keeper spoke out of turn")),
        }
    }

    /// The program's number, which is its group's too.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// What the program writes; once.
    pub(crate) fn output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.keeper.stdout.take(), self.keeper.stderr.take())
    }

    /// Waits until the program has ended and nothing of it is left. Can be dropped and called again.
    pub(crate) async fn wait(&mut self) -> io::Result<End> {
        let end = loop {
            if let Some(end) = &self.end {
                break end.clone();
            }
            if let Said::Ended { status, strays, limit } = self.hear().await? {
                self.end = Some(End { status, strays, limit });
            }
        };
        self.keeper.wait().await?;
        Ok(end)
    }

    /// How the program ended, once that has been waited for.
    pub(crate) fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// Tells the keeper.
    pub(crate) fn order(&self, order: Order) {
        // A line is a few bytes, and the keeper reads while it lives: it is taken whole, or there is nobody to take it.
        if let Ok(line) = serde_json::to_string(&order) {
            let _ = self.orders.try_write(format!("{line}\n").as_bytes());
        }
    }

    async fn hear(&mut self) -> io::Result<Said> {
        let line = self.said.next_line().await?;
        let gone = || io::Error::new(io::ErrorKind::BrokenPipe, "its keeper was killed");
        Ok(serde_json::from_str(&line.ok_or_else(gone)?)?)
    }
}

/// A keeper of processes that the agent starts itself. Dropped, it knows that all is well.
#[derive(Debug)]
pub(crate) struct Watch {
    _keeper: Child,
    orders: UnixStream,
}

impl Watch {
    /// Starts a keeper of all that carries `mark`.
    pub(crate) async fn over(keeper: &Path, ahead: &Ahead, mark: &str) -> io::Result<Self> {
        let (keeper, orders) = start(keeper, ahead, &Spec::Marked(mark.to_owned())).await?;
        Ok(Self { _keeper: keeper, orders })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Ok(line) = serde_json::to_string(&Order::Over) {
            let _ = self.orders.try_write(format!("{line}\n").as_bytes());
        }
    }
}

//! The agent's end of a keeper.

use std::{
    io,
    os::{fd::OwnedFd, unix::net::UnixStream as StdStream},
    path::Path,
    process::Stdio,
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

/// Starts a keeper and says what it has to keep.
async fn start(keeper: &Path, spec: &Spec, outputs: fn() -> Stdio) -> io::Result<(Child, UnixStream)> {
    let (own, its) = StdStream::pair()?;
    own.set_nonblocking(true)?;
    let mut command = Command::new(keeper);
    command.arg(ARGUMENT).env_clear().process_group(0);
    command.stdin(OwnedFd::from(its)).stdout(outputs()).stderr(outputs());
    let child = command.spawn()?;
    // The keeper's end must be nobody else's: with the command, this one's copy of it goes.
    drop(command);
    let mut socket = UnixStream::from_std(own)?;
    let mut line = serde_json::to_string(spec)?;
    line.push('\n');
    socket.write_all(line.as_bytes()).await?;
    Ok((child, socket))
}

impl Kept {
    /// Starts `program` under a keeper.
    pub(crate) async fn start(keeper: &Path, program: Program) -> io::Result<Self> {
        let (keeper, socket) = start(keeper, &Spec::Program(Box::new(program)), Stdio::piped).await?;
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
    pub(crate) async fn over(keeper: &Path, mark: &str) -> io::Result<Self> {
        let (keeper, orders) = start(keeper, &Spec::Marked(mark.to_owned()), Stdio::null).await?;
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

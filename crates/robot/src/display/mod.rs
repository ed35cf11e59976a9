//! The screen of a robot: the machine's, or a virtual one of its own that is started when the first task wants it, started
//! again when it vanishes, and ended with the agent, or when no task has used it for a while. Pictures of it are taken here and nowhere else, so that a cover covers
//! them all. Knows nothing of tasks and recordings.

mod cover;
mod options;
mod picture;
mod screen;
mod server;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use baigong_model::Random;
use baigong_protocol::Screen as Size;
use tokio::sync::{Mutex as AsyncMutex, watch};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

pub(crate) use cover::{Cover, CoverFolder, Covers};
use options::DEFAULT_SCREEN;
pub use options::{DisplayChoice, RecordWhen, ScreenOptions};
pub(crate) use picture::Picture;
use screen::Screen;
use server::{Process, Server};

use crate::timer;

/// A picture must be there within this.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two tries to start a display again.
const AGAIN: Duration = Duration::from_secs(1);
/// One that has vanished is waited for so long.
const COMES_BACK: Duration = Duration::from_secs(20);
/// Smaller and larger screens are of no use.
const WIDTHS: (u16, u16) = (320, 7680);
const HEIGHTS: (u16, u16) = (240, 4320);

/// The display of a robot.
pub(crate) struct Display {
    options: ScreenOptions,
    /// The display of the machine, where there is one.
    machine: Option<String>,
    /// What lets clients into a display of our own, and the file in which the server reads it.
    cookie: server::Cookie,
    authority: PathBuf,
    size: Mutex<Size>,
    running: AsyncMutex<Option<Running>>,
    shown: watch::Sender<Shown>,
    covers: Covers,
    /// How many use it.
    uses: watch::Sender<usize>,
}

/// Somebody uses the display: while this lives, it is not ended for want of use.
pub(crate) struct Use(Arc<Display>);

impl Drop for Use {
    fn drop(&mut self) {
        self.0.uses.send_modify(|uses| *uses -= 1);
    }
}

/// What can be seen of the display.
#[derive(Clone, Default)]
pub(crate) struct Shown {
    /// The screen; none before it is wanted, and while it has vanished.
    screen: Option<Arc<Screen>>,
    /// The number of a display of our own.
    number: u32,
    /// How often it has vanished.
    pub(crate) vanished: u64,
}

/// A display of our own, watched.
struct Running {
    stop: CancellationToken,
    watching: AbortOnDropHandle<()>,
}

impl Display {
    /// A display that is not started yet; its cookie will lie in `folder`.
    pub(crate) fn new(options: ScreenOptions, folder: &Path, random: &dyn Random) -> Arc<Self> {
        let machine = match options.display {
            DisplayChoice::Auto => std::env::var("DISPLAY").ok().filter(|name| !name.is_empty()),
            DisplayChoice::Own | DisplayChoice::None => None,
        };
        let size = Mutex::new(options.size.unwrap_or(DEFAULT_SCREEN));
        let (cookie, authority) = (server::cookie(random), folder.join("display.auth"));
        Arc::new(Self {
            options,
            machine,
            cookie,
            authority,
            size,
            running: AsyncMutex::new(None),
            shown: watch::Sender::new(Shown::default()),
            covers: Covers::default(),
            uses: watch::Sender::new(0),
        })
    }

    /// The size that the platform wants it to have, from the next start of the display on.
    pub(crate) fn wants(&self, size: Size) {
        let size = self.options.size.unwrap_or(size);
        *self.size.lock().unwrap_or_else(PoisonError::into_inner) = size;
    }

    /// Holds it for a run; before it is made [`Display::ready`].
    pub(crate) fn hold(self: &Arc<Self>) -> Use {
        self.uses.send_modify(|uses| *uses += 1);
        Use(Arc::clone(self))
    }

    /// The covers of its screen.
    pub(crate) fn covers(&self) -> &Covers {
        &self.covers
    }

    /// Starts it unless it runs; the variables by which programs find it, which are let in by what then stands in the file
    /// `authority`. None where this robot has no display, an error in words where it should have one.
    pub(crate) async fn ready(self: &Arc<Self>, authority: &Path) -> Result<Option<Vec<(String, String)>>, String> {
        if self.options.display == DisplayChoice::None {
            return Ok(None);
        }
        if let Some(name) = &self.machine {
            if self.shown.borrow().screen.is_none() {
                let name = name.clone();
                let screen = tokio::task::spawn_blocking(move || Screen::of_machine(&name)).await;
                let screen = screen.map_err(|error| error.to_string())??;
                self.shown.send_modify(|shown| shown.screen = Some(Arc::new(screen)));
            }
            return Ok(Some(vec![("DISPLAY".into(), name.clone())]));
        }
        if self.options.display == DisplayChoice::Auto && !is_installed(&self.options.xvfb) {
            return Ok(None);
        }
        let cannot = |error: &str| format!("the robot's display cannot be started: {error}");
        let mut running = self.running.lock().await;
        if running.is_none() {
            let server = self.start(None).await.map_err(|error| cannot(&error))?;
            *running = Some(self.watched(server));
            // It ends with the display, or with this robot.
            drop(tokio::spawn(rest(Arc::downgrade(self))));
        }
        drop(running);
        // It may have vanished and be on its way back.
        let mut shown = self.shown.subscribe();
        let back = tokio::time::timeout(COMES_BACK, shown.wait_for(|shown| shown.screen.is_some())).await;
        let number = back.ok().and_then(Result::ok).map(|shown| shown.number);
        let number = number.ok_or_else(|| cannot("it has vanished and does not come back"))?;
        server::write_cookie(authority, &self.cookie)?;
        let authority = authority.to_string_lossy().into_owned();
        Ok(Some(vec![("DISPLAY".into(), format!(":{number}")), ("XAUTHORITY".into(), authority)]))
    }

    async fn start(&self, number: Option<u32>) -> Result<Server, String> {
        let size = *self.size.lock().unwrap_or_else(PoisonError::into_inner);
        let width = size.width.clamp(WIDTHS.0, WIDTHS.1);
        let height = size.height.clamp(HEIGHTS.0, HEIGHTS.1);
        let size = Size { width, height, ..size };
        server::start(&self.options.xvfb, size, number, (self.cookie, &self.authority)).await
    }

    /// Shows the screen of `server` and starts it again whenever it ends.
    fn watched(self: &Arc<Self>, server: Server) -> Running {
        let stop = CancellationToken::new();
        let process = self.show(server);
        let watching = tokio::spawn(keep_up(Arc::downgrade(self), process, stop.clone()));
        Running { stop, watching: AbortOnDropHandle::new(watching) }
    }

    fn show(&self, server: Server) -> Process {
        self.shown.send_modify(|shown| {
            (shown.screen, shown.number) = (Some(Arc::new(server.screen)), server.number);
        });
        server.process
    }

    /// Ends a display of our own.
    pub(crate) async fn end(&self) {
        self.end_running(&mut *self.running.lock().await).await;
    }

    /// The same with the lock that whoever wants to start it waits for.
    async fn end_running(&self, running: &mut Option<Running>) {
        if let Some(running) = running.take() {
            running.stop.cancel();
            let _ = running.watching.await;
        }
        self.shown.send_modify(|shown| shown.screen = None);
    }

    /// For whoever wants to know when it vanishes and comes back.
    pub(crate) fn watch(&self) -> watch::Receiver<Shown> {
        self.shown.subscribe()
    }

    /// A picture of the screen as it is now; black where it is covered.
    pub(crate) async fn picture(&self) -> Result<Picture, String> {
        let screen = self.shown.borrow().screen.clone();
        let screen = screen.ok_or("the robot has no display at the moment")?;
        let covers = self.covers.clone();
        let taking = tokio::task::spawn_blocking(move || {
            let before = covers.now();
            let mut picture = screen.picture()?;
            if !before.was_clear_until(&covers.now()) {
                picture.blacken();
            }
            Ok(picture)
        });
        let taken = match tokio::time::timeout(PATIENCE, taking).await {
            Ok(taken) => taken.map_err(|error| error.to_string())?,
            Err(_) => Err(format!("the display does not answer within {PATIENCE:?}")),
        };
        if taken.is_err() && self.machine.is_some() {
            // Whoever wants it next connects anew.
            self.shown.send_modify(|shown| shown.screen = None);
        }
        taken
    }

    /// Waits until a display of our own that has vanished is back.
    pub(crate) async fn back(&self) {
        if self.machine.is_none() {
            // The sender lives as long as this.
            let _ = self.shown.subscribe().wait_for(|shown| shown.screen.is_some()).await;
        }
    }
}

/// Ends the display when nobody has used it for so long: at rest it takes more memory than the rest of the robot.
async fn rest(display: Weak<Display>) {
    let Some((mut uses, long)) = display.upgrade().map(|display| (display.uses.subscribe(), display.options.rest))
    else {
        return;
    };
    loop {
        // An error means that the display is gone.
        if uses.wait_for(|uses| *uses == 0).await.is_err() {
            return;
        }
        tokio::select! {
            changed = uses.changed() => if changed.is_err() { return } else { continue },
            () = timer::after(long) => {}
        }
        let Some(display) = display.upgrade() else { return };
        let mut running = display.running.lock().await;
        // Whoever holds it since waits for this lock, or has had it.
        if running.is_none() {
            return;
        }
        if *display.uses.borrow() == 0 {
            display.end_running(&mut running).await;
            return tracing::debug!("the robot's display is not used: it has ended until a task wants it");
        }
    }
}

/// Starts the display again whenever it ends by itself, under the same number if that can be had: programs that start later
/// find it.
async fn keep_up(display: Weak<Display>, mut process: Process, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return process.end().await,
            () = process.ended() => {}
        }
        let Some(display) = display.upgrade() else { return };
        let number = display.shown.borrow().number;
        tracing::error!(number, "the robot's display has vanished: it is started again");
        display.shown.send_modify(|shown| {
            shown.screen = None;
            shown.vanished += 1;
        });
        process = loop {
            match display.start(Some(number)).await {
                Ok(server) => break display.show(server),
                Err(error) => tracing::error!(error, "the robot's display cannot be started again yet"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = timer::after(AGAIN) => {}
            }
        };
    }
}

/// Whether the program is on the path, or is a path itself.
pub(crate) fn is_installed(program: &Path) -> bool {
    if program.components().count() > 1 {
        return program.is_file();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
pub(crate) mod tests;

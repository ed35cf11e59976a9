//! The screen of one run: where its programs find it, what is recorded of it, its covers, the picture of its end.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use baigong_model::LogLevel;
use baigong_protocol::{Assign, RecordingRef};
use tokio_util::task::AbortOnDropHandle;

use super::{
    Recordings,
    caption::Caption,
    recorder::{Recorder, Work},
};
use crate::{
    display::{Cover, CoverFolder, Display, Picture, Use},
    spool::TaskLog,
    timer,
};

/// The artifact that shows a failure.
pub(crate) const SCREENSHOT: &str = "screenshot-at-failure.png";
/// The artifact that shows the screen a moment before: a program that has ended has taken its windows along.
pub(crate) const BEFORE: &str = "screenshot-before-failure.png";
/// So often the screen is looked at for that.
const RHYTHM: Duration = Duration::from_secs(1);
/// The variable that names the folder in which a file covers the screen.
const COVER_VARIABLE: &str = "BAIGONG_COVER_FOLDER";
/// A picture of the end must not hold the end up for longer.
const PATIENCE: Duration = Duration::from_secs(3);
/// What the log says of a display that vanished.
const VANISHED: &str = "the robot's display has vanished and was started again: the windows that stood on it are gone";

/// The screen of a run.
pub(crate) struct RunScreen {
    variables: Vec<(String, String)>,
    artifacts: PathBuf,
    display: Option<Arc<Display>>,
    _held: Use,
    _folder: Option<CoverFolder>,
    recorder: Mutex<Option<Recorder>>,
    is_seen: AtomicBool,
    has_vanished: Arc<AtomicBool>,
    /// The screen as it was last looked at while the run went on.
    before: Arc<Mutex<Option<Picture>>>,
    _watching: Vec<AbortOnDropHandle<()>>,
}

impl Recordings {
    /// The screen for a run of this assignment, and its recording if it is to be recorded. An error says why the task must not run.
    pub(crate) async fn screen_of(
        &self,
        assign: &Assign,
        work: &Path,
        log: &Arc<TaskLog>,
    ) -> Result<RunScreen, String> {
        let cannot = |error: std::io::Error| format!("the run's folders: {error}");
        std::fs::create_dir_all(work).map_err(cannot)?;
        let work = &work.canonicalize().map_err(cannot)?;
        let held = self.display.hold();
        let ready = self.display.ready(&work.join("display.auth")).await;
        let trouble = ready.as_ref().err().cloned();
        if let Some(trouble) = &trouble {
            log.write(LogLevel::Warn, trouble);
        }
        let variables = ready.ok().flatten();
        let is_recorded = self.options.records(assign.record);
        let mut screen = self.opened(variables, held, work, log).map_err(cannot)?;
        if is_recorded {
            match self.record(assign, screen.display.is_some(), log).await {
                Ok(recorder) => screen.recorder = Mutex::new(Some(recorder)),
                Err(reason) if self.options.recording_required => {
                    return Err(format!("the task is to be recorded and cannot be: {reason}"));
                }
                Err(reason) => log.write(LogLevel::Warn, &format!("the task is not recorded: {reason}")),
            }
        }
        Ok(screen)
    }

    fn opened(
        &self,
        variables: Option<Vec<(String, String)>>,
        held: Use,
        work: &Path,
        log: &Arc<TaskLog>,
    ) -> std::io::Result<RunScreen> {
        let artifacts = work.join("artifacts");
        let Some(mut variables) = variables else {
            let has_vanished = Arc::default();
            let is_seen = AtomicBool::new(false);
            return Ok(RunScreen {
                variables: Vec::new(),
                artifacts,
                display: None,
                _held: held,
                _folder: None,
                recorder: Mutex::default(),
                is_seen,
                has_vanished,
                before: Arc::default(),
                _watching: Vec::new(),
            });
        };
        let folder = work.join("cover");
        std::fs::create_dir_all(&folder)?;
        variables.push((COVER_VARIABLE.to_owned(), folder.to_string_lossy().into_owned()));
        let has_vanished = Arc::new(AtomicBool::new(false));
        let before = Arc::default();
        let watching = tokio::spawn(tell(Arc::clone(&self.display), Arc::clone(log), Arc::clone(&has_vanished)));
        let looking = tokio::spawn(look(Arc::clone(&self.display), Arc::clone(&before)));
        Ok(RunScreen {
            variables,
            artifacts,
            display: Some(Arc::clone(&self.display)),
            _held: held,
            _folder: Some(self.display.covers().folder(&folder)),
            recorder: Mutex::default(),
            is_seen: AtomicBool::new(false),
            has_vanished,
            before,
            _watching: [watching, looking].map(AbortOnDropHandle::new).into(),
        })
    }

    async fn record(&self, assign: &Assign, has_display: bool, log: &Arc<TaskLog>) -> Result<Recorder, String> {
        if !has_display {
            return Err("the robot has no display (Debian: apt-get install xvfb)".to_owned());
        }
        let means = self.means().await;
        if let Some(missing) = &means.missing {
            return Err(missing.clone());
        }
        let (name, public) = (self.name(), self.public(assign.recording_ticket.is_empty())?);
        let recording = RecordingRef { robot_id: self.robot_id, task_id: assign.task_id, fence: assign.fence, part: 1 };
        Ok(Recorder::start(Work {
            options: self.options.clone(),
            display: Arc::clone(&self.display),
            spool: Arc::clone(&self.spool),
            register: self.register.clone(),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            log: Arc::clone(log),
            font: means.font.clone(),
            caption: Caption::new(&assign.operator, &name, assign.task_id, self.zone.clone()),
            name: recording,
            ticket: assign.recording_ticket.clone(),
            public,
        }))
    }
}

/// Tells the task's log when the display vanishes.
async fn tell(display: Arc<Display>, log: Arc<TaskLog>, has_vanished: Arc<AtomicBool>) {
    let mut shown = display.watch();
    let mut before = shown.borrow_and_update().vanished;
    while shown.changed().await.is_ok() {
        let now = shown.borrow_and_update().vanished;
        if now != before {
            before = now;
            has_vanished.store(true, Ordering::Relaxed);
            log.write(LogLevel::Warn, VANISHED);
        }
    }
}

/// Keeps the newest picture of the screen.
async fn look(display: Arc<Display>, before: Arc<Mutex<Option<Picture>>>) {
    loop {
        timer::after(RHYTHM).await;
        // One that cannot be taken leaves the one before it.
        if let Ok(picture) = display.picture().await {
            *before.lock().unwrap_or_else(PoisonError::into_inner) = Some(picture);
        }
    }
}

impl RunScreen {
    /// The variables by which the run's programs find it.
    pub(crate) fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// The run is at this step now.
    pub(crate) fn step(&self, title: &str) {
        if let Some(recorder) = self.recorder.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            recorder.step(title);
        }
    }

    /// Covers it.
    pub(crate) fn cover(&self) -> Option<Cover> {
        self.display.as_ref().map(|display| display.covers().cover())
    }

    /// Keeps a picture of it among the artifacts, once: the run has failed, or is about to be stopped. And one of the moment
    /// before, where that was another.
    pub(crate) async fn look_at_end(&self) {
        let Some(display) = &self.display else { return };
        if self.is_seen.swap(true, Ordering::Relaxed) {
            return;
        }
        let before = self.before.lock().unwrap_or_else(PoisonError::into_inner).take();
        let looking = async {
            let now = display.picture().await;
            let trouble = now.as_ref().err().cloned();
            let now = now.ok();
            let before = before.filter(|before| now.as_ref() != Some(before));
            let pictures = [(SCREENSHOT, now), (BEFORE, before)];
            let artifacts = self.artifacts.clone();
            let written = tokio::task::spawn_blocking(move || keep(&artifacts, pictures)).await;
            written.map_err(|error| error.to_string())??;
            trouble.map_or(Ok(()), Err)
        };
        match tokio::time::timeout(PATIENCE, looking).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(error, "there is no picture of a failure"),
            Err(_) => tracing::warn!("there is no picture of a failure: it took too long"),
        }
    }

    /// Whether there is a picture of it already.
    #[cfg(test)]
    pub(super) fn has_looked(&self) -> bool {
        self.before.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// `message` of a failure, with the word that the display had vanished.
    pub(crate) fn explain(&self, message: String) -> String {
        if self.has_vanished.load(Ordering::Relaxed) { format!("{message}; {VANISHED}") } else { message }
    }

    /// The run has ended: so does its recording.
    pub(crate) async fn close(&self) {
        let recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(recorder) = recorder {
            recorder.end().await;
        }
    }
}

/// Writes pictures into a folder.
fn keep(folder: &Path, pictures: [(&str, Option<Picture>); 2]) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for (name, picture) in pictures {
        if let Some(picture) = picture {
            let png = picture.png().map_err(|error| error.to_string())?;
            let file = folder.join(name);
            std::fs::write(&file, png).map_err(|error| format!("{}: {error}", file.display()))?;
        }
    }
    Ok(())
}

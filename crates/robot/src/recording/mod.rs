//! Recordings of runs (T/TSAC 002-2025, 5.4): made of pictures of the robot's display, sealed chunk by chunk before they touch
//! the disk, delivered to the platform. Knows nothing of how a run is run.

mod caption;
mod deliver;
mod encoder;
mod mp4;
mod own_key;
mod preflight;
mod recorder;
mod register;
mod run;
mod spool;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use baigong_model::{Clock, Random};
use baigong_protocol::Welcome;
use jiff::tz::TimeZone;
use sm2::SecretKey;
use tokio::sync::OnceCell;

pub(crate) use deliver::keep_delivering;
use preflight::Means;
pub(crate) use preflight::missing;
pub(crate) use register::Register;
pub(crate) use run::RunScreen;
use spool::Spool;

use crate::display::{Display, ScreenOptions};

/// What all recordings of a robot share.
pub(crate) struct Recordings {
    options: ScreenOptions,
    pub(crate) display: Arc<Display>,
    spool: Arc<Spool>,
    register: Register,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    robot_id: i64,
    /// The zone of the time in the pictures.
    zone: TimeZone,
    own_key: SecretKey,
    /// A file with what lets in who asks whether there is a display.
    authority: PathBuf,
    /// What the platform has said of itself and this robot.
    welcome: Mutex<Option<Welcome>>,
    /// With what recordings are made here, once it was asked.
    means: OnceCell<Means>,
}

impl Recordings {
    /// Opens what lies in `folder`, the agent's.
    pub(crate) fn open(
        options: ScreenOptions,
        folder: &Path,
        register: Register,
        (robot_id, zone): (i64, TimeZone),
        (clock, random): (Arc<dyn Clock>, Arc<dyn Random>),
    ) -> io::Result<Self> {
        let folder = folder.canonicalize()?;
        let spool = Spool::open(&folder.join("recordings"), options.recording_limit)?;
        let own_key = own_key::read_or_make(&folder.join("recording.key"), &*random)?;
        let display = Display::new(options.clone(), &folder, &*random);
        let authority = folder.join("display-check.auth");
        let (welcome, means) = (Mutex::default(), OnceCell::new());
        Ok(Self {
            options,
            display,
            spool,
            register,
            clock,
            random,
            robot_id,
            zone,
            own_key,
            authority,
            welcome,
            means,
        })
    }

    /// The platform has greeted the robot.
    pub(crate) fn welcomed(&self, welcome: &Welcome) {
        if let Some(size) = welcome.screen {
            self.display.wants(size);
        }
        *self.welcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(welcome.clone());
    }

    /// The robot's own configuration wants a display of this size; a running one is ended for it only where nothing runs.
    pub(crate) async fn wants_screen(&self, size: baigong_protocol::Screen, is_idle: bool) {
        self.display.wants(size);
        if is_idle {
            self.display.end().await;
        }
    }

    /// These tasks are gone, and with them their recordings; what is still to be delivered stays until it is.
    pub(crate) async fn forget(&self, tasks: &[i64]) {
        for part in self.register.forget(tasks).await {
            let is_own = spool::head(&part).is_ok_and(|head| head.ticket.is_empty());
            if is_own && let Err(error) = self.spool.forget(&part) {
                tracing::warn!(%error, "an old recording cannot be deleted");
            }
        }
    }

    /// Why a task with this wish must be turned down; none when it need not.
    pub(crate) async fn refuses(&self, is_asked: bool) -> Option<String> {
        if !self.options.recording_required || !self.options.records(is_asked) {
            return None;
        }
        let _held = self.display.hold();
        let reason = match self.display.ready(&self.authority).await {
            Ok(Some(_)) => self.missing().await?.to_owned(),
            Ok(None) => "the robot has no display (Debian: apt-get install xvfb)".to_owned(),
            Err(error) => error,
        };
        Some(format!("the task is to be recorded and cannot be: {reason}"))
    }

    /// What is missing on this machine for recordings.
    pub(crate) async fn missing(&self) -> Option<&str> {
        self.means().await.missing.as_deref()
    }

    /// The same, as far as it is known already: finding out takes a moment, and who asks whether the robot is ready waits only
    /// where recordings must be made.
    pub(crate) async fn known_missing(&self) -> Option<&str> {
        if self.options.recording_required {
            return self.missing().await;
        }
        self.means.get().and_then(|means| means.missing.as_deref())
    }

    async fn means(&self) -> &Means {
        self.means.get_or_init(|| preflight::look(&self.options.ffmpeg)).await
    }

    /// The robot's name.
    fn name(&self) -> String {
        let welcome = self.welcome.lock().unwrap_or_else(PoisonError::into_inner);
        welcome.as_ref().map_or_else(|| format!("robot {}", self.robot_id), |welcome| welcome.robot_name.clone())
    }

    /// The key that the keys of recordings are sealed to: the platform's, or for the robot's own tasks its own.
    fn public(&self, is_own: bool) -> Result<String, String> {
        if is_own {
            return Ok(own_key::public(&self.own_key));
        }
        let welcome = self.welcome.lock().unwrap_or_else(PoisonError::into_inner);
        let key = welcome.as_ref().and_then(|welcome| welcome.recorder_key.as_ref());
        key.map(|key| key.public.clone()).ok_or_else(|| "the platform has no key for recordings: update it".to_owned())
    }
}

#[cfg(test)]
mod tests;

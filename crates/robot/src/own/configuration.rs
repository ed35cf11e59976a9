//! How the robot is set up (6.3.1.4): kept in its database, used from the next task on.

use baigong_model::{Error, LogLevel, Result, Secret, names};
use baigong_protocol::Screen;
use baigong_robot_store::{RobotStore, settings};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};

use super::transport::{self, Purpose};
use crate::robot::Robot;

/// The setting that holds it.
const NAME: &str = "configuration";
/// The setting that says whether tasks are taken.
const ACCEPTS: &str = "accepts-tasks";
/// What a sealed password is bound to.
const PASSWORD: &str = "setting/configuration/machinePassword";

/// How the robot is set up; what was never set is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Configuration {
    /// The name the computer goes by.
    pub(crate) machine_name: Option<String>,
    /// The account on the computer.
    pub(crate) machine_username: Option<String>,
    /// Its password, sealed.
    pub(crate) machine_password: Option<String>,
    /// 0 console, 1 RDP or VNC.
    pub(crate) desktop_type: i32,
    /// Of the display of runs, in pixels.
    pub(crate) resolution_width: Option<u16>,
    /// Of the display of runs, in pixels.
    pub(crate) resolution_height: Option<u16>,
    /// Of the display of runs, in bits.
    pub(crate) resolution_depth: Option<u8>,
    /// Whether the screen may be unlocked for a task.
    pub(crate) is_auto_unlock_enabled: bool,
    /// The finest level of the lines that own tasks keep.
    pub(crate) log_level: LogLevel,
}

/// What is to be set; what is absent stays.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) machine_name: Option<String>,
    pub(crate) machine_username: Option<String>,
    pub(crate) machine_password: Option<Secret<String>>,
    pub(crate) desktop_type: Option<i64>,
    pub(crate) resolution_width: Option<i64>,
    pub(crate) resolution_height: Option<i64>,
    pub(crate) resolution_depth: Option<i64>,
    pub(crate) is_auto_unlock_enabled: Option<bool>,
    pub(crate) log_level: Option<LogLevel>,
}

/// The screen of runs where nobody set one.
const USUAL: Screen = Screen { width: 1920, height: 1080, depth: 24 };

impl Configuration {
    /// The screen that somebody set, if anybody did.
    pub(crate) fn set_screen(&self) -> Option<Screen> {
        let is_set =
            self.resolution_width.is_some() || self.resolution_height.is_some() || self.resolution_depth.is_some();
        is_set.then(|| self.screen())
    }

    /// The screen that runs get.
    pub(crate) fn screen(&self) -> Screen {
        Screen {
            width: self.resolution_width.unwrap_or(USUAL.width),
            height: self.resolution_height.unwrap_or(USUAL.height),
            depth: self.resolution_depth.unwrap_or(USUAL.depth),
        }
    }
}

/// As it is kept.
pub(super) async fn read(store: &RobotStore) -> Result<Configuration> {
    let kept = settings::find(store, NAME).await?;
    kept.map_or_else(|| Ok(Configuration::default()), |text| serde_json::from_str(&text).map_err(Error::internal))
}

/// Sets what is to be set.
pub(crate) async fn change(robot: &Robot, change: Change) -> Result<()> {
    let mut next = robot.own.configuration();
    if let Some(name) = change.machine_name {
        next.machine_name = Some(names::name("machineName", &name)?);
    }
    if let Some(name) = change.machine_username {
        next.machine_username = Some(names::name("machineUsername", &name)?);
    }
    if let Some(password) = change.machine_password {
        let password = match password.expose().as_str() {
            "" => password,
            _ => transport::read(robot, Purpose::Machine, &password)?,
        };
        let is_bounded = password.expose().chars().count() <= names::MAX_NAME;
        is_bounded.then_some(()).ok_or_else(|| Error::invalid("machinePassword", "must have 1 to 128 letters"))?;
        let sealed = robot.own.sealing.seal(&*robot.options.random, PASSWORD, password.expose().as_bytes());
        next.machine_password = (!password.expose().is_empty()).then_some(sealed);
    }
    if let Some(kind) = change.desktop_type {
        next.desktop_type = within("desktopType", kind, (0, 1))?;
    }
    if let Some(width) = change.resolution_width {
        next.resolution_width = Some(within("resolutionWidth", width, (1, 16_384))?);
    }
    if let Some(height) = change.resolution_height {
        next.resolution_height = Some(within("resolutionHeight", height, (1, 16_384))?);
    }
    if let Some(depth) = change.resolution_depth {
        next.resolution_depth = Some(within("resolutionDepth", depth, (1, 64))?);
    }
    next.is_auto_unlock_enabled = change.is_auto_unlock_enabled.unwrap_or(next.is_auto_unlock_enabled);
    next.log_level = change.log_level.unwrap_or(next.log_level);
    let resized = (next.screen() != robot.own.configuration.borrow().screen()).then(|| next.screen());
    let text = serde_json::to_string(&next).map_err(Error::internal)?;
    robot.own.store.write(move |tx| async move { settings::put(tx, NAME, text).await }.boxed()).await?;
    robot.own.configuration.send_replace(next);
    if let Some(size) = resized {
        robot.recordings.wants_screen(size, !robot.desk.is_busy()).await;
    }
    Ok(())
}

fn within<T: TryFrom<i64>>(field: &str, given: i64, (least, most): (i64, i64)) -> Result<T> {
    let fits = Some(given).filter(|given| (least..=most).contains(given)).and_then(|given| T::try_from(given).ok());
    fits.ok_or_else(|| Error::invalid(field, format!("must be between {least} and {most}")))
}

/// Whether tasks are taken, as it is kept: yes until somebody says otherwise.
pub(crate) async fn accepts(store: &RobotStore) -> Result<bool> {
    Ok(settings::find(store, ACCEPTS).await?.as_deref() != Some("no"))
}

/// From now on tasks are taken, or not.
pub(crate) async fn accept(robot: &Robot, accepts: bool) -> Result<()> {
    let text = if accepts { "yes" } else { "no" }.to_owned();
    robot.own.store.write(move |tx| async move { settings::put(tx, ACCEPTS, text).await }.boxed()).await?;
    robot.desk.set_stopped(!accepts);
    robot.own.wake();
    tracing::info!(accepts, "whether tasks are taken was changed through the robot's own interface");
    Ok(())
}

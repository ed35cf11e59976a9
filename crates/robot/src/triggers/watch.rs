//! Whoever waits: for the next instant of the clock, for files, for keys, and for changes of the triggers themselves. All of it
//! stops while there is no trigger that needs it.

use std::{sync::Arc, time::Duration};

use baigong_model::{Parameter, Result};
use baigong_robot_store::{entity::local_trigger, triggers as rows};
use tokio::sync::mpsc;

use super::{
    Arrival, Cause,
    files::{self, Unsettled},
    fire::{Instant, fire},
    hotkey::Hotkeys,
};
use crate::{robot::Robot, timer};

/// How often folders are read.
const LOOK: Duration = Duration::from_secs(1);
/// The longest sleep before an instant: a clock that is set meanwhile is noticed.
const LONGEST: Duration = Duration::from_secs(30);
/// After an error of the database it is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// The triggers that fire, as they stand.
struct Watched {
    triggers: Vec<(local_trigger::Model, Cause)>,
    _hotkeys: Option<Hotkeys>,
}

/// Fires what is due, for as long as the agent runs.
pub(crate) async fn keep_firing(robot: Arc<Robot>) {
    let (pressed, mut presses) = mpsc::unbounded_channel();
    let mut unsettled: std::collections::HashMap<i64, Unsettled> = std::collections::HashMap::new();
    loop {
        let watched = match Watched::load(&robot, &pressed).await {
            Ok(watched) => watched,
            Err(error) => {
                tracing::error!(%error, "the robot's triggers cannot be read");
                timer::after(AGAIN).await;
                continue;
            }
        };
        unsettled.retain(|id, _| watched.triggers.iter().any(|(trigger, _)| trigger.id == *id));
        loop {
            let wait = watched.wait(&robot);
            let fired = tokio::select! {
                () = robot.bell.rings() => break,
                Some(id) = presses.recv() => watched.key(&robot, id).await,
                () = wait => watched.clock_and_files(&robot, &mut unsettled).await,
            };
            match fired {
                Ok(false) => {}
                // The next instants have changed.
                Ok(true) => break,
                Err(error) => {
                    tracing::error!(%error, "a trigger could not fire: it is tried again");
                    timer::after(AGAIN).await;
                    break;
                }
            }
        }
    }
}

impl Watched {
    async fn load(robot: &Robot, pressed: &mpsc::UnboundedSender<i64>) -> Result<Self> {
        let mut triggers = Vec::new();
        for row in rows::active(&robot.own.store).await? {
            let cause = Cause::of_text(&row.cause)?;
            triggers.push((row, cause));
        }
        let keys = triggers.iter().filter_map(|(row, cause)| match cause {
            Cause::Hotkey { keys } => Some((row.id, keys.clone())),
            _ => None,
        });
        let keys: Vec<(i64, String)> = keys.collect();
        let _hotkeys = (!keys.is_empty()).then(|| Hotkeys::grab(keys, None, pressed.clone()));
        Ok(Self { triggers, _hotkeys })
    }

    /// Waits until it has to be looked at the clock or at folders; for ever where no trigger wants that.
    async fn wait(&self, robot: &Robot) {
        let now = robot.options.clock.now();
        let until = |at: i64| Duration::from_millis(u64::try_from(at - now).unwrap_or(0)).min(LONGEST);
        let next = self.triggers.iter().filter_map(|(trigger, _)| trigger.next_fire_at).min().map(until);
        let files = self.triggers.iter().any(|(_, cause)| matches!(cause, Cause::File(_))).then_some(LOOK);
        match next.into_iter().chain(files).min() {
            Some(wait) => timer::after(wait).await,
            None => std::future::pending().await,
        }
    }

    /// Fires what the clock and the folders say; whether next instants have changed.
    async fn clock_and_files(
        &self,
        robot: &Robot,
        unsettled: &mut std::collections::HashMap<i64, Unsettled>,
    ) -> Result<bool> {
        let now = robot.options.clock.now();
        let mut has_changed = false;
        for (trigger, cause) in &self.triggers {
            match (cause, trigger.next_fire_at) {
                (Cause::Time { .. }, Some(at)) if at <= now => {
                    // What was missed while the agent was down fires once, and not again for each instant.
                    let instant = Instant {
                        name: format!("time {at}"),
                        detail: String::new(),
                        given: Vec::new(),
                        moves: Some((at, cause.next_after(now)?)),
                    };
                    fire(robot, trigger, instant).await?;
                    has_changed = true;
                }
                (Cause::File(arrival), _) => {
                    arrived(robot, trigger, arrival, unsettled.entry(trigger.id).or_default()).await?;
                }
                _ => {}
            }
        }
        Ok(has_changed)
    }

    /// Somebody has pressed the keys of a trigger.
    async fn key(&self, robot: &Robot, id: i64) -> Result<bool> {
        let Some((trigger, Cause::Hotkey { keys })) = self.triggers.iter().find(|(trigger, _)| trigger.id == id) else {
            return Ok(false);
        };
        let mut random = [0; 16];
        robot.options.random.fill(&mut random);
        let name = format!("key {}", hex::encode(random));
        fire(robot, trigger, Instant { name, detail: keys.clone(), given: Vec::new(), moves: None }).await?;
        Ok(false)
    }
}

async fn arrived(
    robot: &Robot,
    trigger: &local_trigger::Model,
    arrival: &Arrival,
    unsettled: &mut Unsettled,
) -> Result<()> {
    let looked_for = arrival.clone();
    let found = match tokio::task::spawn_blocking(move || files::look(&looked_for)).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            tracing::debug!(trigger = trigger.id, folder = arrival.folder, %error, "a folder cannot be read");
            return Ok(());
        }
        Err(error) => return Err(baigong_model::Error::internal(error)),
    };
    let rest = Duration::from_secs(u64::try_from(arrival.rest).unwrap_or(1));
    for seen in unsettled.settle(found, rest, LOOK) {
        let (name, path) = (seen.instant(), seen.path.display().to_string());
        if rows::is_decided(&robot.own.store, trigger.id, &name).await? {
            continue;
        }
        let given = arrival.parameter.iter().map(|parameter| Parameter::new(parameter.clone(), path.clone()));
        let given = given.collect();
        fire(robot, trigger, Instant { name, detail: path, given, moves: None }).await?;
    }
    Ok(())
}

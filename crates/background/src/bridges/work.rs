//! The life of a run on the other side. Before anything is sent it stands in the journal; what may have been sent is never
//! sent again: it is looked for, and where it cannot be found a person is told that nobody knows.

use baigong_client::{Error as ClientError, Foreign, Known, Line, Process, Result as Answer, RunState, Sent};
use baigong_core::{
    Platform,
    bridges::{self, Run, task_of},
    robot_sessions,
    rows::bridge,
};
use baigong_model::{Error, Parameter, Result};
use baigong_protocol::{
    Assign, Declined, Failure, Log, LogLine, Outcome, Report, ToRobot,
    limits::{MAX_LOG_LINE_BYTES, MAX_LOG_LINES},
};

/// For how long a run that may have been started is looked for, in milliseconds.
const LOOKED_FOR: i64 = 60_000;

/// Takes in what was said to the robot that stands for the bridge.
pub(super) async fn hear(platform: &Platform, bridge: &bridge::Model, messages: &[ToRobot]) -> Result<()> {
    for message in messages {
        match message {
            ToRobot::Assign(assign) => accept(platform, bridge, assign).await?,
            ToRobot::Cancel(notice) => want_stop(platform, bridge, (notice.task_id, notice.fence)).await?,
            // The lease is over: what runs there under it is nobody's any more, and is stopped.
            ToRobot::Stale(notice) => want_stop(platform, bridge, (notice.task_id, notice.fence)).await?,
            _ => {}
        }
    }
    Ok(())
}

async fn accept(platform: &Platform, bridge: &bridge::Model, assign: &Assign) -> Result<()> {
    let process = bridges::known_of(platform, bridge.id, assign.process_id).await?;
    let process = process.and_then(|known| serde_json::from_value::<Process>(known).ok());
    let Some(process) = process else {
        let declined = Declined {
            task_id: assign.task_id,
            fence: assign.fence,
            reason: format!("the process {} is not, or not any more, one of {}", assign.process_name, bridge.name),
        };
        return robot_sessions::declined(platform, bridge.robot_id, declined).await;
    };
    let known = Known { process, parameters: assign.in_parameters.clone(), newest: 0 };
    let known = serde_json::to_string(&known).map_err(Error::internal)?;
    bridges::accept(platform, bridge, assign, known).await
}

async fn want_stop(platform: &Platform, bridge: &bridge::Model, (task, fence): (i64, i64)) -> Result<()> {
    let open = bridges::open_runs(platform, bridge.id).await?;
    if let Some(mut run) = open.into_iter().find(|run| (run.task_id, run.fence) == (task, fence) && !run.stop_wanted) {
        run.stop_wanted = true;
        bridges::written(platform, &run).await?;
    }
    Ok(())
}

/// Goes on with every run. The inner error is the other side's: where it does not answer, or does not let us in, the other
/// runs wait for it too; where it says something strange about one of them, they do not.
pub(super) async fn go_on(platform: &Platform, bridge: &bridge::Model, foreign: &Foreign) -> Result<Answer<()>> {
    let mut outcome = Ok(());
    for run in bridges::open_runs(platform, bridge.id).await? {
        let mut round = Round { platform, bridge, foreign, run };
        match round.go_on().await? {
            Ok(()) => {}
            Err(error @ (ClientError::Strange(_) | ClientError::Refused { .. } | ClientError::Gone { .. })) => {
                outcome = Err(error);
            }
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(outcome)
}

/// A run, and what it is gone on with.
struct Round<'r> {
    platform: &'r Platform,
    bridge: &'r bridge::Model,
    foreign: &'r Foreign,
    run: Run,
}

impl Round<'_> {
    async fn go_on(&mut self) -> Result<Answer<()>> {
        if self.run.phase == "accepted" {
            match robot_sessions::start(self.platform, self.bridge.robot_id, task_of(&self.run)).await? {
                ToRobot::Granted(_) => self.now("granted").await?,
                _ => return self.now("ended").await.map(Ok),
            }
        }
        match self.run.phase.as_str() {
            "granted" if self.run.stop_wanted => self.end(Outcome::Cancelled, None, None, Vec::new()).await.map(Ok),
            "granted" => self.send().await,
            "sending" => self.look_for().await,
            _ => self.watch().await,
        }
    }

    fn known(&self) -> Result<Known> {
        serde_json::from_str(&self.run.known).map_err(Error::internal)
    }

    async fn now(&mut self, phase: &str) -> Result<()> {
        phase.clone_into(&mut self.run.phase);
        bridges::written(self.platform, &self.run).await
    }

    /// Starts it there. It is in the journal as sending before it is sent, so that after a crash it is looked for.
    async fn send(&mut self) -> Result<Answer<()>> {
        let planned = self.known()?;
        let known = match self.foreign.before_start(&planned.process, &planned.parameters).await {
            Ok(known) => known,
            // There is nothing to start any more.
            Err(error @ ClientError::Gone { .. }) => return self.refused(&error).await.map(Ok),
            Err(error) => return self.give_back().await.map(|()| Err(error)),
        };
        self.run.known = serde_json::to_string(&known).map_err(Error::internal)?;
        self.run.sent_at = Some(self.platform.now());
        self.now("sending").await?;
        match self.foreign.start(&known).await {
            Ok(Sent::As(id)) => self.is(id).await.map(Ok),
            Ok(Sent::Somewhere) => self.look_for().await,
            Err(error @ (ClientError::Unreachable(_) | ClientError::NotLetIn(_))) => {
                self.give_back().await.map(|()| Err(error))
            }
            Err(error @ (ClientError::Refused { .. } | ClientError::Gone { .. })) => self.refused(&error).await.map(Ok),
            Err(error) => {
                tracing::warn!(bridge = self.bridge.id, task = self.run.task_id, %error, "a start may have been lost");
                Ok(Err(error))
            }
        }
    }

    /// The other side does not take it.
    async fn refused(&mut self, error: &ClientError) -> Result<()> {
        let message = Some(format!("{} {error}", self.bridge.name));
        self.end(Outcome::Failed, Some(Failure::Application), message, Vec::new()).await
    }

    /// Nothing of it has been begun there: it waits here, with the reason, for the other side to answer.
    async fn give_back(&mut self) -> Result<()> {
        robot_sessions::never_begun(self.platform, self.bridge.robot_id, task_of(&self.run)).await?;
        self.now("ended").await
    }

    /// It is this task there.
    async fn is(&mut self, id: String) -> Result<()> {
        let said = format!("runs on {} as task {id}", self.bridge.name);
        self.run.foreign_id = Some(id);
        self.now("sent").await?;
        let line = Line { at: Some(self.platform.now()), level: baigong_model::LogLevel::Info, message: said };
        self.tell(&[line]).await
    }

    async fn look_for(&mut self) -> Result<Answer<()>> {
        let taken = bridges::taken(self.platform, self.bridge.id).await?;
        let taken: Vec<String> = taken.into_iter().map(|(id, _)| id).collect();
        match self.foreign.find(&self.known()?, &taken).await {
            Ok(Some(id)) => self.is(id).await.map(Ok),
            Ok(None) if self.platform.now() - self.run.sent_at.unwrap_or_default() < LOOKED_FOR => Ok(Ok(())),
            Ok(None) => {
                let message = format!(
                    "nobody knows whether {} has started it: no answer came, and no task there is certainly this one; look there before starting it again",
                    self.bridge.name
                );
                self.end(Outcome::Failed, Some(Failure::Interrupted), Some(message), Vec::new()).await.map(Ok)
            }
            Err(error) => Ok(Err(error)),
        }
    }

    /// Sees how it goes, and stops it where that is wanted.
    async fn watch(&mut self) -> Result<Answer<()>> {
        let Some(id) = self.run.foreign_id.clone() else { return self.now("ended").await.map(Ok) };
        match self.seen(&id).await? {
            // Any other refusal says nothing of the run: it goes on there, and is asked for again.
            Err(ClientError::Gone { code, message }) => {
                let message = format!("{} does not know task {id} any more: {code} {message}", self.bridge.name);
                self.end(Outcome::Failed, Some(Failure::Interrupted), Some(message), Vec::new()).await.map(Ok)
            }
            other => Ok(other),
        }
    }

    async fn seen(&mut self, id: &str) -> Result<Answer<()>> {
        if self.run.stop_wanted
            && let Err(error) = self.foreign.stop(id).await
        {
            return Ok(Err(error));
        }
        let run = match self.foreign.run(&self.known()?, id).await {
            Ok(run) => run,
            Err(error) => return Ok(Err(error)),
        };
        if let Err(error) = self.take_log(id, run.state).await? {
            return Ok(Err(error));
        }
        let message = run.message.map(|message| format!("{}: {message}", self.bridge.name));
        match run.state {
            RunState::Open | RunState::Paused => return Ok(Ok(())),
            RunState::Succeeded => self.end(Outcome::Succeeded, None, None, run.out_parameters).await?,
            RunState::Cancelled if self.run.stop_wanted => self.end(Outcome::Cancelled, None, None, Vec::new()).await?,
            RunState::Cancelled => {
                let message = format!("it was stopped on {}", self.bridge.name);
                self.end(Outcome::Failed, Some(Failure::Business), Some(message), Vec::new()).await?;
            }
            RunState::Failed => {
                let message = message.or_else(|| Some(format!("it failed on {}", self.bridge.name)));
                self.end(Outcome::Failed, Some(Failure::Application), message, run.out_parameters).await?;
            }
        }
        Ok(Ok(()))
    }

    /// Takes over what its log has got since the last time; all of it where it has ended. A log that cannot be read keeps
    /// nobody from hearing how the run ends.
    async fn take_log(&mut self, id: &str, state: RunState) -> Result<Answer<()>> {
        let has_ended = !matches!(state, RunState::Open | RunState::Paused);
        loop {
            // The first line was our own.
            let told = usize::try_from(self.run.lines.saturating_sub(1)).unwrap_or(0);
            match self.foreign.log(id, told).await {
                Ok(lines) => {
                    self.tell(&lines).await?;
                    if lines.is_empty() || !has_ended {
                        return Ok(Ok(()));
                    }
                }
                Err(error @ (ClientError::Unreachable(_) | ClientError::NoAnswer(_) | ClientError::NotLetIn(_))) => {
                    return Ok(Err(error));
                }
                Err(error) => {
                    tracing::warn!(bridge = self.bridge.id, task = self.run.task_id, %error, "a log cannot be read");
                    if has_ended {
                        let said = format!("the log on {} cannot be read: {error}", self.bridge.name);
                        let level = baigong_model::LogLevel::Warn;
                        self.tell(&[Line { at: Some(self.platform.now()), level, message: said }]).await?;
                    }
                    return Ok(Ok(()));
                }
            }
        }
    }

    /// Passes lines of its log on.
    async fn tell(&mut self, lines: &[Line]) -> Result<()> {
        for some in lines.chunks(MAX_LOG_LINES) {
            let now = self.platform.now();
            let line = |line: &Line| {
                let end = line.message.floor_char_boundary(MAX_LOG_LINE_BYTES.min(line.message.len()));
                LogLine { at: line.at.unwrap_or(now), level: line.level, message: line.message[..end].to_owned() }
            };
            let log = Log {
                task_id: self.run.task_id,
                fence: self.run.fence,
                first_sequence: self.run.lines + 1,
                lines: some.iter().map(line).collect(),
            };
            let last = log.last_sequence();
            match robot_sessions::log(self.platform, self.bridge.robot_id, log).await {
                // Under a newer lease nobody wants to hear of it.
                Ok(_) | Err(Error::StaleFence { .. } | Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
            self.run.lines = last;
            bridges::written(self.platform, &self.run).await?;
        }
        Ok(())
    }

    async fn end(
        &mut self,
        outcome: Outcome,
        failure: Option<Failure>,
        message: Option<String>,
        out_parameters: Vec<Parameter>,
    ) -> Result<()> {
        let report = Report {
            task_id: self.run.task_id,
            fence: self.run.fence,
            outcome,
            message,
            failure,
            out_parameters,
            artifacts: Vec::new(),
            ended_at: self.platform.now(),
        };
        robot_sessions::report(self.platform, self.bridge.robot_id, report).await?;
        self.now("ended").await
    }
}

//! What a robot says, carried to `core`. What waits for a commit is done beside the connection, so that a robot with many
//! tasks is not held up by one; its order does not matter, because every message carries its task's fence.

use std::sync::{Arc, Weak};

use baigong_core::{
    Platform, RobotLink, machines, robot_operations,
    robot_sessions::{self, Parting, Session},
};
use baigong_model::Error;
use baigong_protocol::{FromRobot, TaskNotice, TaskRef, ToRobot};
use tokio::sync::Semaphore;

/// More messages than a robot's tasks have reason to send at once.
const BESIDE: usize = 64;

/// A robot on line.
pub(crate) struct Robot {
    platform: Platform,
    id: i64,
    session: Session,
    link: Weak<dyn RobotLink>,
    /// How many of its messages may wait for commits at once: the next one then waits on the connection.
    beside: Arc<Semaphore>,
}

impl Robot {
    pub(crate) fn new(platform: Platform, session: Session, link: Weak<dyn RobotLink>) -> Self {
        Self { platform, id: session.robot_id, session, link, beside: Arc::new(Semaphore::new(BESIDE)) }
    }

    pub(crate) fn id(&self) -> i64 {
        self.id
    }

    /// Deals with one message.
    pub(crate) async fn take(&self, message: FromRobot) {
        match message {
            FromRobot::Heartbeat(heartbeat) => {
                robot_sessions::heartbeat(&self.platform, self.id, &heartbeat);
                self.answer(ToRobot::HeartbeatAck { sequence: heartbeat.sequence });
            }
            FromRobot::Progress(progress) => robot_sessions::progress(&self.platform, self.id, progress),
            FromRobot::Machine(reading) => machines::heard(&self.platform, self.id, reading),
            // In order, and no more of them than the platform can store: this is what holds a flood back.
            FromRobot::Log(log) => {
                let task = TaskRef { task_id: log.task_id, fence: log.fence };
                match robot_sessions::log(&self.platform, self.id, log).await {
                    Ok(ack) => self.answer(ToRobot::LogAck(ack)),
                    Err(error) => self.failed(task, &error).await,
                }
            }
            FromRobot::Hello(_) | FromRobot::Accepted(_) | FromRobot::Unknown => {}
            FromRobot::Paused(task) => robot_sessions::stands_still(&self.platform, self.id, task, true),
            FromRobot::Resumed(task) => robot_sessions::stands_still(&self.platform, self.id, task, false),
            FromRobot::Declined(_)
            | FromRobot::Start(_)
            | FromRobot::Report(_)
            | FromRobot::Wants(_)
            | FromRobot::Call(_)
            | FromRobot::Operated(_)
            | FromRobot::OwnTasks(_)
            | FromRobot::Fired(_) => {
                self.beside(message).await;
            }
        }
    }

    /// Deals with a message that waits for a commit.
    async fn beside(&self, message: FromRobot) {
        let Ok(place) = self.beside.clone().acquire_owned().await else { return };
        let robot =
            Self { platform: self.platform.clone(), link: self.link.clone(), beside: self.beside.clone(), ..*self };
        tokio::spawn(async move {
            let _place = place;
            match message {
                FromRobot::Start(task) => match robot_sessions::start(&robot.platform, robot.id, task).await {
                    Ok(answer) => robot.answer(answer),
                    Err(error) => robot.failed(task, &error).await,
                },
                FromRobot::Wants(wants) => {
                    let task = TaskRef { task_id: wants.task_id, fence: wants.fence };
                    if let Err(error) = robot_sessions::wants(&robot.platform, robot.id, wants).await {
                        robot.failed(task, &error).await;
                    }
                }
                FromRobot::Report(report) => {
                    let task = TaskRef { task_id: report.task_id, fence: report.fence };
                    match robot_sessions::report(&robot.platform, robot.id, report).await {
                        Ok(()) => robot.answer(ToRobot::ReportAck(task)),
                        Err(error) => robot.failed(task, &error).await,
                    }
                }
                FromRobot::Call(call) => {
                    let task = TaskRef { task_id: call.task_id, fence: call.fence };
                    match robot_sessions::call(&robot.platform, robot.id, call).await {
                        Ok(reply) => robot.answer(ToRobot::Reply(reply)),
                        Err(error) => robot.failed(task, &error).await,
                    }
                }
                FromRobot::Declined(declined) => {
                    let task = TaskRef { task_id: declined.task_id, fence: declined.fence };
                    if let Err(error) = robot_sessions::declined(&robot.platform, robot.id, declined).await {
                        robot.failed(task, &error).await;
                    }
                }
                FromRobot::Fired(firing) => {
                    let number = firing.number;
                    match robot_sessions::fired(&robot.platform, robot.id, firing).await {
                        Ok(()) => robot.answer(ToRobot::FiredAck { number }),
                        // It says so again on its next connection.
                        Err(error) => tracing::error!(robot = robot.id, number, %error, "cannot be stored"),
                    }
                }
                FromRobot::OwnTasks(told) => {
                    match robot_sessions::own_tasks(&robot.platform, robot.id, told).await {
                        Ok(tasks) => robot.answer(ToRobot::OwnTasksAck { tasks }),
                        // It says so again after a while.
                        Err(error) => tracing::error!(robot = robot.id, %error, "its own tasks cannot be stored"),
                    }
                }
                FromRobot::Operated(said) => {
                    let operation_id = said.operation_id;
                    match robot_operations::heard(&robot.platform, robot.id, said).await {
                        Ok(()) => robot.answer(ToRobot::OperatedAck { operation_id }),
                        // It says so again on its next connection.
                        Err(error) => tracing::error!(robot = robot.id, operation_id, %error, "cannot be stored"),
                    }
                }
                _ => {}
            }
        });
    }

    fn answer(&self, message: ToRobot) {
        if let Some(link) = self.link.upgrade() {
            link.send(message);
        }
    }

    /// A lease that is over is told. What could not be stored is not answered: the connection is closed, and the robot
    /// says it again on the next one.
    async fn failed(&self, task: TaskRef, error: &Error) {
        if let Error::StaleFence { .. } | Error::NotFound { .. } = error {
            let notice = TaskNotice { task_id: task.task_id, fence: task.fence, reason: error.to_string() };
            return self.answer(ToRobot::Stale(notice));
        }
        let cause = std::error::Error::source(error).map(ToString::to_string);
        tracing::error!(robot = self.id, task = task.task_id, %error, cause, "a robot's message could not be stored");
        if let Err(error) = robot_sessions::disconnect(&self.platform, self.session, Parting::BrokenOff).await {
            tracing::warn!(robot = self.id, %error, "its absence could not be stored; its node's lease will tell");
        }
    }
}

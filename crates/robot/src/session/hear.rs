//! What each word of the platform sets off. Nothing here waits: a slow disk must not keep the robot from listening.

use std::sync::Arc;

use baigong_protocol::{LogAck, TaskRef, ToRobot};

use super::End;
use crate::{desk::TaskEvent, hold, live_view, operations, own::telling, robot::Robot, triggers};

/// Acts on one message; an end when the connection is over for good.
pub(crate) fn hear(robot: &Arc<Robot>, message: ToRobot) -> Option<End> {
    match message {
        ToRobot::Assign(assign) => robot.crew.spawn(hold::assigned(Arc::clone(robot), assign)),
        ToRobot::Granted(task) => tell(robot, task, TaskEvent::Granted),
        ToRobot::Refused(notice) => tell(robot, notice.task_ref(), TaskEvent::Refused(notice.reason)),
        ToRobot::Cancel(notice) => {
            let (task, reason) = (notice.task_ref(), notice.reason);
            if robot.never_ran(task) {
                robot.crew.spawn(hold::cancelled_unheld(Arc::clone(robot), task, reason));
            } else {
                tell(robot, task, TaskEvent::Cancel(reason));
            }
        }
        ToRobot::Stale(notice) => {
            let task = notice.task_ref();
            if !robot.desk.tell(task, TaskEvent::Stale(notice.reason)) {
                // Lines of an own task that are not wanted any more are not told again.
                let all = LogAck { task_id: task.task_id, fence: task.fence, last_sequence: i64::MAX };
                robot.crew.spawn(telling::log_known(Arc::clone(robot), all));
            }
        }
        ToRobot::Pause(task) => tell(robot, task, TaskEvent::Pause),
        ToRobot::Resume(task) => tell(robot, task, TaskEvent::Resume),
        ToRobot::ReportAck(task) => tell(robot, task, TaskEvent::ReportAcknowledged),
        ToRobot::LogAck(ack) => {
            let task = TaskRef { task_id: ack.task_id, fence: ack.fence };
            match robot.desk.log_of(task) {
                Some(log) => robot.crew.spawn(async move { log.acknowledged(ack.last_sequence).await }),
                None => robot.crew.spawn(telling::log_known(Arc::clone(robot), ack)),
            }
        }
        ToRobot::Reply(reply) => robot.calls.answered(reply),
        ToRobot::Drain => {
            tracing::info!("the platform asks the robot to take no new tasks");
            robot.desk.close(Some("the robot drains"));
        }
        ToRobot::Operate(operation) => robot.crew.spawn(operations::asked(Arc::clone(robot), operation)),
        ToRobot::OwnTasksAck { tasks } => robot.crew.spawn(telling::known(Arc::clone(robot), tasks)),
        ToRobot::FiredAck { number } => robot.crew.spawn(triggers::acknowledged(Arc::clone(robot), number)),
        ToRobot::OperatedAck { operation_id } => {
            let robot = Arc::clone(robot);
            let known = Arc::clone(&robot);
            robot.crew.spawn(async move { operations::acknowledged(&known, operation_id).await });
        }
        ToRobot::Watch(watch) => robot.crew.spawn(live_view::serve(Arc::clone(robot), watch)),
        ToRobot::Fenced { reason } => return Some(End::Fenced(reason)),
        ToRobot::HeartbeatAck { sequence } => robot.lease.answered(sequence),
        // Being heard from is all that matters of these.
        ToRobot::Welcome(_) | ToRobot::Unknown => {}
    }
    None
}

fn tell(robot: &Robot, task: TaskRef, event: TaskEvent) {
    if !robot.desk.tell(task, event) {
        tracing::debug!(task = task.task_id, fence = task.fence, "a message for a task that is not held here");
    }
}

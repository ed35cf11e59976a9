//! The way to a connected robot: a bounded queue that its connection empties.

use baigong_core::RobotLink;
use baigong_protocol::ToRobot;
use tokio::sync::mpsc;

/// Messages that may wait for a robot before its connection counts as too slow and is dropped.
const WAITING: usize = 1024;

/// The sending end.
pub(crate) struct QueueLink(mpsc::Sender<ToRobot>);

/// A link and the queue it fills.
pub(crate) fn link() -> (QueueLink, mpsc::Receiver<ToRobot>) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (QueueLink(sender), receiver)
}

impl RobotLink for QueueLink {
    fn send(&self, message: ToRobot) -> bool {
        self.0.try_send(message).is_ok()
    }
}

//! The way to a connected robot: a bounded queue that its connection empties.

use std::sync::Arc;

use baigong_core::RobotLink;
use baigong_protocol::ToRobot;
use tokio::sync::{Notify, mpsc};

/// Messages that may wait for a robot before its connection counts as too slow and is closed.
const WAITING: usize = 1024;

/// The sending end.
pub(crate) struct QueueLink {
    sender: mpsc::Sender<ToRobot>,
    overflow: Arc<Notify>,
}

/// What a connection reads from.
pub(crate) struct Queue {
    /// The messages, in order.
    pub(crate) messages: mpsc::Receiver<ToRobot>,
    /// A message did not fit: the connection has to be closed, so that what is lost is said again on the next one.
    pub(crate) overflow: Arc<Notify>,
}

/// A link and the queue it fills.
pub(crate) fn link() -> (QueueLink, Queue) {
    let (sender, messages) = mpsc::channel(WAITING);
    let overflow = Arc::new(Notify::new());
    (QueueLink { sender, overflow: overflow.clone() }, Queue { messages, overflow })
}

impl RobotLink for QueueLink {
    fn send(&self, message: ToRobot) -> bool {
        let sent = self.sender.try_send(message);
        if let Err(mpsc::error::TrySendError::Full(_)) = sent {
            self.overflow.notify_one();
        }
        sent.is_ok()
    }
}

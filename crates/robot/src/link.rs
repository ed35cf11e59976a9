//! The way from the tasks to the platform, whatever connection there is at the moment. Nothing is kept here: whoever
//! needs an answer watches [`Connections`] and says it again on the next connection.

use std::sync::{Mutex, PoisonError};

use baigong_protocol::{FrameError, FromRobot, encode};
use tokio::sync::{mpsc, watch};

/// Frames that wait for the network at most; then senders wait, and progress is dropped.
const QUEUE: usize = 256;

/// The way to the platform.
pub(crate) struct Link {
    outgoing: Mutex<Option<mpsc::Sender<String>>>,
    state: watch::Sender<State>,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    generation: u64,
    up: bool,
}

impl Link {
    /// A link without a connection.
    pub(crate) fn new() -> Self {
        Self { outgoing: Mutex::new(None), state: watch::Sender::new(State::default()) }
    }

    /// A connection is there and greeted; its frames come out of the receiver.
    pub(crate) fn attach(&self) -> mpsc::Receiver<String> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        *self.outgoing.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        self.state.send_modify(|state| *state = State { generation: state.generation + 1, up: true });
        receiver
    }

    /// The connection is gone.
    pub(crate) fn detach(&self) {
        self.outgoing.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.state.send_modify(|state| state.up = false);
    }

    /// Says `message` if there is a connection. Whether it arrives only an answer tells.
    pub(crate) async fn send(&self, message: &FromRobot) -> Result<(), FrameError> {
        self.send_text(encode(message)?).await;
        Ok(())
    }

    /// Says a message that is written out already.
    pub(crate) async fn send_text(&self, text: String) {
        let sender = self.outgoing.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(sender) = sender {
            // A connection that ends meanwhile takes the frame with it; the next one asks again.
            let _ = sender.send(text).await;
        }
    }

    /// Says `message` unless there is no connection or it is busy: for what may be lost.
    pub(crate) fn offer(&self, message: &FromRobot) {
        if let (Some(sender), Ok(text)) =
            (self.outgoing.lock().unwrap_or_else(PoisonError::into_inner).as_ref(), encode(message))
        {
            let _ = sender.try_send(text);
        }
    }

    /// Whether there is a connection.
    pub(crate) fn is_up(&self) -> bool {
        self.state.borrow().up
    }

    /// For whoever must act on each new connection.
    pub(crate) fn connections(&self) -> Connections {
        Connections(self.state.subscribe())
    }
}

/// Tells of connections, numbered from 1.
pub(crate) struct Connections(watch::Receiver<State>);

impl Connections {
    /// Waits for a connection with a number above `seen` (0 = any that is there) and returns its number. Can be dropped
    /// and called again without missing one.
    pub(crate) async fn newer_than(&mut self, seen: u64) -> u64 {
        let newer = self.0.wait_for(|state| state.up && state.generation > seen).await.map(|state| state.generation);
        match newer {
            Ok(generation) => generation,
            // The link is gone, and with it the agent: there will be no other connection.
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use baigong_protocol::TaskRef;

    use super::*;

    #[tokio::test]
    async fn frames_go_to_the_connection_of_the_moment() {
        let link = Link::new();
        let message = FromRobot::Start(TaskRef { task_id: 1, fence: 1 });
        link.send(&message).await.unwrap();
        link.offer(&message);
        assert!(!link.is_up());

        let mut first = link.attach();
        assert!(first.try_recv().is_err(), "what was said without a connection is not kept");
        link.send(&message).await.unwrap();
        assert_eq!(first.recv().await.unwrap(), encode(&message).unwrap());

        let mut connections = link.connections();
        assert_eq!(connections.newer_than(0).await, 1);
        link.detach();
        assert!(first.recv().await.is_none());
        let (next, _second) = tokio::join!(connections.newer_than(1), async { link.attach() });
        assert_eq!(next, 2);
    }

    #[tokio::test]
    async fn a_busy_connection_drops_what_may_be_lost_and_nothing_else() {
        let link = Link::new();
        let mut receiver = link.attach();
        let message = FromRobot::Start(TaskRef { task_id: 1, fence: 1 });
        for _ in 0..2 * QUEUE {
            link.offer(&message);
        }
        let (_, got) = tokio::join!(link.send(&message), async {
            let mut got = 0;
            while got <= QUEUE && receiver.recv().await.is_some() {
                got += 1;
            }
            got
        });
        assert_eq!(got, QUEUE + 1);
    }
}

//! Calls of running tasks to the platform. A call that has no answer yet is made again on the next connection, under the
//! same number, so that the platform does it once.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use baigong_protocol::{Call, CallAnswer, CallError, CallRequest, CallResult, FromRobot, Reply, TaskRef, encode};
use tokio::sync::oneshot;

use crate::link::Link;

/// The calls without an answer.
#[derive(Default)]
pub(crate) struct Calls {
    last: AtomicI64,
    waiting: Mutex<HashMap<(TaskRef, i64), oneshot::Sender<CallAnswer>>>,
}

/// Forgets a call whose caller is gone.
struct Registered<'a> {
    calls: &'a Calls,
    key: (TaskRef, i64),
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.calls.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl Calls {
    /// Asks and waits for the answer, over as many connections as it takes; with the number of the call. Dropping it gives up
    /// waiting.
    pub(crate) async fn call(
        &self,
        link: &Link,
        task: TaskRef,
        request: CallRequest,
    ) -> Result<(i64, CallResult), CallError> {
        let call_id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let call = Call { call_id, task_id: task.task_id, fence: task.fence, request };
        let text = encode(&FromRobot::Call(call)).map_err(|error| CallError {
            code: "tooLarge".into(),
            message: format!("{error}: pass less at once, or as a file"),
        })?;
        let (sender, mut answer) = oneshot::channel();
        let key = (task, call_id);
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(key, sender);
        let _registered = Registered { calls: self, key };
        let (mut connections, mut seen) = (link.connections(), 0);
        loop {
            tokio::select! {
                newer = connections.newer_than(seen) => {
                    seen = newer;
                    link.send_text(text.clone()).await;
                }
                answer = &mut answer => {
                    return match answer {
                        Ok(CallAnswer::Result(result)) => Ok((call_id, result)),
                        Ok(CallAnswer::Error(error)) => Err(error),
                        Err(_) => Err(CallError { code: "unavailable".into(), message: "the robot stops".into() }),
                    };
                }
            }
        }
    }

    /// Hands an answer to whoever waits for it; a repeated or late one is ignored.
    pub(crate) fn answered(&self, reply: Reply) {
        let key = (TaskRef { task_id: reply.task_id, fence: reply.fence }, reply.call_id);
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        if let Some(waiting) = waiting {
            let _ = waiting.send(reply.answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use baigong_protocol::decode;

    use super::*;

    const TASK: TaskRef = TaskRef { task_id: 7, fence: 3 };

    fn call_in(text: &str) -> Call {
        match decode(text).unwrap() {
            FromRobot::Call(call) => call,
            other => panic!("expected a call, not {other:?}"),
        }
    }

    #[tokio::test]
    async fn a_call_is_made_again_after_a_reconnect_under_the_same_number() {
        let (calls, link) = (Calls::default(), Link::new());
        let platform = async {
            let mut first = link.attach();
            let asked = call_in(&first.recv().await.unwrap());
            link.detach();
            let mut second = link.attach();
            let again = call_in(&second.recv().await.unwrap());
            assert_eq!(asked, again);
            let reply = |call_id| Reply {
                call_id,
                task_id: 7,
                fence: 3,
                answer: CallAnswer::Result(CallResult::QueuePushed { item_ids: vec![1] }),
            };
            calls.answered(reply(asked.call_id + 1));
            calls.answered(reply(asked.call_id));
            calls.answered(reply(asked.call_id));
        };
        let request = CallRequest::QueuePop { queue: "q".into() };
        let (answer, ()) = tokio::join!(calls.call(&link, TASK, request), platform);
        assert_eq!(answer, Ok((1, CallResult::QueuePushed { item_ids: vec![1] })));
        assert!(calls.waiting.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_call_too_large_for_the_uplink_says_so() {
        let name = "x".repeat(2 << 20);
        let answer =
            Calls::default().call(&Link::new(), TASK, CallRequest::AssetGet { name, key: String::new() }).await;
        assert_eq!(answer.unwrap_err().code, "tooLarge");
    }

    #[tokio::test]
    async fn a_caller_that_gives_up_leaves_nothing_behind() {
        let (calls, link) = (Calls::default(), Link::new());
        {
            let call = calls.call(&link, TASK, CallRequest::QueuePop { queue: "q".into() });
            tokio::pin!(call);
            assert!(futures_util::poll!(call.as_mut()).is_pending());
            assert_eq!(calls.waiting.lock().unwrap().len(), 1);
        }
        assert!(calls.waiting.lock().unwrap().is_empty());
    }
}

//! A run of a flow, inside this process.

use std::pin::Pin;

use baigong_model::Parameter;

use super::{Broken, RunRequest, StopReason, parameters::Given};

pub(crate) async fn run(
    _request: &RunRequest,
    _flow: &str,
    _given: Vec<Given>,
    _stopped: Pin<&mut impl Future<Output = StopReason>>,
) -> Result<Vec<Parameter>, Broken> {
    Err(Broken::failed("flow"))
}

//! What else is affected when something is deleted: the triggers that used it. They are told of, and stay. Without its
//! process a trigger is put out of service; one that lacks something else skips its firings and says why, until a person
//! gives it something else.

use baigong_model::{
    Result,
    ids::{ProcessId, RobotGroupId, RobotId, TriggerId},
};
use baigong_store::{Scope, Tx, triggers as rows};

/// What was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deleted {
    /// A process.
    Process(ProcessId),
    /// A robot.
    Robot(RobotId),
    /// A robot group.
    RobotGroup(RobotGroupId),
}

/// The live triggers that used it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Triggers {
    /// All of them, by id, whoever may see them: for the audit.
    pub(crate) all: Vec<TriggerId>,
    /// Those that whoever deletes it sees: for the answer.
    pub(crate) shown: Vec<TriggerId>,
}

/// The triggers that use it. The scheduler looks at them anew.
pub(crate) async fn triggers(tx: &Tx, scope: &Scope, deleted: Deleted) -> Result<Triggers> {
    let all = match deleted {
        Deleted::Process(id) => rows::of_process(tx, id).await?,
        Deleted::Robot(id) => rows::of_robot(tx, id).await?,
        Deleted::RobotGroup(id) => rows::of_group(tx, id).await?,
    };
    rows::touch(tx, &all).await?;
    Ok(Triggers { shown: rows::visible(tx, scope, &all).await?, all })
}

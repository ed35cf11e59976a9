//! Tasks that were made on robots themselves: they are shown here as they stand there. Each change is stored once, whatever is
//! said twice or comes late; the robot alone decides their steps.

use baigong_model::{Error, Priority, Result, TaskState, ids::RobotId};
use baigong_protocol::{MOST_OWN_TASKS, OwnTask, OwnTaskKnown, OwnTasks, TaskRef};
use baigong_store::{
    Scope, Tx, audits,
    entity::{process, robot, robot_group},
    own_tasks::{self as rows, Place, Told},
    processes, robot_groups, robots,
};
use futures_util::FutureExt;
use serde_json::json;

use super::{release_items_of, storable};
use crate::{Caller, Platform, parameters};

/// The longest text that is kept of a name or a message, in letters.
const LONGEST: usize = 4000;

/// A robot tells how its own tasks stand. Answers what is known of them now.
pub async fn own_tasks(platform: &Platform, robot: RobotId, told: OwnTasks) -> Result<Vec<OwnTaskKnown>> {
    if told.tasks.len() > MOST_OWN_TASKS {
        return Err(Error::invalid("tasks", format!("must be at most {MOST_OWN_TASKS}")));
    }
    let found = robots::find(&platform.store, &Scope::All, robot).await?;
    let owner = found.ok_or_else(|| Error::not_found("robot", robot))?;
    let (now, book) = (platform.now(), told.book);
    let kept = platform.store.write(move |tx| {
        async move {
            let mut known = Vec::with_capacity(told.tasks.len());
            for task in told.tasks {
                known.push(keep(tx, &owner, book, task, now).await?);
            }
            Ok(known)
        }
        .boxed()
    });
    let kept = kept.await?;
    platform.links.update(robot, |linked| {
        for (known, runs, _) in &kept {
            match runs {
                Some(true) => linked.own.insert(known.task_id),
                Some(false) => linked.own.remove(&known.task_id),
                // It was late: what it is now has been said.
                None => false,
            };
        }
    });
    for (_, _, ended) in &kept {
        if let Some(task) = ended {
            release_items_of(platform, *task).await?;
        }
    }
    Ok(kept.into_iter().map(|(known, ..)| known).collect())
}

/// Stores how a task stands, unless that is known already. Answers whether it runs, and the run that has ended, if one has.
async fn keep(
    tx: &Tx,
    owner: &robot::Model,
    book: i64,
    task: OwnTask,
    now: i64,
) -> Result<(OwnTaskKnown, Option<bool>, Option<TaskRef>)> {
    let runs = task.state.parse().is_ok_and(|state: TaskState| TaskState::HELD.contains(&state));
    let place = |number| Place { robot_id: owner.id, book, number };
    let (number, revision, run) = (task.number, task.revision, task.run);
    let found = rows::find(tx, place(number)).await?;
    if let Some((task_id, stored)) = found.filter(|(_, stored)| *stored >= revision) {
        return Ok((
            OwnTaskKnown { number, revision: stored, task_id },
            Some(runs).filter(|_| stored == revision),
            None,
        ));
    }
    let (process_id, pool_id) = process_of(tx, owner, place(task.process), &task.process_name, now).await?;
    let told = row(owner, (process_id, pool_id), &task, now)?;
    let state = told.state;
    let is_final = told.ended_at.is_some();
    let task_id = match found {
        Some((id, _)) => rows::update(tx, id, told).await.map(|()| id)?,
        None => rows::insert(tx, told).await?,
    };
    rows::note(tx, place(number), task_id, revision).await?;
    if found.is_none() || is_final {
        let action = if found.is_none() { "create" } else { "end" };
        let detail = json!({ "robotId": owner.id, "numberOnRobot": number, "state": state });
        let audit = Caller::platform().audit(now, action, "task", Some(task_id), Some(owner.department_id), &detail);
        let audit = audits::NewAudit { username: format!("robot {}", owner.id).into(), ..audit };
        audits::insert_many(tx, &[audit]).await?;
    }
    let ended = is_final.then_some(TaskRef { task_id, fence: run });
    Ok((OwnTaskKnown { number, revision, task_id }, Some(runs), ended))
}

fn row(owner: &robot::Model, (process_id, pool_id): (i64, i64), task: &OwnTask, now: i64) -> Result<Told> {
    let state: TaskState = task.state.parse().map_err(|()| Error::invalid("state", "must be a state of a task"))?;
    let texts = |given: &[baigong_model::Parameter]| parameters::to_text(given).map(|text| storable(&text));
    let ended_at = state.is_final().then(|| task.ended_at.unwrap_or(now));
    Ok(Told {
        department_id: owner.department_id,
        created_by: owner.created_by,
        process_id,
        pool_id,
        robot_id: owner.id,
        state: state.as_str(),
        priority: Priority::from_number(task.priority.into())?.number(),
        fence: task.run,
        is_record: task.record,
        in_parameters: texts(&task.in_parameters)?,
        out_parameters: task.out_parameters.as_deref().map(texts).transpose()?,
        task_name: task.task_name.as_deref().map(cut),
        message: task.message.as_deref().map(cut),
        max_run_minutes: task.max_run_minutes.max(0),
        max_wait_minutes: task.max_wait_minutes.max(0),
        started_at: task.started_at,
        ended_at,
        now,
    })
}

fn cut(text: &str) -> String {
    storable(text).chars().take(LONGEST).collect()
}

/// What stands for a process of the robot's: a deleted process, so that its name is shown and nothing can be started from it
/// here. With the pool of the robot's own tasks.
async fn process_of(tx: &Tx, owner: &robot::Model, place: Place, name: &str, now: i64) -> Result<(i64, i64)> {
    let name = cut(name);
    let (pool_id, group) = rows::pool(tx, owner.id).await?;
    if let Some(process) = rows::process(tx, place).await? {
        rows::rename_process(tx, process, &name).await?;
        return Ok((process, pool_id));
    }
    let remark = format!("made on robot {}", owner.id);
    let robot_group_id = match group {
        Some(group) => group,
        None => {
            let group = robot_group::Model {
                id: 0,
                department_id: owner.department_id,
                pool_id,
                name: owner.name.clone(),
                live_name: None,
                remark: Some(remark.clone()),
                created_by: owner.created_by,
                created_at: now,
                deleted_at: Some(now),
            };
            robot_groups::insert(tx, group).await?
        }
    };
    let row = process::Model {
        id: 0,
        department_id: owner.department_id,
        robot_group_id,
        package_id: None,
        name,
        live_name: None,
        remark: Some(remark),
        is_record: false,
        in_parameters: "[]".into(),
        task_name: None,
        fail_try_times: 0,
        created_by: owner.created_by,
        created_at: now,
        deleted_at: Some(now),
    };
    let process = processes::insert(tx, row).await?;
    rows::note_process(tx, place, process).await?;
    Ok((process, pool_id))
}

#[cfg(test)]
mod tests {
    use baigong_model::{Page, Parameter};
    use baigong_protocol::{Log, LogLine};

    use super::{super::tests::Scene, *};
    use crate::{
        robot_sessions,
        tasks::{self, Filter, LogFilter},
        testing::on_both,
    };

    fn task(revision: i64, state: &str) -> OwnTask {
        OwnTask {
            number: 1_000_000_001,
            revision,
            process: 1_000_000_002,
            process_name: "对账".into(),
            task_name: None,
            priority: 1,
            record: false,
            in_parameters: vec![Parameter { name: "a".into(), value: "1".into() }],
            out_parameters: None,
            state: state.into(),
            run: i64::from(state != "queued"),
            message: None,
            max_run_minutes: 0,
            max_wait_minutes: 0,
            started_at: (state != "queued").then_some(7_000),
            ended_at: (state == "succeeded").then_some(9_000),
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_made_on_a_robot_is_seen_here_and_moved_on_by_the_robot_alone() {
        on_both(async |world| {
            crate::nodes::start(&world.platform).await.unwrap();
            let scene = Scene::new(world, false).await;
            let (platform, caller) = (&world.platform, &world.admin);
            let say = async |revision: i64, state: &str| {
                let told = OwnTasks { book: 1, tasks: vec![task(revision, state)] };
                own_tasks(platform, scene.robot, told).await.unwrap()[0]
            };
            let known = say(1, "queued").await;
            let seen = tasks::query(platform, caller, known.task_id).await.unwrap();
            assert_eq!((seen.task.create_mode, seen.task.robot_id), (1, Some(scene.robot)));
            crate::dispatch::run_once(platform).await.unwrap();
            assert_eq!(scene.ear.assigned(), [], "it is the robot's, and nobody gives it to one");
            assert_eq!(say(2, "running").await, OwnTaskKnown { revision: 2, ..known });
            assert_eq!(say(1, "queued").await.revision, 2, "what is late changes nothing");
            let page = Page::new(None, None).unwrap();
            let listed = tasks::list(platform, caller, Filter::default(), page).await.unwrap().rows;
            assert_eq!(listed.iter().map(|row| row.task.id).collect::<Vec<_>>(), [known.task_id]);
            assert_eq!((&*listed[0].task.state, listed[0].task.fence), ("running", 1));
            for refused in [
                tasks::cancel(platform, caller, known.task_id).await,
                tasks::pause(platform, caller, known.task_id).await,
            ] {
                assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
            }
            let robot_state = async || {
                let listed = crate::robots::list(platform, caller, &crate::robots::Filter::all(crate::testing::all()))
                    .await
                    .unwrap();
                listed.rows.into_iter().find(|row| row.robot.id == scene.robot).unwrap().state
            };
            assert_eq!(robot_state().await, baigong_model::RobotState::Running);
            let held = baigong_store::tasks::held_by(&platform.store, scene.robot).await.unwrap();
            assert_eq!(held, [], "no lease of it is waited for");

            let line = LogLine { at: 1, level: baigong_model::LogLevel::Info, message: "hello".into() };
            let log = Log { task_id: known.task_id, fence: 1, first_sequence: 1, lines: vec![line] };
            robot_sessions::log(platform, scene.robot, log).await.unwrap();
            let lines = tasks::log(platform, caller, known.task_id, LogFilter::default()).await.unwrap();
            assert_eq!(lines[0].message, "hello");

            assert_eq!(say(3, "succeeded").await.revision, 3);
            assert_eq!(robot_state().await, baigong_model::RobotState::Idle);
            let seen = tasks::query(platform, caller, known.task_id).await.unwrap().task;
            assert_eq!((&*seen.state, seen.started_at, seen.ended_at), ("succeeded", Some(7_000), Some(9_000)));
            let again = tasks::retry(platform, caller, known.task_id).await;
            assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        })
        .await;
    }
}

//! Live views: who may watch, and that pictures are asked for only while somebody does.

use baigong_model::Secret;
use baigong_store::Scope;

use super::*;
use crate::{
    robot_sessions,
    robots::tests::hello,
    testing::{PASSWORD, World, assert_not_found, on_one, without},
};

/// What a robot was told.
#[derive(Default)]
struct Ear(Mutex<Vec<ToRobot>>);

impl crate::RobotLink for Ear {
    fn send(&self, message: ToRobot) -> bool {
        self.0.lock().unwrap().push(message);
        true
    }
}

impl Ear {
    /// The views that were asked for since the last time.
    fn asked(&self) -> Vec<String> {
        let heard = std::mem::take(&mut *self.0.lock().unwrap());
        let asked = heard.into_iter().filter_map(|message| match message {
            ToRobot::Watch(watch) => Some(watch.view),
            _ => None,
        });
        asked.collect()
    }
}

async fn connected(world: &World) -> (RobotId, Arc<Ear>) {
    let id = world.robot(world.north, "r").await.id;
    let row = robots::find(&world.platform.store, &Scope::All, id).await.unwrap().unwrap();
    let ear = Arc::new(Ear::default());
    robot_sessions::connect(&world.platform, &row, &hello(), ear.clone()).await.unwrap();
    (id, ear)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_see_recordings_of_a_robot_they_see_watches_its_screen() {
    on_one(async |world| {
        let (robot, ear) = connected(world).await;
        let blind = without(world.north, Permission::VideoRead);
        assert!(matches!(watch(&world.platform, &blind, robot).await, Err(Error::Forbidden(_))));
        assert_not_found(watch(&world.platform, &world.souths, robot).await.map(drop), "a foreign robot");
        let away = world.robot(world.north, "away").await.id;
        assert!(matches!(watch(&world.platform, &world.norths, away).await, Err(Error::Conflict(_))));
        assert!(ear.asked().is_empty());
        let mut viewer = watch(&world.platform, &world.norths, robot).await.unwrap();
        let view = ear.asked().remove(0);
        assert_not_found(serve(&world.platform, away, &view).map(drop), "another robot's view");
        assert_not_found(serve(&world.platform, robot, "other").map(drop), "no view");
        let source = serve(&world.platform, robot, &view).unwrap();
        assert!(matches!(serve(&world.platform, robot, &view), Err(Error::Conflict(_))));
        source.show(Picture::Screen(Bytes::from_static(b"1")));
        source.show(Picture::Screen(Bytes::from_static(b"2")));
        assert_eq!(viewer.next().await, Some(Picture::Screen(Bytes::from_static(b"2"))), "the newest only");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_share_a_view_and_the_last_one_ends_it() {
    on_one(async |world| {
        let (robot, ear) = connected(world).await;
        let one = watch(&world.platform, &world.norths, robot).await.unwrap();
        let view = ear.asked().remove(0);
        let source = serve(&world.platform, robot, &view).unwrap();
        let two = watch(&world.platform, &world.admin, robot).await.unwrap();
        assert!(ear.asked().is_empty(), "it is served already");
        drop(one);
        assert!(source.nobody_watches().now_or_never().is_none());
        drop(two);
        source.nobody_watches().await;
        drop(source);
        assert!(world.platform.live_views.table().is_empty());
        let _again = watch(&world.platform, &world.norths, robot).await.unwrap();
        assert_ne!(ear.asked(), [view], "a view that is over is not gone on with");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_ends_with_the_token_and_is_asked_for_again_while_nobody_serves_it() {
    on_one(async |world| {
        let (robot, ear) = connected(world).await;
        let viewer = watch(&world.platform, &world.norths, robot).await.unwrap();
        let view = ear.asked();
        let password = Secret::new(PASSWORD.into());
        let token = accounts::sign_in(&world.platform, "admin", &password, None).await.unwrap().token;
        let token = token.expose();
        viewer.check(token, None).await.unwrap();
        assert_eq!(ear.asked(), view);
        drop(serve(&world.platform, robot, &view[0]).unwrap());
        viewer.check(token, None).await.unwrap();
        assert_eq!(ear.asked(), view, "the robot went away");
        world.clock.advance(13 * 3_600_000);
        assert!(viewer.check(token, None).await.is_err(), "the token is over");
    })
    .await;
}

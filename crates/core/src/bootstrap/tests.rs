//! The first start, and the way back in.

use super::*;
use crate::testing::{PASSWORD, all, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_makes_one_root_and_one_administrator_and_a_second_changes_nothing() {
    on_both(async |world| {
        for password in [Some(Secret::new("other".to_owned())), None] {
            let made = bootstrap(&world.platform, password).await.unwrap();
            assert!(made.is_none(), "no password is shown that is not in force");
        }
        let users = crate::employees::list(&world.platform, &world.admin, &all()).await.unwrap();
        assert_eq!((users.total, users.rows[0].username.as_str()), (1, "admin"));
        assert_eq!(users.rows[0].email.as_deref(), Some("admin@baigong.local"));
        accounts::sign_in(&world.platform, "admin", &Secret::new(PASSWORD.into()), None).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_made_password_is_told_once_and_works() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(
        crate::Config::new(folder.path().to_owned()),
        std::sync::Arc::new(baigong_model::ManualClock::at(1)),
        std::sync::Arc::new(baigong_model::SystemRandom),
        std::sync::Arc::new(baigong_flow::ActionTable::new()),
    );
    let platform = platform.await.unwrap();
    let made = bootstrap(&platform, None).await.unwrap().expect("it is told");
    assert_eq!(made.expose().len(), 24);
    assert!(bootstrap(&platform, None).await.unwrap().is_none(), "once");
    accounts::sign_in(&platform, ADMIN, &made, None).await.unwrap();
    assert_ne!(make_password(&platform).expose(), make_password(&platform).expose());
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_make_one_administrator() {
    on_both(async |world| {
        let others = [world.another().await, world.another().await];
        let starts = others.iter().map(|platform| bootstrap(platform, Some(Secret::new("x of eight letters".into()))));
        for start in futures_util::future::join_all(starts).await {
            assert!(start.unwrap().is_none());
        }
        assert_eq!(crate::departments::list(&world.platform, &world.admin, &all()).await.unwrap().total, 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_fill_an_empty_database_at_once_wait_for_each_other() {
    let database = baigong_testkit::TestDatabase::postgres().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut nodes = Vec::new();
    for seed in 0..4 {
        let mut config = crate::Config::new(folder.path().to_owned());
        config.database = baigong_store::Settings { connections: 2, ..baigong_store::Settings::new(database.url()) };
        let clock = std::sync::Arc::new(baigong_model::ManualClock::at(1));
        let random = std::sync::Arc::new(baigong_model::SeededRandom::new(seed));
        let actions = std::sync::Arc::new(baigong_flow::ActionTable::new());
        nodes.push(Platform::open(config, clock, random, actions).await.unwrap());
    }
    // Hashing the password would keep them apart.
    let fills = nodes.iter().map(|platform| {
        platform
            .store
            .write(|tx| async move { fill(tx, Some("hash".into()), "admin@baigong.local".into(), 1).await }.boxed())
    });
    let made = futures_util::future::join_all(fills).await;
    let made = made.into_iter().map(Result::unwrap).filter(|made| *made).count();
    assert_eq!(made, 1, "one node makes the administrator, the others see it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_may_do_everything_but_shape_the_organisation() {
    let words = operators_permissions();
    let words: Vec<&str> = words.split(' ').collect();
    for permission in Permission::ALL.iter().map(|it| it.as_str()).filter(|it| it.ends_with(":read")) {
        assert_eq!(words.contains(&permission), permission != "audit:read", "{permission}");
    }
    assert!(words.contains(&"robot:write") && words.contains(&"task:run"));
    for power in
        ["machine:write", "employee:write", "role:write", "license:write", "credential:reveal", "robot:operate"]
    {
        assert!(!words.contains(&power) && Permission::ALL.iter().any(|it| it.as_str() == power), "{power}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_needs_a_user_and_a_password() {
    on_both(async |world| {
        let reset = async |name: &str, new: &str| reset_password(&world.platform, name, Secret::new(new.into())).await;
        assert!(matches!(reset("nobody", "x").await, Err(Error::UnknownUser)));
        for wrong in ["", "seven77"] {
            assert!(matches!(reset(ADMIN, wrong).await, Err(Error::Invalid { .. })), "{wrong}");
        }
        for _ in 0..5 {
            accounts::sign_in(&world.platform, ADMIN, &Secret::new("wrong".into()), None).await.unwrap_err();
        }
        reset(ADMIN, "a new one").await.unwrap();
        accounts::sign_in(&world.platform, ADMIN, &Secret::new("a new one".into()), None).await.expect("unlocked");
    })
    .await;
}

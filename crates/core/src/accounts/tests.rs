//! Signing in, and how long a token lasts.

use baigong_model::{Error, Secret};
use baigong_store::{tokens, users};
use futures_util::FutureExt;

use super::*;
use crate::{
    bootstrap, employees,
    testing::{PASSWORD, World, on_both},
};

const MINUTE: i64 = 60_000;

async fn authenticate(platform: &Platform, token: &str) -> baigong_model::Result<crate::Caller> {
    super::authenticate(platform, token, None).await
}

async fn try_to(world: &World, username: &str, password: &str) -> baigong_model::Result<SignedIn> {
    sign_in(&world.platform, username, &Secret::new(password.into()), Some("10.0.0.7")).await
}

async fn token(world: &World) -> String {
    try_to(world, "admin", PASSWORD).await.unwrap().token.expose().clone()
}

async fn user(world: &World, username: &str) -> i64 {
    let new = employees::NewEmployee {
        name: "张三".into(),
        username: username.into(),
        password: Secret::new(PASSWORD.into()),
        department_id: world.north,
        email: None,
        mobile: None,
        role_id: None,
        remark: None,
    };
    employees::create(&world.platform, &world.admin, new).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_password_gives_a_token_and_each_mistake_its_own_answer() {
    on_both(async |world| {
        let signed_in = try_to(world, "admin", PASSWORD).await.unwrap();
        assert_eq!(signed_in.token.expose().len(), 64);
        assert_eq!(signed_in.expires_at, world.platform.now() + 30 * MINUTE);
        let caller = authenticate(&world.platform, signed_in.token.expose()).await.unwrap();
        assert_eq!((caller.user_id, &*caller.username), (Some(1), "admin"));
        assert_eq!(caller.permissions(), baigong_model::PermissionSet::all());
        assert!(matches!(try_to(world, "admin", "wrong").await, Err(Error::WrongPassword)));
        assert!(matches!(try_to(world, "admin", "").await, Err(Error::WrongPassword)));
        assert!(matches!(try_to(world, "nobody", PASSWORD).await, Err(Error::UnknownUser)));
        for token in ["", "x", &"0".repeat(64)] {
            assert!(matches!(authenticate(&world.platform, token).await, Err(Error::Unauthenticated)));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour() {
    on_both(async |world| {
        let before = token(world).await;
        for _ in 0..4 {
            assert!(matches!(try_to(world, "admin", "wrong").await, Err(Error::WrongPassword)));
        }
        assert!(matches!(try_to(world, "admin", "wrong").await, Err(Error::Locked)), "the fifth");
        assert!(matches!(try_to(world, "admin", PASSWORD).await, Err(Error::Locked)), "even with the right one");
        assert!(authenticate(&world.platform, &before).await.is_ok(), "whoever knows a name cannot sign its owner out");
        let shown = employees::query(&world.platform, &world.admin, 1).await.unwrap();
        assert!(shown.is_locked);
        world.clock.advance(15 * MINUTE);
        assert!(matches!(try_to(world, "admin", "wrong").await, Err(Error::WrongPassword)), "the count begins anew");
        try_to(world, "admin", PASSWORD).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_is_the_databases_so_a_restart_or_another_node_changes_nothing() {
    on_both(async |world| {
        let other = world.another().await;
        let wrong = Secret::new("wrong".to_owned());
        for platform in [&world.platform, &other, &world.platform, &other] {
            assert!(matches!(sign_in(platform, "admin", &wrong, None).await, Err(Error::WrongPassword)));
        }
        assert!(matches!(sign_in(&other, "admin", &wrong, None).await, Err(Error::Locked)));
        assert!(matches!(try_to(world, "admin", PASSWORD).await, Err(Error::Locked)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_far_apart_and_a_success_between_do_not_lock() {
    on_both(async |world| {
        for _ in 0..3 {
            for _ in 0..4 {
                assert!(matches!(try_to(world, "admin", "wrong").await, Err(Error::WrongPassword)));
            }
            try_to(world, "admin", PASSWORD).await.unwrap();
        }
        for _ in 0..6 {
            assert!(matches!(try_to(world, "admin", "wrong").await, Err(Error::WrongPassword)));
            world.clock.advance(15 * MINUTE);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_encrypt_is_told_so_and_locks_nobody_out() {
    on_both(async |world| {
        let strict = world.strict().await;
        for password in ["wrong", PASSWORD, "", "deadbeef"].repeat(3) {
            let refused = sign_in(&strict, "admin", &Secret::new(password.into()), None).await;
            assert!(
                matches!(&refused, Err(Error::Invalid { field, reason })
                if field == "password" && reason.starts_with("must come encrypted")),
                "{refused:?}"
            );
        }
        let unreadable = ["sm2:v1:x:y".to_owned(), "00".repeat(100)];
        for text in unreadable.iter().cycle().take(4) {
            let refused = sign_in(&strict, "admin", &Secret::new(text.clone()), None).await;
            assert!(matches!(refused, Err(Error::WrongPassword)), "{refused:?}");
        }
        try_to(world, "admin", PASSWORD).await.expect("four mistakes do not lock");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_the_same_time_are_all_counted() {
    on_both(async |world| {
        let guesses = (0..12).map(|_| try_to(world, "admin", "wrong"));
        let answers = futures_util::future::join_all(guesses).await;
        let wrong = answers.iter().filter(|answer| matches!(answer, Err(Error::WrongPassword))).count();
        assert_eq!(wrong, 4, "{answers:?}");
        assert!(matches!(try_to(world, "admin", PASSWORD).await, Err(Error::Locked)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lasts_while_it_is_used_but_not_for_ever() {
    on_both(async |world| {
        let (used, unused) = (token(world).await, token(world).await);
        for _ in 0..24 {
            world.clock.advance(29 * MINUTE);
            authenticate(&world.platform, &used).await.unwrap();
        }
        assert!(matches!(authenticate(&world.platform, &unused).await, Err(Error::TokenExpired)));
        world.clock.advance(24 * MINUTE);
        assert!(matches!(authenticate(&world.platform, &used).await, Err(Error::TokenExpired)), "after 12 hours");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn use_is_written_down_so_that_a_restart_does_not_end_a_token() {
    on_both(async |world| {
        let token = token(world).await;
        world.clock.advance(20 * MINUTE);
        authenticate(&world.platform, &token).await.unwrap();
        flush_token_use(&world.platform).await.unwrap();
        world.clock.advance(20 * MINUTE);
        let restarted = world.another().await;
        authenticate(&restarted, &token).await.expect("it was used 20 minutes ago");
        world.clock.advance(30 * MINUTE);
        assert!(matches!(authenticate(&restarted, &token).await, Err(Error::TokenExpired)));
        // For a while it is known that it has expired; then it is forgotten.
        world.clock.advance(60 * MINUTE);
        flush_token_use(&world.platform).await.unwrap();
        assert!(tokens::grant(&world.platform.store, &hex::encode(token_hash(&token))).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_taken_back_anywhere_is_refused_within_a_second() {
    on_both(async |world| {
        let (here, there) = (world.platform.clone(), world.another().await);
        let token = token(world).await;
        authenticate(&here, &token).await.unwrap();
        authenticate(&there, &token).await.unwrap();
        sign_out(&there, &token).await.unwrap();
        assert!(authenticate(&there, &token).await.is_err(), "at once where it was taken back");
        world.clock.advance(1000);
        assert!(matches!(authenticate(&here, &token).await, Err(Error::Unauthenticated)));
        assert!(matches!(authenticate(&here, &token).await, Err(Error::Unauthenticated)), "and stays refused");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_user_and_a_new_password_end_the_tokens() {
    on_both(async |world| {
        let id = user(world, "zhang").await;
        let first = try_to(world, "zhang", PASSWORD).await.unwrap().token;
        authenticate(&world.platform, first.expose()).await.unwrap();
        bootstrap::reset_password(&world.platform, "zhang", Secret::new("another horse".into())).await.unwrap();
        assert!(authenticate(&world.platform, first.expose()).await.is_err());
        assert!(matches!(try_to(world, "zhang", PASSWORD).await, Err(Error::WrongPassword)));
        let second = try_to(world, "zhang", "another horse").await.unwrap().token;
        authenticate(&world.platform, second.expose()).await.unwrap();
        let delete = world.platform.store.write(move |tx| async move { users::delete(tx, id, 1).await }.boxed());
        delete.await.unwrap();
        world.clock.advance(1000);
        assert!(matches!(authenticate(&world.platform, second.expose()).await, Err(Error::Unauthenticated)));
        assert!(matches!(try_to(world, "zhang", "another horse").await, Err(Error::UnknownUser)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_the_department_and_what_comes_below_it_later() {
    on_both(async |world| {
        user(world, "zhang").await;
        let token = try_to(world, "zhang", PASSWORD).await.unwrap().token;
        let caller = authenticate(&world.platform, token.expose()).await.unwrap();
        assert!(
            caller.scope().covers(world.north)
                && !caller.scope().covers(world.south)
                && !caller.scope().covers(world.root)
        );
        use baigong_model::Permission::{DepartmentWrite, EmployeeWrite, MachineWrite, RobotWrite, TaskRun};
        assert!(caller.need(RobotWrite).is_ok() && caller.need(TaskRun).is_ok());
        for permission in [DepartmentWrite, EmployeeWrite, MachineWrite] {
            assert!(matches!(caller.need(permission), Err(Error::Forbidden(_))));
        }
        let new = crate::departments::NewDepartment { name: "below".into(), parent_id: world.north };
        let below = crate::departments::create(&world.platform, &world.admin, new).await.unwrap();
        let caller = authenticate(&world.platform, token.expose()).await.unwrap();
        assert!(caller.scope().covers(below), "the scope follows the tree");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_token_nor_password_is_stored() {
    crate::testing::on_one(async |world| {
        let token = token(world).await;
        world.platform.store.write(|_| async { Ok(()) }.boxed()).await.unwrap();
        let mut stored = Vec::new();
        for file in std::fs::read_dir(world.database_folder().unwrap()).unwrap() {
            stored.extend(std::fs::read(file.unwrap().path()).unwrap());
        }
        let has = |text: &str| stored.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(has("admin@baigong.local"), "the search works");
        assert!(!has(&token) && !has(PASSWORD));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_a_new_password_overtakes_gives_no_token() {
    on_both(async |world| {
        let id = user(world, "zhang").await;
        let checked = users::find(&world.platform.store, &baigong_store::Scope::All, id).await.unwrap().unwrap();
        bootstrap::reset_password(&world.platform, "zhang", Secret::new("another horse".into())).await.unwrap();
        let late = super::sign_in::succeeded(&world.platform, checked.clone(), None).await;
        assert!(matches!(late, Err(Error::WrongPassword)), "{late:?}");
        employees::delete(&world.platform, &world.admin, id).await.unwrap();
        let late = super::sign_in::succeeded(&world.platform, checked, None).await;
        assert!(matches!(late, Err(Error::UnknownUser)), "{late:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_used_on_another_node_is_not_idle_here() {
    on_both(async |world| {
        let (here, there) = (world.platform.clone(), world.another().await);
        let token = token(world).await;
        authenticate(&here, &token).await.unwrap();
        for _ in 0..2 {
            world.clock.advance(20 * MINUTE);
            authenticate(&there, &token).await.unwrap();
            flush_token_use(&there).await.unwrap();
        }
        authenticate(&here, &token).await.expect("it was used a moment ago");
        world.clock.advance(30 * MINUTE);
        assert!(matches!(authenticate(&here, &token).await, Err(Error::TokenExpired)));
    })
    .await;
}

//! Changing and deleting users.

use super::*;
use crate::{
    accounts, bootstrap,
    testing::{PASSWORD, World, all, assert_not_found, on_both, without},
};

async fn make(world: &World, username: &str, department_id: DepartmentId, role_id: Option<i64>) -> UserId {
    let new = NewEmployee {
        name: "张三".into(),
        username: username.into(),
        password: Secret::new(PASSWORD.into()),
        department_id,
        email: Some("a@b.cn".into()),
        mobile: Some("13800000000".into()),
        role_id,
        remark: None,
    };
    create(&world.platform, &world.admin, new).await.unwrap()
}

async fn sign_in(world: &World, username: &str, password: &str) -> Result<String> {
    let signed_in = accounts::sign_in(&world.platform, username, &Secret::new(password.into()), None).await?;
    Ok(signed_in.token.expose().clone())
}

async fn is_good(world: &World, token: &str) -> bool {
    accounts::authenticate(&world.platform, token, None).await.is_ok()
}

async fn administrator_role(world: &World) -> i64 {
    let roles = crate::roles::list(&world.platform, &world.admin, &all()).await.unwrap().rows;
    roles.into_iter().find(|role| role.name == bootstrap::ADMINISTRATOR).unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_is_changed_and_the_rest_stays() {
    on_both(async |world| {
        let id = make(world, "zhang", world.north, None).await;
        make(world, "li", world.north, None).await;
        let change = Change { name: Some(" 李四 ".into()), email: Some(String::new()), ..Change::default() };
        update(&world.platform, &world.norths, id, change).await.unwrap();
        let shown = query(&world.platform, &world.norths, id).await.unwrap();
        assert_eq!((shown.name.as_str(), shown.username.as_str(), shown.email), ("李四", "zhang", None));
        assert_eq!(shown.mobile.as_deref(), Some("13800000000"));
        let shown_back = Change { password: Some(Secret::new("******".into())), ..Change::default() };
        update(&world.platform, &world.norths, id, shown_back).await.unwrap();
        sign_in(world, "zhang", PASSWORD).await.expect("the old password is the right one");
        let rename = |name: &str| Change { username: Some(name.into()), ..Change::default() };
        let taken = update(&world.platform, &world.admin, id, rename("li")).await;
        assert!(matches!(taken, Err(Error::AlreadyExists { kind: "user", .. })), "{taken:?}");
        update(&world.platform, &world.admin, id, rename("wang")).await.unwrap();
        sign_in(world, "wang", PASSWORD).await.unwrap();
        assert!(matches!(sign_in(world, "zhang", PASSWORD).await, Err(Error::UnknownUser)));
        for wrong in [
            Change { name: Some(" ".into()), ..Change::default() },
            Change { email: Some("nonsense".into()), ..Change::default() },
            Change { mobile: Some("abc".into()), ..Change::default() },
            Change { password: Some(Secret::new("长".repeat(200))), ..Change::default() },
            Change { password: Some(Secret::new("1234567".into())), ..Change::default() },
            Change {
                username: Some("wang.daming".into()),
                password: Some(Secret::new("Wang.Daming".into())),
                ..Change::default()
            },
        ] {
            let refused = update(&world.platform, &world.admin, id, wrong).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_every_session() {
    on_both(async |world| {
        let id = make(world, "zhang", world.north, None).await;
        let token = sign_in(world, "zhang", PASSWORD).await.unwrap();
        update(&world.platform, &world.norths, id, Change { name: Some("x".into()), ..Change::default() })
            .await
            .unwrap();
        assert!(is_good(world, &token).await, "another name ends nothing");
        let new = "another horse 电池";
        let change = Change { password: Some(Secret::new(new.into())), ..Change::default() };
        update(&world.platform, &world.norths, id, change).await.unwrap();
        assert!(!is_good(world, &token).await);
        assert!(matches!(sign_in(world, "zhang", PASSWORD).await, Err(Error::WrongPassword)));
        sign_in(world, "zhang", new).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_user_is_out_at_once_and_still_shown() {
    on_both(async |world| {
        let id = make(world, "zhang", world.north, None).await;
        let token = sign_in(world, "zhang", PASSWORD).await.unwrap();
        delete(&world.platform, &world.norths, id).await.unwrap();
        assert!(!is_good(world, &token).await);
        assert!(matches!(sign_in(world, "zhang", PASSWORD).await, Err(Error::UnknownUser)));
        assert!(query(&world.platform, &world.norths, id).await.unwrap().is_deleted);
        let live = list(&world.platform, &world.norths, &all()).await.unwrap().rows;
        assert!(live.iter().all(|user| user.id != id));
        let everything = ListInput { include_deleted: true, keyword: Some("张".into()), ..all() };
        assert_eq!(list(&world.platform, &world.norths, &everything).await.unwrap().total, 1);
        assert_not_found(delete(&world.platform, &world.norths, id).await, "delete again");
        assert_not_found(update(&world.platform, &world.norths, id, Change::default()).await, "update");
        make(world, "zhang", world.south, None).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_touches_users_they_do_not_see_or_who_may_do_more() {
    on_both(async |world| {
        let south = make(world, "zhang", world.south, None).await;
        let change = || Change { password: Some(Secret::new("another horse 电池".into())), ..Change::default() };
        assert_not_found(update(&world.platform, &world.norths, south, change()).await, "update");
        assert_not_found(delete(&world.platform, &world.norths, south).await, "delete");
        let chief = make(world, "chief", world.north, Some(administrator_role(world).await)).await;
        for refused in [
            update(&world.platform, &world.norths, chief, change()).await,
            delete(&world.platform, &world.norths, chief).await,
        ] {
            assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        }
        sign_in(world, "chief", PASSWORD).await.unwrap();
        let reader = without(world.north, Permission::EmployeeWrite);
        let refused = delete(&world.platform, &reader, chief).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_administrator_always_stays() {
    on_both(async |world| {
        let first = world.admin.id();
        let refused = delete(&world.platform, &world.admin, first).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        let role = administrator_role(world).await;
        for round in 0..8 {
            let a = make(world, &format!("a{round}"), world.north, Some(role)).await;
            let b = make(world, &format!("b{round}"), world.north, Some(role)).await;
            let others = list(&world.platform, &world.admin, &all()).await.unwrap().rows;
            for other in others.into_iter().filter(|user| user.id != a && user.id != b && user.username != "admin") {
                delete(&world.platform, &world.admin, other.id).await.unwrap();
            }
            if round == 0 {
                delete(&world.platform, &world.admin, first).await.unwrap();
            }
            let (one, other) =
                tokio::join!(delete(&world.platform, &world.admin, a), delete(&world.platform, &world.admin, b));
            assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1, "{one:?} {other:?}");
        }
    })
    .await;
}

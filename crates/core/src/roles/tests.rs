//! What roles give, and that nobody gives what they do not hold.

use baigong_model::{Secret, ids::DepartmentId};

use super::*;
use crate::{
    employees, queues,
    testing::{PASSWORD, World, all, assert_not_found, on_both, with_permissions},
};

fn input(name: &str, permissions: &[Permission], data_scope: DataScope) -> RoleInput {
    RoleInput {
        name: Some(name.into()),
        permissions: Some(permissions.iter().map(ToString::to_string).collect()),
        data_scope: Some(data_scope.to_string()),
        ..RoleInput::default()
    }
}

async fn role(world: &World, name: &str, permissions: &[Permission], data_scope: DataScope) -> RoleId {
    create(&world.platform, &world.admin, input(name, permissions, data_scope)).await.unwrap()
}

async fn user(world: &World, username: &str, department_id: DepartmentId, role: Option<RoleId>) -> UserId {
    let new = employees::NewEmployee {
        name: username.into(),
        username: username.into(),
        password: Secret::new(PASSWORD.into()),
        department_id,
        email: None,
        mobile: None,
        role_id: role,
        remark: None,
    };
    employees::create(&world.platform, &world.admin, new).await.unwrap()
}

async fn token(world: &World, username: &str) -> String {
    let password = Secret::new(PASSWORD.to_owned());
    accounts::sign_in(&world.platform, username, &password, None).await.unwrap().token.expose().clone()
}

async fn caller(world: &World, username: &str) -> Caller {
    accounts::authenticate(&world.platform, &token(world, username).await, None).await.unwrap()
}

#[track_caller]
fn assert_forbidden<T: std::fmt::Debug>(result: Result<T>, needed: &str) {
    match result {
        Err(Error::Forbidden(text)) if text.contains(needed) => {}
        other => panic!("must be forbidden for want of {needed}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_data_scope_shows_its_rows_in_lists_and_by_id() {
    use Permission::{QueueRead, QueueWrite};
    on_both(async |world| {
        let platform = &world.platform;
        let new = departments::NewDepartment { name: "below".into(), parent_id: world.north };
        let below = departments::create(platform, &world.admin, new).await.unwrap();
        let queue = async |caller: &Caller, department_id, name: &str| {
            let new = queues::NewQueue { department_id, name: name.into(), ..Default::default() };
            queues::create(platform, caller, new).await
        };
        let made = [
            queue(&world.admin, world.north, "north").await.unwrap(),
            queue(&world.admin, below, "below").await.unwrap(),
            queue(&world.admin, world.south, "south").await.unwrap(),
        ];
        let [north, child, south] = [0, 1, 2].map(|place: usize| made[place]);
        for (scope, expected) in [
            (DataScope::All, vec![north, child, south]),
            (DataScope::Custom, vec![child, south]),
            (DataScope::Department, vec![north]),
            (DataScope::DepartmentAndBelow, vec![north, child]),
            (DataScope::Own, vec![]),
        ] {
            let mut input = input(scope.as_str(), &[QueueRead, QueueWrite], scope);
            input.departments = Some(vec![world.south, below]);
            let role = create(platform, &world.admin, input).await.unwrap();
            user(world, scope.as_str(), world.north, Some(role)).await;
            let caller = caller(world, scope.as_str()).await;
            let page = queues::list(platform, &caller, &all()).await.unwrap();
            assert_eq!(page.rows.iter().map(|row| row.id).collect::<Vec<_>>(), expected, "{scope}");
            for id in made {
                assert_eq!(queues::query(platform, &caller, id).await.is_ok(), expected.contains(&id), "{scope} {id}");
            }
        }
        let own = caller(world, "self").await;
        let mine = queue(&own, world.north, "mine").await.unwrap();
        assert_eq!(queues::list(platform, &own, &all()).await.unwrap().rows[0].id, mine);
        queues::query(platform, &own, mine).await.unwrap();
        assert_not_found(queue(&own, below, "x").await, "a queue in another department than one's own");
        let custom = caller(world, "custom").await;
        assert_not_found(queue(&custom, world.north, "x").await, "a queue in a department that is not listed");
        queue(&custom, world.south, "x").await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_what_they_do_not_hold() {
    use Permission::{EmployeeWrite, QueueRead, RobotRead, RoleRead, RoleWrite};
    on_both(async |world| {
        let platform = &world.platform;
        let held = [RoleRead, RoleWrite, EmployeeWrite, QueueRead];
        let chief = with_permissions(world.north, held.into_iter().collect());
        let try_to = async |input| create(platform, &chief, input).await;
        let small = try_to(input("small", &[QueueRead], DataScope::DepartmentAndBelow)).await.unwrap();
        assert_forbidden(try_to(input("r", &[QueueRead, RobotRead], DataScope::Own)).await, "robot:read");
        assert_forbidden(try_to(input("r", &[QueueRead], DataScope::All)).await, "data scope");
        let elsewhere =
            RoleInput { departments: Some(vec![world.south]), ..input("r", &[QueueRead], DataScope::Custom) };
        assert_not_found(try_to(elsewhere).await, "a role over another's department");

        let robots = role(world, "robots", &[RobotRead], DataScope::Department).await;
        let wide = role(world, "wide", &[QueueRead], DataScope::All).await;
        let zhang = user(world, "zhang", world.north, Some(small)).await;
        assert_forbidden(assign(platform, &chief, zhang, robots).await, "robot:read");
        assert_forbidden(assign(platform, &chief, zhang, wide).await, "data scope");
        assert_forbidden(assign(platform, &chief, zhang, 1).await, "department:read");
        assert_not_found(assign(platform, &chief, 1, small).await, "the administrator of another department");
        let boss = user(world, "boss", world.north, Some(robots)).await;
        assert_forbidden(assign(platform, &chief, boss, small).await, "robot:read");
        let change = || RoleInput { remark: Some("x".into()), ..RoleInput::default() };
        assert_forbidden(update(platform, &chief, robots, change()).await, "robot:read");
        assert_forbidden(delete(platform, &chief, wide).await, "data scope");
        let more = RoleInput { permissions: Some(vec!["robot:read".into()]), ..RoleInput::default() };
        assert_forbidden(update(platform, &chief, small, more).await, "robot:read");
        update(platform, &chief, small, change()).await.unwrap();
        user(world, "far", world.south, Some(small)).await;
        assert_forbidden(update(platform, &chief, small, change()).await, "data scope");
        let new = employees::NewEmployee {
            name: "x".into(),
            username: "x".into(),
            password: Secret::new(PASSWORD.into()),
            department_id: world.north,
            email: None,
            mobile: None,
            role_id: None,
            remark: None,
        };
        assert_forbidden(employees::create(platform, &chief, new).await, "department:read");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_sees_only_their_own_gives_no_more_than_that() {
    use Permission::{QueueRead, RoleWrite};
    on_both(async |world| {
        let role = role(world, "own", &[QueueRead, RoleWrite], DataScope::Own).await;
        let id = user(world, "zhang", world.north, Some(role)).await;
        let zhang = caller(world, "zhang").await;
        for scope in [DataScope::All, DataScope::Department, DataScope::DepartmentAndBelow] {
            assert_forbidden(create(&world.platform, &zhang, input("x", &[QueueRead], scope)).await, "data scope");
        }
        let home = RoleInput { departments: Some(vec![world.north]), ..input("x", &[QueueRead], DataScope::Custom) };
        let home = create(&world.platform, &zhang, home).await.unwrap();
        assert_forbidden(assign(&world.platform, &zhang, id, home).await, "data scope");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_role_is_in_force_at_once_and_elsewhere_within_a_second() {
    use Permission::{QueueRead, RobotRead};
    on_both(async |world| {
        let (here, there) = (&world.platform, world.another().await);
        let role = role(world, "r", &[QueueRead], DataScope::All).await;
        user(world, "zhang", world.north, Some(role)).await;
        let token = token(world, "zhang").await;
        for platform in [here, &there] {
            accounts::authenticate(platform, &token, None).await.unwrap().need(QueueRead).unwrap();
        }
        let change = RoleInput { name: None, ..input("", &[RobotRead], DataScope::Department) };
        update(here, &world.admin, role, change).await.unwrap();
        let seen = accounts::authenticate(here, &token, None).await.unwrap();
        assert!(seen.need(QueueRead).is_err() && seen.need(RobotRead).is_ok() && !seen.scope().covers(world.south));
        world.clock.advance(1000);
        let seen = accounts::authenticate(&there, &token, None).await.unwrap();
        assert!(seen.need(QueueRead).is_err() && seen.need(RobotRead).is_ok() && !seen.scope().covers(world.south));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_role_takes_the_tokens_back() {
    on_both(async |world| {
        let (here, there) = (&world.platform, world.another().await);
        let role = role(world, "r", &[Permission::QueueRead], DataScope::All).await;
        let id = user(world, "zhang", world.north, None).await;
        let before = token(world, "zhang").await;
        accounts::authenticate(&there, &before, None).await.unwrap();
        assign(here, &world.admin, id, role).await.unwrap();
        assert!(matches!(accounts::authenticate(here, &before, None).await, Err(Error::Unauthenticated)), "at once");
        world.clock.advance(1000);
        assert!(matches!(accounts::authenticate(&there, &before, None).await, Err(Error::Unauthenticated)));
        let caller = caller(world, "zhang").await;
        assert_eq!(caller.permissions().iter().collect::<Vec<_>>(), [Permission::QueueRead]);
        assert_eq!(employees::query(here, &world.admin, id).await.unwrap().role_id, role);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_stays() {
    on_both(async |world| {
        let role = role(world, "r", &[Permission::QueueRead], DataScope::All).await;
        let last = assign(&world.platform, &world.admin, 1, role).await;
        assert!(matches!(&last, Err(Error::Conflict(text)) if text.contains("last administrator")), "{last:?}");
        let second = user(world, "second", world.root, Some(1)).await;
        let both =
            [assign(&world.platform, &world.admin, 1, role), assign(&world.platform, &world.admin, second, role)];
        let outcomes = futures_util::future::join_all(both).await;
        assert_eq!(outcomes.iter().filter(|it| it.is_ok()).count(), 1, "of two at once one stays: {outcomes:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_kept_like_other_things() {
    on_both(async |world| {
        let (platform, admin) = (&world.platform, &world.admin);
        let words = [Permission::TaskRead, Permission::QueueRead];
        let id = role(world, "checker", &words, DataScope::Department).await;
        let row = query(platform, admin, id).await.unwrap();
        assert_eq!((row.permissions.as_str(), row.data_scope.as_str()), ("task:read queue:read", "department"));
        let again = create(platform, admin, input("checker", &words, DataScope::All)).await;
        assert!(matches!(again, Err(Error::AlreadyExists { .. })), "{again:?}");
        let unknown = RoleInput { permissions: Some(vec!["robot:dance".into()]), ..RoleInput::default() };
        assert!(matches!(update(platform, admin, id, unknown).await, Err(Error::Invalid { .. })));
        let nowhere = input("c", &words, DataScope::Custom);
        assert!(
            matches!(create(platform, admin, nowhere).await, Err(Error::Invalid { field, .. }) if field == "depIds")
        );
        let holder = user(world, "zhang", world.north, Some(id)).await;
        assert!(matches!(delete(platform, admin, id).await, Err(Error::Conflict(_))), "it is held");
        assign(platform, admin, holder, 2).await.unwrap();
        delete(platform, admin, id).await.unwrap();
        assert!(query(platform, admin, id).await.unwrap().deleted_at.is_some());
        assert_not_found(assign(platform, admin, holder, id).await, "a deleted role");
        assert_not_found(update(platform, admin, id, RoleInput::default()).await, "a deleted role");
        assert_eq!(list(platform, admin, &all()).await.unwrap().total, 2);
        let built_in = update(platform, admin, 2, input("x", &words, DataScope::All)).await;
        assert!(matches!(built_in, Err(Error::Conflict(_))), "{built_in:?}");
        let rows = audits::of_object(&platform.store, "role", id).await.unwrap();
        assert_eq!(rows.len(), 2, "{rows:?}");
    })
    .await;
}

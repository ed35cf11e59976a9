//! What an application may, and when its secrets and tokens end.

use baigong_model::{Error, Permission, Secret, ids::ApplicationId};

use super::*;
use crate::{
    accounts, employees,
    testing::{PASSWORD, World, all, assert_not_found, on_both, with_permissions},
};

async fn made(world: &World, name: &str) -> (ApplicationId, NewSecret) {
    let new = NewApplication { department_id: None, name: name.into(), description: Some("test".into()) };
    create(&world.platform, &world.admin, new).await.unwrap()
}

async fn token(world: &World, key: &NewSecret) -> baigong_model::Result<String> {
    let signed_in = sign_in(&world.platform, &key.access_key_id, &key.secret, None).await?;
    Ok(signed_in.token.expose().clone())
}

async fn caller(world: &World, key: &NewSecret) -> baigong_model::Result<Caller> {
    accounts::authenticate(&world.platform, &token(world, key).await?, None).await
}

fn only(permissions: &[&str], departments: Option<Vec<i64>>) -> Scopes {
    Scopes { permissions: permissions.iter().map(|it| (*it).to_owned()).collect(), departments }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_pair_gives_a_token_that_acts_for_the_owner() {
    on_both(async |world| {
        let (id, key) = made(world, "orders").await;
        let caller = caller(world, &key).await.unwrap();
        assert_eq!((caller.user_id, caller.application_id, &*caller.username), (Some(1), Some(id), "admin (orders)"));
        assert_eq!(caller.permissions(), world.admin.permissions());
        let wrong = Secret::new("wrong".to_owned());
        for (name, secret) in [(key.access_key_id.as_str(), &wrong), ("nobody", &key.secret), ("", &wrong)] {
            let refused = sign_in(&world.platform, name, secret, None).await;
            assert!(matches!(refused, Err(Error::Unauthenticated)), "{refused:?}");
        }
        let shown = query(&world.platform, &world.admin, id).await.unwrap();
        assert_eq!((shown.owner_id, shown.secret_hash.as_str(), shown.old_secret_hash), (1, "", None));
        assert_eq!(list(&world.platform, &world.admin, &all()).await.unwrap().total, 1);
        assert_not_found(query(&world.platform, &world.norths, id).await, "query from another department");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_may_what_both_may_from_the_next_call_on() {
    on_both(async |world| {
        let (id, key) = made(world, "orders").await;
        let token = token(world, &key).await.unwrap();
        let now = async || accounts::authenticate(&world.platform, &token, None).await.unwrap();
        assert!(now().await.need(Permission::AuditRead).is_ok());
        let narrow = only(&["task:run", "task:read"], Some(vec![world.north]));
        set_scopes(&world.platform, &world.admin, id, narrow).await.unwrap();
        let narrowed = now().await;
        assert!(narrowed.need(Permission::TaskRun).is_ok() && narrowed.need(Permission::AuditRead).is_err());
        assert!(narrowed.scope().covers(world.north) && !narrowed.scope().covers(world.south));
        for scopes in [only(&["*"], None), only(&["task:run"], None), only(&["audit:read"], Some(vec![world.north]))] {
            let refused = set_scopes(&world.platform, &world.norths, id, scopes).await;
            assert_not_found(refused, "scopes of another department's application");
        }
        let unknown = set_scopes(&world.platform, &world.admin, id, only(&["task:fly"], None)).await;
        assert!(matches!(unknown, Err(Error::Invalid { .. })), "{unknown:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hands_over_more_than_they_hold() {
    on_both(async |world| {
        let new = NewApplication { department_id: Some(world.north), name: "of admin".into(), description: None };
        let (id, _) = create(&world.platform, &world.admin, new).await.unwrap();
        let few = [Permission::ApplicationWrite, Permission::ApplicationRead, Permission::TaskRead];
        let clerk = with_permissions(world.north, few.into_iter().collect());
        set_scopes(&world.platform, &clerk, id, only(&["task:read"], Some(vec![world.north]))).await.unwrap();
        let more = [
            only(&["task:run"], Some(vec![world.north])),
            only(&["*"], Some(vec![world.north])),
            only(&["task:read"], None),
        ];
        for scopes in more {
            let refused = set_scopes(&world.platform, &clerk, id, scopes.clone()).await;
            assert!(matches!(refused, Err(Error::Forbidden(_))), "{scopes:?}: {refused:?}");
        }
        let beyond = set_scopes(&world.platform, &clerk, id, only(&["task:read"], Some(vec![world.south]))).await;
        assert_not_found(beyond, "a department that the caller does not see");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_makes_no_applications_and_gets_no_other_secrets() {
    on_both(async |world| {
        let (id, key) = made(world, "orders").await;
        let caller = caller(world, &key).await.unwrap();
        let platform = &world.platform;
        let another = NewApplication { name: "another".into(), ..NewApplication::default() };
        assert!(matches!(create(platform, &caller, another).await, Err(Error::Forbidden(_))));
        assert!(matches!(rotate(platform, &caller, id, None).await, Err(Error::Forbidden(_))));
        assert!(matches!(set_scopes(platform, &caller, id, only(&["*"], None)).await, Err(Error::Forbidden(_))));
        assert!(matches!(set_addresses(platform, &caller, id, (vec![], vec![])).await, Err(Error::Forbidden(_))));
        assert!(matches!(crate::open_api_tokens::of_caller(platform, &caller, false).await, Err(Error::Forbidden(_))));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_ends_the_old_secret_at_once_or_after_its_grace() {
    on_both(async |world| {
        let (id, first) = made(world, "orders").await;
        let before = token(world, &first).await.unwrap();
        let second = rotate(&world.platform, &world.admin, id, None).await.unwrap();
        assert_eq!(second.access_key_id, first.access_key_id, "what refers to it goes on");
        assert!(accounts::authenticate(&world.platform, &before, None).await.is_err());
        assert!(token(world, &first).await.is_err());
        let third = rotate(&world.platform, &world.admin, id, Some(3600)).await.unwrap();
        assert!(token(world, &second).await.is_ok() && token(world, &third).await.is_ok());
        world.clock.advance(3_600_000);
        assert!(token(world, &second).await.is_err() && token(world, &third).await.is_ok());
        let long = rotate(&world.platform, &world.admin, id, Some(7 * 86_400 + 1)).await;
        assert!(matches!(long, Err(Error::Invalid { .. })), "{long:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_rotates_becomes_the_owner_and_bounds_it() {
    on_both(async |world| {
        let new = NewApplication { department_id: Some(world.north), name: "of admin".into(), description: None };
        let (id, _) = create(&world.platform, &world.admin, new).await.unwrap();
        let role = crate::roles::RoleInput {
            name: Some("clerk".into()),
            permissions: Some(vec!["application:write".into(), "application:read".into()]),
            data_scope: Some("department".into()),
            ..Default::default()
        };
        let role = crate::roles::create(&world.platform, &world.admin, role).await.unwrap();
        let clerk = employees::NewEmployee {
            name: "王五".into(),
            username: "wang".into(),
            password: Secret::new(PASSWORD.into()),
            department_id: world.north,
            email: None,
            mobile: None,
            role_id: Some(role),
            remark: None,
        };
        let clerk = employees::create(&world.platform, &world.admin, clerk).await.unwrap();
        let wang = accounts::caller_of(&world.platform, clerk).await.unwrap();
        let key = rotate(&world.platform, &wang, id, None).await.unwrap();
        let acting = caller(world, &key).await.unwrap();
        assert_eq!(acting.user_id, Some(clerk));
        assert!(acting.need(Permission::TaskRun).is_err() && !acting.scope().covers(world.south));
        employees::delete(&world.platform, &world.admin, clerk).await.unwrap();
        world.clock.advance(1000);
        assert!(token(world, &key).await.is_err(), "an application does not outlive its owner");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_comes_from_where_it_may_only() {
    on_both(async |world| {
        let (id, key) = made(world, "orders").await;
        let from = |text: &str| Some(text.parse().unwrap());
        let token = token(world, &key).await.unwrap();
        let lists = (vec!["10.0.0.0/8".to_owned()], vec!["10.9.0.0/16".to_owned()]);
        set_addresses(&world.platform, &world.admin, id, lists).await.unwrap();
        let allowed = accounts::authenticate(&world.platform, &token, from("10.1.2.3")).await.unwrap();
        assert_eq!(allowed.address.as_deref(), Some("10.1.2.3"));
        for address in [from("10.9.2.3"), from("192.0.2.1"), None] {
            let refused = accounts::authenticate(&world.platform, &token, address).await;
            assert!(matches!(refused, Err(Error::Forbidden(_))), "{address:?}: {refused:?}");
            let refused = sign_in(&world.platform, &key.access_key_id, &key.secret, address).await;
            assert!(matches!(refused, Err(Error::Forbidden(_))), "{address:?}: {refused:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_application_is_good_for_nothing_and_frees_its_name() {
    on_both(async |world| {
        let (id, key) = made(world, "orders").await;
        let token_before = token(world, &key).await.unwrap();
        let taken = NewApplication { name: "orders".into(), ..NewApplication::default() };
        assert!(matches!(create(&world.platform, &world.admin, taken).await, Err(Error::AlreadyExists { .. })));
        delete(&world.platform, &world.admin, id).await.unwrap();
        assert!(accounts::authenticate(&world.platform, &token_before, None).await.is_err());
        assert!(token(world, &key).await.is_err());
        assert!(query(&world.platform, &world.admin, id).await.unwrap().deleted_at.is_some());
        made(world, "orders").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lists_robots_and_shows_those_that_the_caller_sees() {
    on_both(async |world| {
        let (id, _) = made(world, "orders").await;
        let (north, south) = (world.robot(world.north, "n").await.id, world.robot(world.south, "s").await.id);
        set_robots(&world.platform, &world.admin, id, vec![south, north, north]).await.unwrap();
        let listed = async |caller: &Caller| {
            let robots = robots(&world.platform, caller, &[id]).await.unwrap().remove(&id).unwrap_or_default();
            robots.into_iter().map(|robot| robot.id).collect::<Vec<_>>()
        };
        assert_eq!(listed(&world.admin).await, [north, south]);
        assert_eq!(listed(&world.norths).await, [north]);
        let missing = set_robots(&world.platform, &world.admin, id, vec![north, 999]).await;
        assert_not_found(missing, "a robot that is not there");
        let scenes = crate::robot_scenes::of(&world.platform, &[north, south]).await.unwrap();
        assert!(scenes[&north].len() == 1 && scenes[&north][0].is_default, "every robot has a default scene");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_pair_is_good_only_with_a_token_of_its_application_or_of_one_of_its_users() {
    use crate::application_access as access;

    on_both(async |world| {
        let (platform, admin) = (&world.platform, &world.admin);
        let new = |name: &str| NewApplication { name: name.into(), ..Default::default() };
        let (id, pair) = create(platform, admin, new("portal")).await.unwrap();
        let (_, other) = create(platform, admin, new("other")).await.unwrap();
        let employee = employees::NewEmployee {
            name: "Li".into(),
            username: "li".into(),
            password: Secret::new("initial-Passw0rd".into()),
            department_id: world.north,
            email: None,
            mobile: None,
            role_id: None,
            remark: None,
        };
        let li = employees::create(platform, admin, employee).await.unwrap();
        let with = async |pair: &NewSecret, token: &Secret<String>| {
            acting(platform, &pair.access_key_id, &pair.secret, token.expose(), None).await
        };
        let own = sign_in(platform, &pair.access_key_id, &pair.secret, None).await.unwrap().token;
        assert_eq!(with(&pair, &own).await.unwrap().application_id, Some(id));
        assert!(matches!(with(&other, &own).await, Err(Error::Forbidden(_))), "another application's token");
        let wrong = NewSecret { secret: Secret::new("wrong".into()), ..pair.clone() };
        assert!(matches!(with(&wrong, &own).await, Err(Error::WrongPassword)));
        assert!(matches!(with(&pair, &Secret::new("wrong".into())).await, Err(Error::Unauthenticated)));
        let lis = accounts::sign_in(platform, "li", &Secret::new("initial-Passw0rd".into()), None).await.unwrap().token;
        assert!(matches!(with(&pair, &lis).await, Err(Error::Forbidden(_))), "not one of its users");
        let through = with(&pair, &own).await.unwrap();
        let clerk = access::NewRole { name: "clerk".into(), key: "clerk".into(), position: None };
        let role_id = access::create_roles(platform, &through, vec![clerk]).await.unwrap()[0];
        let given = access::Authorization { role_id, user_id: li, department_id: world.north };
        access::authorize(platform, &through, vec![given]).await.unwrap();
        let caller = with(&pair, &lis).await.unwrap();
        assert_eq!((caller.application_id, caller.user_id), (Some(id), Some(li)));
        assert!(!caller.permissions().has(Permission::ApplicationWrite) && !caller.scope().covers(world.south));
        let scopes = Scopes { permissions: vec!["robot:read".into()], departments: None };
        set_scopes(platform, admin, id, scopes).await.unwrap();
        let caller = with(&pair, &lis).await.unwrap();
        assert!(caller.permissions().has(Permission::RobotRead) && !caller.permissions().has(Permission::TaskRead));
    })
    .await;
}

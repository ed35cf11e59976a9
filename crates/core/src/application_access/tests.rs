//! What an application sees and changes ends with the rights of who made it.

use baigong_model::{DataScope, Error, Page, PermissionSet};
use baigong_store::Scope;

use super::*;
use crate::{
    applications,
    employees::{self, NewEmployee},
    lists::ListInput,
    testing::{World, on_both},
};

/// An application of the administrator's, and they themselves through it.
async fn application(world: &World, name: &str) -> Caller {
    let new = applications::NewApplication { name: name.into(), ..Default::default() };
    let (id, _) = applications::create(&world.platform, &world.admin, new).await.unwrap();
    world.admin.clone().through(id, name)
}

async fn user(world: &World, department_id: i64, username: &str) -> i64 {
    let new = NewEmployee {
        name: username.into(),
        username: username.into(),
        password: baigong_model::Secret::new("initial-Passw0rd".into()),
        department_id,
        email: None,
        mobile: None,
        role_id: None,
        remark: None,
    };
    employees::create(&world.platform, &world.admin, new).await.unwrap()
}

fn menu(parent_id: i64, name: &str, permission: &str) -> MenuInput {
    MenuInput {
        parent_id: Some(parent_id),
        name: Some(name.into()),
        kind: Some("C".into()),
        route_key: Some(name.into()),
        permission: Some(permission.into()),
        ..MenuInput::default()
    }
}

fn role(key: &str) -> NewRole {
    NewRole { name: key.into(), key: key.into(), position: None }
}

fn all() -> ListInput {
    ListInput::all(Page::new(None, None).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_what_the_menus_of_their_roles_ask_for_where_they_have_them() {
    on_both(async |world| {
        let platform = &world.platform;
        let portal = application(world, "portal").await;
        let li = user(world, world.north, "li").await;
        let top = create_menus(platform, &portal, vec![menu(0, "top", "")]).await.unwrap()[0];
        let two = vec![menu(top, "orders", "orders:see"), menu(top, "funds", "funds:see")];
        let pages = create_menus(platform, &portal, two).await.unwrap();
        let roles = create_roles(platform, &portal, vec![role("clerk"), role("head")]).await.unwrap();
        set_menus(platform, &portal, vec![(roles[0], pages[0]), (roles[1], pages[0]), (roles[1], pages[1])])
            .await
            .unwrap();
        assert_eq!(super::role(platform, &portal, roles[1]).await.unwrap().permissions, ["orders:see", "funds:see"]);
        set_data_scope(platform, &portal, roles[0], (DataScope::Custom, vec![world.south])).await.unwrap();
        set_data_scope(platform, &portal, roles[1], (DataScope::DepartmentAndBelow, vec![])).await.unwrap();
        let given = |role_id, department_id| Authorization { role_id, user_id: li, department_id };
        let both = vec![given(roles[0], world.north), given(roles[1], world.north)];
        authorize(platform, &portal, both.clone()).await.unwrap();
        authorize(platform, &portal, both.clone()).await.unwrap();
        let (shown, held) = held(platform, &portal, "li").await.unwrap();
        assert_eq!((shown.id, held.len()), (li, 2));
        assert_eq!((held[0].departments.as_slice(), held[0].permissions.len()), ([world.south].as_slice(), 1));
        assert_eq!((held[1].departments.as_slice(), held[1].permissions.len()), ([world.north].as_slice(), 2));
        let open: Vec<_> = open_menus(platform, &portal, "li").await.unwrap().into_iter().map(|it| it.id).collect();
        assert_eq!(open, pages);
        assert!(has_role(platform, &portal, "li", "head").await.unwrap());
        assert_eq!(users(platform, &portal, &all()).await.unwrap().total, 1);
        assert_eq!(departments(platform, &portal, &all()).await.unwrap().rows[0].id, world.north);
        assert!(matches!(delete_roles(platform, &portal, vec![roles[1]]).await, Err(Error::Conflict(_))), "li has it");
        set_menus(platform, &portal, vec![(roles[1], pages[1])]).await.unwrap();
        assert_eq!(super::role(platform, &portal, roles[1]).await.unwrap().permissions, ["funds:see"], "exactly these");
        withdraw(platform, &portal, vec![both[1]]).await.unwrap();
        assert!(!has_role(platform, &portal, "li", "head").await.unwrap());
        assert!(matches!(withdraw(platform, &portal, vec![both[1]]).await, Err(Error::NotFound { .. })));
        delete_roles(platform, &portal, vec![roles[1]]).await.unwrap();
        assert!(matches!(has_role(platform, &portal, "li", "head").await, Err(Error::NotFound { .. })));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_changed_whole_or_not_at_all() {
    on_both(async |world| {
        let platform = &world.platform;
        let portal = application(world, "portal").await;
        let top = create_menus(platform, &portal, vec![menu(0, "top", "a")]).await.unwrap()[0];
        let twice = vec![menu(0, "x", ""), menu(0, "x", "")];
        assert!(matches!(create_menus(platform, &portal, twice).await, Err(Error::AlreadyExists { .. })));
        assert!(create_menus(platform, &portal, vec![menu(0, "x", ""), menu(999_999, "y", "")]).await.is_err());
        let below = create_menus(platform, &portal, vec![menu(top, "below", "b")]).await.unwrap()[0];
        assert_eq!(menus(platform, &portal).await.unwrap().len(), 2);
        let renamed = MenuInput { name: Some("new".into()), ..MenuInput::default() };
        assert!(update_menus(platform, &portal, vec![(top, renamed.clone()), (999_999, renamed)]).await.is_err());
        let ring = MenuInput { parent_id: Some(below), ..MenuInput::default() };
        assert!(matches!(update_menus(platform, &portal, vec![(top, ring)]).await, Err(Error::Conflict(_))));
        assert_eq!(menus(platform, &portal).await.unwrap()[0].name, "top");
        assert!(matches!(delete_menus(platform, &portal, vec![top]).await, Err(Error::Conflict(_))), "below stays");
        assert!(delete_menus(platform, &portal, vec![below, 999_999]).await.is_err());
        let clerk = create_roles(platform, &portal, vec![role("clerk")]).await.unwrap()[0];
        assert!(create_roles(platform, &portal, vec![role("head"), role("clerk")]).await.is_err());
        assert!(set_menus(platform, &portal, vec![(clerk, top), (clerk, 999_999)]).await.is_err());
        assert_eq!(super::role(platform, &portal, clerk).await.unwrap().permissions.len(), 0);
        assert!(delete_roles(platform, &portal, vec![clerk, 999_999]).await.is_err());
        assert_eq!(roles(platform, &portal, &all()).await.unwrap().total, 1);
        let li = user(world, world.north, "li").await;
        let given = |user_id| Authorization { role_id: clerk, user_id, department_id: world.north };
        assert!(authorize(platform, &portal, vec![given(li), given(999_999)]).await.is_err());
        assert_eq!(users(platform, &portal, &all()).await.unwrap().total, 0);
        set_menus(platform, &portal, vec![(clerk, top), (clerk, below)]).await.unwrap();
        delete_menu_tree(platform, &portal, top).await.unwrap();
        assert_eq!(menus(platform, &portal).await.unwrap().len(), 0);
        assert_eq!(super::role(platform, &portal, clerk).await.unwrap().permissions.len(), 0, "the links went too");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_application_keeps_is_nothing_to_another() {
    on_both(async |world| {
        let platform = &world.platform;
        let (portal, other) = (application(world, "portal").await, application(world, "other").await);
        let top = create_menus(platform, &portal, vec![menu(0, "top", "a")]).await.unwrap()[0];
        let clerk = create_roles(platform, &portal, vec![role("clerk")]).await.unwrap()[0];
        create_roles(platform, &other, vec![role("clerk")]).await.unwrap();
        create_menus(platform, &other, vec![menu(0, "top", "a")]).await.unwrap();
        let missing = |error: Error| assert!(matches!(error, Error::NotFound { .. }), "{error}");
        missing(super::role(platform, &other, clerk).await.unwrap_err());
        missing(update_role(platform, &other, clerk, RoleChange::default()).await.unwrap_err());
        missing(delete_roles(platform, &other, vec![clerk]).await.unwrap_err());
        missing(delete_menus(platform, &other, vec![top]).await.unwrap_err());
        missing(delete_menu_tree(platform, &other, top).await.unwrap_err());
        missing(update_menus(platform, &other, vec![(top, MenuInput::default())]).await.unwrap_err());
        missing(create_menus(platform, &other, vec![menu(top, "below", "")]).await.unwrap_err());
        missing(set_menus(platform, &portal, vec![(clerk, top + 1_000_000)]).await.unwrap_err());
        missing(set_menus(platform, &other, vec![(clerk, top)]).await.unwrap_err());
        let li = user(world, world.north, "li").await;
        let given = Authorization { role_id: clerk, user_id: li, department_id: world.north };
        missing(authorize(platform, &other, vec![given]).await.unwrap_err());
        authorize(platform, &portal, vec![given]).await.unwrap();
        missing(withdraw(platform, &other, vec![given]).await.unwrap_err());
        assert_eq!(held(platform, &other, "li").await.unwrap().1.len(), 0);
        assert_eq!(users(platform, &other, &all()).await.unwrap().total, 0);
        let souths = Caller::user(7, "south".into(), PermissionSet::all(), Scope::All.within([world.south].into()))
            .through(portal.application_id.unwrap(), "portal");
        missing(held(platform, &souths, "li").await.unwrap_err());
        missing(authorize(platform, &souths, vec![given]).await.unwrap_err());
        missing(withdraw(platform, &souths, vec![given]).await.unwrap_err());
        let wide = (DataScope::Custom, vec![world.north]);
        missing(set_data_scope(platform, &souths, clerk, wide).await.unwrap_err());
        assert_eq!(users(platform, &souths, &all()).await.unwrap().total, 0);
        assert!(matches!(menus(platform, &world.admin).await, Err(Error::Forbidden(_))), "through no application");
        let reads = Caller::user(7, "reads".into(), [Permission::AccessRead].into_iter().collect(), Scope::All)
            .through(portal.application_id.unwrap(), "portal");
        assert!(menus(platform, &reads).await.is_ok());
        assert!(matches!(create_menus(platform, &reads, vec![menu(0, "x", "")]).await, Err(Error::Forbidden(_))));
    })
    .await;
}

//! Messages reach whom they are for, through channels that are configured, and only those.

use baigong_model::{Error, Page, PermissionSet, Secret};
use baigong_store::Scope;

use super::*;
use crate::{
    Caller, application_access as access, applications, employees,
    employees::NewEmployee,
    notices,
    smtp::Smtp,
    testing::{START, World, on_both},
    warn_channels::{self, ChannelChange, NewChannel, Way},
};

async fn portal(world: &World) -> Caller {
    let new = applications::NewApplication { name: "portal".into(), ..Default::default() };
    let (id, _) = applications::create(&world.platform, &world.admin, new).await.unwrap();
    world.admin.clone().through(id, "portal")
}

async fn user(world: &World, department_id: i64, username: &str) -> i64 {
    let new = NewEmployee {
        name: username.into(),
        username: username.into(),
        password: Secret::new("initial-Passw0rd".into()),
        department_id,
        email: Some(format!("{username}@example.com")),
        mobile: Some("13800000000".into()),
        role_id: None,
        remark: None,
    };
    employees::create(&world.platform, &world.admin, new).await.unwrap()
}

async fn channel_of(world: &World, name: &str, warn_type: i64) -> i64 {
    let text = |text: &str| Some(text.to_owned());
    let change = match warn_type {
        0 => ChannelChange {
            host: text("mail.example.com"),
            port: Some(465),
            security: text("tls"),
            from: text("rpa@example.com"),
            to: Some(vec!["always@example.com".into()]),
            ..ChannelChange::default()
        },
        _ => ChannelChange { url: Some(Secret::new("https://gateway.example.com/send".into())), ..Default::default() },
    };
    let change = ChannelChange { name: text(name), ..change };
    let new = NewChannel { department_id: world.root, warn_type, format: None, change };
    warn_channels::create(&world.platform, &world.admin, new).await.unwrap()
}

fn mail(to: &str) -> Mail {
    Mail { to: vec![to.into()], subject: "标题".into(), content: "正文-Canary".into() }
}

fn notice(users: Vec<i64>) -> NewMessage {
    NewMessage {
        username: "admin".into(),
        title: "测试标题".into(),
        content: "内容".into(),
        valid_from: START,
        valid_until: START + 1000,
        users,
        ..NewMessage::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_stored_sealed_and_goes_to_its_receivers_only() {
    on_both(async |world| {
        let (platform, portal) = (&world.platform, portal(world).await);
        let refused = send_mails(platform, &portal, vec![mail("a@b.cn")]).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "no channel: {refused:?}");
        assert_eq!(notices::due(platform).await.unwrap().len(), 0);
        channel_of(world, "post", 0).await;
        let wrong = send_mails(platform, &portal, vec![mail("a@b.cn"), mail("nobody")]).await;
        assert!(matches!(wrong, Err(Error::Invalid { .. })));
        assert_eq!(notices::due(platform).await.unwrap().len(), 0, "all or nothing");
        send_mails(platform, &portal, vec![mail("a@b.cn")]).await.unwrap();
        let stored = baigong_store::dump::rows(&platform.store).await.unwrap();
        assert!(!stored.iter().any(|row| row.contains("Canary")), "what is written is for its receivers");
        let due = notices::due(platform).await.unwrap();
        assert_eq!((due.len(), due[0].message.title.as_str()), (1, "标题"));
        assert_eq!(due[0].message.text, "正文-Canary");
        let Way::Mail(way) = &due[0].way else { panic!("{:?}", due[0].way) };
        assert_eq!((way.to.as_slice(), way.is_own), (["a@b.cn".to_owned()].as_slice(), false));
        let own = world.posting(Smtp::parse("smtp://127.0.0.1:2525", "own@example.com").unwrap()).await;
        send_mails(&own, &portal, vec![mail("c@d.cn")]).await.unwrap();
        let due = notices::due(&own).await.unwrap();
        let Way::Mail(way) = &due[0].way else { panic!("{:?}", due[0].way) };
        assert_eq!((way.to.as_slice(), way.is_own, way.port), (["c@d.cn".to_owned()].as_slice(), true, 2525));
        assert_eq!(channels(&own, &portal).await.unwrap()[0].code, "MC00000");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_is_told_what_it_is_and_for_whom() {
    on_both(async |world| {
        let (platform, portal) = (&world.platform, portal(world).await);
        let text =
            |is_captcha| Text { to: vec!["13000000000".into()], content: Secret::new("123456".into()), is_captcha };
        for refused in
            [send_text(platform, &portal, text(true)).await, call(platform, &portal, "1".into(), "2".into()).await]
        {
            assert!(matches!(refused, Err(Error::Conflict(_))), "no channel: {refused:?}");
        }
        let id = channel_of(world, "sms", 1).await;
        let li = user(world, world.north, "li").await;
        assert!(li > 0);
        send_text(platform, &portal, text(true)).await.unwrap();
        call(platform, &portal, "1001".into(), "1002".into()).await.unwrap();
        let named = (format!("MC{id:05}"), "sms".to_owned());
        let template = async |named: (String, String), users: &[&str]| {
            let users = users.iter().map(|it| (*it).to_owned()).collect();
            send_template(platform, &portal, named, "61".into(), users).await
        };
        template(named.clone(), &["li", ""]).await.unwrap();
        assert!(template(named.clone(), &[""]).await.is_err(), "to nobody");
        assert!(template(named, &["nobody"]).await.is_err());
        assert!(template((format!("MC{id:05}"), "other".into()), &["li"]).await.is_err());
        assert!(template(("MC99999".into(), "sms".into()), &["li"]).await.is_err());
        let due = notices::due(platform).await.unwrap();
        let beside: Vec<_> = due.iter().map(|it| it.beside.clone().unwrap()).collect();
        assert_eq!((&beside[0]["use"], &beside[0]["recipients"][0]), (&"captcha".into(), &"13000000000".into()));
        assert_eq!(due[0].message.text, "123456");
        assert_eq!((&beside[1]["use"], &beside[1]["from"]), (&"call".into(), &"1001".into()));
        assert_eq!((&beside[2]["templateId"], &beside[2]["recipients"][0]), (&"61".into(), &"13800000000".into()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_shown_to_those_it_is_for_while_it_is_valid() {
    on_both(async |world| {
        let (platform, portal) = (&world.platform, portal(world).await);
        let (li, wang) = (user(world, world.north, "li").await, user(world, world.south, "wang").await);
        let shown = async |user: i64| {
            let caller = Caller::user(user, "x".into(), PermissionSet::default(), Scope::All);
            super::shown(platform, &caller, Page::new(None, None).unwrap()).await.unwrap().rows
        };
        let to_li = tell(platform, &portal, vec![notice(vec![li])]).await.unwrap()[0];
        assert_eq!(shown(li).await.iter().map(|row| row.id).collect::<Vec<_>>(), [to_li]);
        assert_eq!(shown(wang).await.len(), 0);
        let to_north = NewMessage { departments: vec![world.north], ..notice(vec![]) };
        let role = access::NewRole { name: "clerk".into(), key: "clerk".into(), position: None };
        let role_id = access::create_roles(platform, &portal, vec![role]).await.unwrap()[0];
        let given = access::Authorization { role_id, user_id: wang, department_id: world.south };
        access::authorize(platform, &portal, vec![given]).await.unwrap();
        let to_clerks = NewMessage { roles: vec![role_id], ..notice(vec![]) };
        let both = tell(platform, &portal, vec![to_north, to_clerks]).await.unwrap();
        assert_eq!((shown(li).await.len(), shown(wang).await.len()), (2, 1));
        let all = announce(platform, &portal, vec![notice(vec![])]).await.unwrap()[0];
        assert_eq!((shown(li).await.len(), shown(wang).await.len()), (2, 2), "wang has a role in the application");
        for (wrong, why) in [
            (notice(vec![]), "for nobody"),
            (notice(vec![li, 999_999]), "an unknown user"),
            (NewMessage { roles: vec![999_999], ..notice(vec![]) }, "an unknown role"),
            (NewMessage { departments: vec![999_999], ..notice(vec![]) }, "an unknown department"),
            (NewMessage { channels: vec!["MC00099".into()], ..notice(vec![li]) }, "an unknown channel"),
            (NewMessage { valid_until: START, ..notice(vec![li]) }, "never valid"),
            (NewMessage { username: "nobody".into(), ..notice(vec![li]) }, "nobody's"),
        ] {
            assert!(tell(platform, &portal, vec![notice(vec![li]), wrong]).await.is_err(), "{why}");
        }
        assert_eq!(shown(li).await.len(), 2, "all or nothing");
        assert!(take_back(platform, &portal, false, vec![to_li, all]).await.is_err(), "the second is an announcement");
        take_back(platform, &portal, false, vec![to_li]).await.unwrap();
        assert_eq!(shown(li).await.iter().map(|row| row.id).collect::<Vec<_>>(), [both[0]]);
        take_back(platform, &portal, true, vec![all]).await.unwrap();
        assert!(take_back(platform, &portal, true, vec![all]).await.is_err(), "it is gone");
        world.clock.advance(1000);
        assert_eq!((shown(li).await.len(), shown(wang).await.len()), (0, 0), "no longer valid");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_goes_over_the_channels_it_names_to_those_it_is_for() {
    on_both(async |world| {
        let (platform, portal) = (&world.platform, portal(world).await);
        let li = user(world, world.north, "li").await;
        let id = channel_of(world, "post", 0).await;
        let named = NewMessage { channels: vec![format!("MC{id:05}")], ..notice(vec![li]) };
        let told = tell(platform, &portal, vec![named.clone()]).await.unwrap()[0];
        let due = notices::due(platform).await.unwrap();
        assert_eq!((due.len(), due[0].notice.object_id), (1, Some(told)));
        let Way::Mail(way) = &due[0].way else { panic!("{:?}", due[0].way) };
        assert_eq!(way.to, ["li@example.com"]);
        let souths = Caller::user(9, "s".into(), PermissionSet::all(), Scope::All.within([world.south].into()));
        let souths = souths.through(portal.application_id.unwrap(), "portal");
        let hidden = tell(platform, &souths, vec![NewMessage { username: "li".into(), ..named }]).await;
        assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
    })
    .await;
}

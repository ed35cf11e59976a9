//! Warn channels: their secrets, who sees them, what is refused.

use baigong_model::{Permission, Secret};

use super::*;
use crate::testing::{World, all, assert_not_found, on_both, on_one, without};

fn mail(name: &str) -> ChannelChange {
    ChannelChange {
        name: Some(name.into()),
        host: Some("mail.example.com".into()),
        username: Some("rpa".into()),
        key: Some(Secret::new("hunter2-CANARY".into())),
        from: Some("rpa@example.com".into()),
        ..ChannelChange::default()
    }
}

fn new(world: &World, warn_type: i64, change: ChannelChange) -> NewChannel {
    NewChannel { department_id: world.north, warn_type, format: None, change }
}

fn key(platform: &Platform, row: &warn_channel::Model) -> Option<String> {
    match open(platform, row).unwrap() {
        Way::Mail(mail) => mail.password.map(|key| key.expose().clone()),
        Way::Webhook(webhook) => webhook.key.map(|key| key.expose().clone()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_keeps_its_secret_sealed_and_a_change_keeps_what_it_does_not_name() {
    on_both(async |world| {
        let platform = &world.platform;
        let id = create(platform, &world.norths, new(world, 0, mail("运维"))).await.unwrap();
        let shown = query(platform, &world.norths, id).await.unwrap();
        assert!(!format!("{shown:?}").contains("CANARY"));
        assert_eq!(key(platform, &shown.row).as_deref(), Some("hunter2-CANARY"));
        let Settings::Mail(settings) = &shown.settings else { panic!("{shown:?}") };
        assert_eq!((settings.port, settings.security, settings.tells_creator), (587, Security::Starttls, true));
        let stars = || Some(Secret::new("******".into()));
        for key in [None, stars()] {
            // Nobody gets a password by having it sent to a server of their own.
            let elsewhere = ChannelChange { host: Some("other.example.com".into()), key, ..ChannelChange::default() };
            let refused = update(platform, &world.norths, id, elsewhere).await;
            assert!(matches!(&refused, Err(Error::Invalid { field, .. }) if field == "secret"), "{refused:?}");
        }
        let change = ChannelChange { username: Some("other".into()), key: stars(), ..ChannelChange::default() };
        update(platform, &world.norths, id, change).await.unwrap();
        let shown = query(platform, &world.norths, id).await.unwrap();
        assert_eq!(key(platform, &shown.row).as_deref(), Some("hunter2-CANARY"));
        let Settings::Mail(settings) = &shown.settings else { panic!("{shown:?}") };
        assert_eq!((settings.host.as_str(), settings.username.as_deref()), ("mail.example.com", Some("other")));
        let none = ChannelChange { key: Some(Secret::new(String::new())), ..ChannelChange::default() };
        update(platform, &world.norths, id, none).await.unwrap();
        assert_eq!(key(platform, &query(platform, &world.norths, id).await.unwrap().row), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_has_a_key_only_if_it_was_given_one_and_its_address_may_be_sent_back_as_shown() {
    on_both(async |world| {
        let platform = &world.platform;
        let url = |url: &str| Some(Secret::new(url.to_owned()));
        let bare = ChannelChange {
            name: Some("群".into()),
            url: url("https://hook.example.com/a?key=CANARY"),
            ..ChannelChange::default()
        };
        let id = create(platform, &world.norths, new(world, 2, bare)).await.unwrap();
        let shown = async || query(platform, &world.norths, id).await.unwrap();
        assert!(!shown().await.has_key());
        let keyed = ChannelChange {
            key: Some(Secret::new("signs".into())),
            url: url("https://hook.example.com/******"),
            ..ChannelChange::default()
        };
        update(platform, &world.norths, id, keyed).await.unwrap();
        assert!(shown().await.has_key());
        let Way::Webhook(webhook) = open(platform, &shown().await.row).unwrap() else { panic!("it is a webhook") };
        assert_eq!(webhook.url.expose(), "https://hook.example.com/a?key=CANARY", "what is shown leaves it");
        delete(platform, &world.norths, id).await.unwrap();
        assert!(!shown().await.has_key());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_see_no_channel_and_a_deleted_one_keeps_no_secret() {
    on_both(async |world| {
        let platform = &world.platform;
        let id = create(platform, &world.norths, new(world, 0, mail("运维"))).await.unwrap();
        assert_not_found(query(platform, &world.souths, id).await, "query");
        assert_not_found(update(platform, &world.souths, id, ChannelChange::default()).await, "update");
        assert_not_found(delete(platform, &world.souths, id).await, "delete");
        assert_not_found(test(platform, &world.souths, id).await, "test");
        assert_eq!(list(platform, &world.souths, &all()).await.unwrap().total, 0);
        let reader = without(world.north, Permission::WarnWrite);
        assert!(matches!(delete(platform, &reader, id).await, Err(Error::Forbidden(_))));
        let taken = create(platform, &world.norths, new(world, 0, mail("运维"))).await;
        assert!(matches!(taken, Err(Error::AlreadyExists { .. })), "{taken:?}");
        assert!(test(platform, &world.norths, id).await.unwrap() > 0);
        delete(platform, &world.norths, id).await.unwrap();
        let shown = query(platform, &world.norths, id).await.unwrap();
        assert!(shown.row.deleted_at.is_some() && shown.row.sealed.is_none());
        assert!(crate::notices::due(platform).await.unwrap().is_empty(), "its notice is given up");
        assert_not_found(update(platform, &world.norths, id, ChannelChange::default()).await, "update");
        create(platform, &world.norths, new(world, 0, mail("运维"))).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_go_together_is_refused_and_names_its_field() {
    on_one(async |world| {
        let url = |url: &str| ChannelChange {
            name: Some("x".into()),
            url: Some(Secret::new(url.into())),
            ..ChannelChange::default()
        };
        let cases = [
            ("smtpSecurity", 0, ChannelChange { security: Some("none".into()), ..mail("a") }),
            ("smtpHost", 0, ChannelChange { host: Some("a b".into()), ..mail("a") }),
            ("smtpPort", 0, ChannelChange { port: Some(0), ..mail("a") }),
            ("mailFrom", 0, ChannelChange { from: None, ..mail("a") }),
            ("mailFrom", 0, ChannelChange { from: Some("nobody".into()), ..mail("a") }),
            ("mailTo", 0, ChannelChange { to: Some(vec!["nobody".into()]), ..mail("a") }),
            ("warnType", 3, mail("a")),
            ("leastLevel", 0, ChannelChange { least_level: Some(3), ..mail("a") }),
            ("channelName", 2, ChannelChange { name: None, ..url("https://a.example") }),
            ("url", 2, url("ftp://a.example/")),
            ("url", 2, url("https://user:secret@a.example/")),
            ("url", 2, url("")),
        ];
        for (field, warn_type, change) in cases {
            let refused = create(&world.platform, &world.norths, new(world, warn_type, change)).await;
            assert!(
                matches!(&refused, Err(Error::Invalid { field: named, .. }) if named == field),
                "{field}: {refused:?}"
            );
        }
    })
    .await;
}

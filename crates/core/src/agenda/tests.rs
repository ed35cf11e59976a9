//! Agenda entries are reminded of once each, at their time, and seen by their owners only.

use baigong_model::{Error, Page, PermissionSet, Secret};
use baigong_store::Scope;

use super::*;
use crate::{
    applications, employees,
    messages::shown,
    notices,
    smtp::Smtp,
    testing::{START, World, on_both},
    warn_channels::Way,
};

async fn portal(world: &World) -> Caller {
    let new = applications::NewApplication { name: "portal".into(), ..Default::default() };
    let (id, _) = applications::create(&world.platform, &world.admin, new).await.unwrap();
    world.admin.clone().through(id, "portal")
}

async fn li(world: &World) -> Caller {
    let new = employees::NewEmployee {
        name: "Li".into(),
        username: "li".into(),
        password: Secret::new("initial-Passw0rd".into()),
        department_id: world.north,
        email: Some("li@example.com".into()),
        mobile: None,
        role_id: None,
        remark: None,
    };
    let id = employees::create(&world.platform, &world.admin, new).await.unwrap();
    Caller::user(id, "li".into(), PermissionSet::default(), Scope::All)
}

/// The tests begin at 2027-01-15 16:00 in Shanghai.
fn item(ways: &str, time: &str) -> NewItem {
    NewItem {
        username: "li".into(),
        content: "需求会议".into(),
        start_date: "2027-01-15".into(),
        end_date: "2027-01-16".into(),
        is_reminded: true,
        remind_ways: Some(ways.into()),
        remind_time: Some(time.into()),
        time_zone: None,
    }
}

fn page() -> Page {
    Page::new(None, None).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_reminded_once_at_their_time_by_the_ways_asked_for() {
    on_both(async |world| {
        let (portal, li) = (portal(world).await, li(world).await);
        let platform = &world.posting(Smtp::parse("smtp://127.0.0.1", "rpa@example.com").unwrap()).await;
        let minute = 60_000;
        assert_eq!(START % (24 * 60 * minute), 8 * 60 * minute, "16:00 in Shanghai");
        put(platform, &portal, None, item("1,3", "16:01")).await.unwrap();
        let tokyo = NewItem { time_zone: Some("Asia/Tokyo".into()), ..item("3", "17:02") };
        put(platform, &portal, None, tokyo).await.unwrap();
        put(platform, &portal, None, item("3", "15:59")).await.unwrap();
        let gone = put(platform, &portal, None, item("3", "16:01")).await.unwrap();
        delete(platform, &portal, gone).await.unwrap();
        let inside = async || shown(platform, &li, page()).await.unwrap().total;
        assert_eq!((remind(platform).await.unwrap(), inside().await), (0, 0), "not yet, and not of what is over");
        world.clock.advance(minute);
        assert_eq!((remind(platform).await.unwrap(), inside().await), (1, 1));
        assert_eq!(remind(platform).await.unwrap(), 0, "once");
        let due = notices::due(platform).await.unwrap();
        let Way::Mail(way) = &due[0].way else { panic!("{:?}", due[0].way) };
        assert_eq!((due.len(), way.to.as_slice()), (1, ["li@example.com".to_owned()].as_slice()));
        assert_eq!((due[0].message.title.as_str(), due[0].message.text.as_str()), ("日程提醒 2027-01-15", "需求会议"));
        world.clock.advance(minute);
        assert_eq!((remind(platform).await.unwrap(), inside().await), (1, 2), "17:02 in Tokyo is 16:02 in Shanghai");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_told_inside_and_written_down() {
    on_both(async |world| {
        let (platform, portal, li) = (&world.platform, portal(world).await, li(world).await);
        let id = put(platform, &portal, None, item("1,2", "16:01")).await.unwrap();
        world.clock.advance(60_000);
        assert_eq!(remind(platform).await.unwrap(), 1);
        assert_eq!(shown(platform, &li, page()).await.unwrap().total, 1);
        let error = query(platform, &portal, id).await.unwrap().row.remind_error.unwrap();
        assert_eq!(error, "1: no mail channel is configured; 2: no SMS channel is configured");
        assert_eq!(notices::due(platform).await.unwrap().len(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_changed_listed_and_taken_off_by_who_sees_its_person() {
    on_both(async |world| {
        let (platform, portal) = (&world.platform, portal(world).await);
        li(world).await;
        let id = put(platform, &portal, None, item("3", "23:00")).await.unwrap();
        let change = NewItem { content: "改期".into(), is_reminded: false, remind_time: None, ..item("", "") };
        assert_eq!(put(platform, &portal, Some(id), change).await.unwrap(), id);
        let row = query(platform, &portal, id).await.unwrap().row;
        assert_eq!((row.content.as_str(), row.remind_at, row.remind_ways.as_str()), ("改期", None, "3"));
        let on = async |first: &str, last: &str| list(platform, &portal, "li", (first, last), page()).await;
        for (first, last, total) in [
            ("2027-01-16", "2027-02-01", 1),
            ("2027-01-01", "2027-01-15", 1),
            ("2027-01-17", "2027-02-01", 0),
            ("2027-01-01", "2027-01-14", 0),
        ] {
            assert_eq!(on(first, last).await.unwrap().total, total, "{first} {last}");
        }
        assert!(matches!(on("2027", "2028").await, Err(Error::InvalidDate { .. })));
        let souths = Caller::user(9, "s".into(), PermissionSet::all(), Scope::All.within([world.south].into()));
        let souths = souths.through(portal.application_id.unwrap(), "portal");
        let missing = |error: Error| assert!(matches!(error, Error::NotFound { .. }), "{error}");
        missing(query(platform, &souths, id).await.unwrap_err());
        missing(delete(platform, &souths, id).await.unwrap_err());
        missing(put(platform, &souths, None, item("3", "23:00")).await.unwrap_err());
        missing(list(platform, &souths, "li", ("2027-01-01", "2027-02-01"), page()).await.unwrap_err());
        let theirs = NewItem { username: "admin".into(), ..item("3", "23:00") };
        missing(put(platform, &souths, Some(id), theirs.clone()).await.unwrap_err());
        missing(put(platform, &portal, Some(999_999), theirs).await.unwrap_err());
        for (wrong, why) in [
            (item("4", "23:00"), "an unknown way"),
            (item("3", ""), "no time"),
            (item("3", "25:00"), "no such time"),
            (NewItem { end_date: "2027-01-14".into(), ..item("3", "23:00") }, "it ends before it begins"),
            (NewItem { time_zone: Some("Mars/Olympus".into()), ..item("3", "23:00") }, "no such zone"),
            (NewItem { is_reminded: false, ..item("3", "25:00") }, "no such time, though nobody is reminded"),
            (
                NewItem { is_reminded: false, time_zone: Some("Mars/Olympus".into()), ..item("3", "") },
                "no such zone, though nobody is reminded",
            ),
        ] {
            assert!(put(platform, &portal, None, wrong).await.is_err(), "{why}");
        }
        delete(platform, &portal, id).await.unwrap();
        missing(delete(platform, &portal, id).await.unwrap_err());
        missing(query(platform, &portal, id).await.unwrap_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_comes_at_the_time_on_the_clocks_of_its_zone() {
    on_both(async |world| {
        let (platform, portal) = (&world.platform, portal(world).await);
        li(world).await;
        for (day, time, moment) in [
            ("2027-01-20", "09:00", "2027-01-20T14:00:00Z"),
            ("2027-07-20", "09:00", "2027-07-20T13:00:00Z"),
            // The clocks go from 02:00 to 03:00, and in autumn from 02:00 back to 01:00.
            ("2027-03-14", "02:30", "2027-03-14T07:30:00Z"),
            ("2027-11-07", "01:30", "2027-11-07T05:30:00Z"),
        ] {
            let item = NewItem {
                start_date: day.into(),
                end_date: day.into(),
                time_zone: Some("America/New_York".into()),
                ..item("3", time)
            };
            let id = put(platform, &portal, None, item).await.unwrap();
            let row = query(platform, &portal, id).await.unwrap().row;
            let expected = moment.parse::<jiff::Timestamp>().unwrap().as_millisecond();
            assert_eq!(row.remind_at, Some(expected), "{day} {time} in New York");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_seen_through_every_application_and_changed_through_its_own() {
    on_both(async |world| {
        let (platform, portal) = (&world.platform, portal(world).await);
        li(world).await;
        let other = applications::NewApplication { name: "other".into(), ..Default::default() };
        let (other, _) = applications::create(platform, &world.admin, other).await.unwrap();
        let other = world.admin.clone().through(other, "other");
        let id = put(platform, &portal, None, item("3", "23:00")).await.unwrap();
        assert_eq!(query(platform, &other, id).await.unwrap().row.id, id, "an agenda is shown whole");
        let refused = put(platform, &other, Some(id), item("3", "22:00")).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let refused = delete(platform, &other, id).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        assert_eq!(query(platform, &portal, id).await.unwrap().row.remind_time, "23:00");
        applications::delete(platform, &world.admin, portal.application_id.unwrap()).await.unwrap();
        put(platform, &other, Some(id), item("3", "22:00")).await.unwrap();
        delete(platform, &other, id).await.unwrap();
    })
    .await;
}

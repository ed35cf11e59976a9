//! Calendars on both engines.

use baigong_model::{Permission, PermissionSet};
use baigong_schedule::Day;
use baigong_store::{Scope, audits};
use jiff::civil::date;

use super::*;
use crate::{
    Caller, ListInput, Platform,
    queue_items::ExportFormat,
    testing::{World, all, assert_not_found, on_both},
    triggers,
};

async fn make(world: &World, name: &str, days: &[&str]) -> Result<i64> {
    let non_working_days = days.iter().map(|day| (*day).to_owned()).collect();
    create(&world.platform, &world.admin, NewCalendar { name: name.into(), non_working_days }).await
}

async fn days_of(world: &World, id: i64) -> Vec<(String, String)> {
    query(&world.platform, &world.admin, id).await.unwrap().non_working_days
}

fn only(days: &[&str]) -> CalendarChange {
    CalendarChange { name: None, non_working_days: Some(days.iter().map(|day| (*day).to_owned()).collect()) }
}

/// The calendar that comes with the platform under `code`.
async fn shipped(world: &World, code: &str) -> ListedCalendar {
    let page = list(&world.platform, &world.admin, &all()).await.unwrap();
    page.rows.into_iter().find(|row| row.row.shipped_code.as_deref() == Some(code)).unwrap()
}

async fn import_text(world: &World, import_into: Import, name: &str, bytes: &[u8]) -> Result<Imported> {
    let file = world.folder().join("import");
    std::fs::write(&file, bytes).unwrap();
    import(&world.platform, &world.admin, Import { file, file_name: name.into(), ..import_into }).await
}

fn into(calendar_id: Option<i64>, name: Option<&str>, mode: Mode) -> Import {
    let (file, file_name) = Default::default();
    Import { calendar_id, name: name.map(str::to_owned), mode, file, file_name, encoding: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_knows_its_non_working_days_in_order_and_once() {
    on_both(async |world| {
        let id = make(world, " 柜台 ", &["2026-12-25", "2026-11-23", "2026-12-25"]).await.unwrap();
        let day = |day: &str| (day.to_owned(), String::new());
        assert_eq!(days_of(world, id).await, [day("2026-11-23"), day("2026-12-25")]);
        let rule = days(&world.platform, id).await.unwrap();
        assert_eq!(rule.of(date(2026, 11, 22)), Day::Works, "a Sunday that is not listed");
        assert!(matches!(rule.of(date(2026, 11, 23)), Day::Off(_)));
        let listed = list(&world.platform, &world.norths, &all()).await.unwrap();
        let last = listed.rows.last().unwrap();
        assert_eq!((last.row.name.as_str(), last.kind, last.known_until), ("柜台", CalendarKind::Custom, None));
        assert_eq!(listed.total, 5, "with the four that come with the platform");
        assert!(make(world, "empty", &[]).await.is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_day_is_refused_and_nothing_is_made() {
    on_both(async |world| {
        for wrong in
            ["2026-02-30", "2026/01/01", "2026-1-1", "20260101", "", "2026-01-01 ", "2026-01-01 00:00:00", "明天"]
        {
            let refused = make(world, "x", &["2026-01-01", wrong]).await;
            assert!(
                matches!(&refused, Err(Error::InvalidDate { given, .. }) if given == wrong),
                "{wrong}: {refused:?}"
            );
        }
        let day = date(2000, 1, 1);
        let many: Vec<String> =
            day.series(jiff::Span::new().days(1)).take(MOST_DAYS + 1).map(|day| day.to_string()).collect();
        let refused =
            create(&world.platform, &world.admin, NewCalendar { name: "x".into(), non_working_days: many.clone() })
                .await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        let most = NewCalendar { name: "most".into(), non_working_days: many[1..].to_vec() };
        let id = create(&world.platform, &world.admin, most).await.unwrap();
        assert_eq!(days_of(world, id).await.len(), MOST_DAYS);
        make(world, "x", &[]).await.unwrap();
        assert!(matches!(make(world, "x", &[]).await, Err(Error::AlreadyExists { kind: "calendar", .. })));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_takes_effect_at_once_and_within_a_second_elsewhere() {
    on_both(async |world| {
        let id = make(world, "ours", &["2026-11-23", "2026-11-24"]).await.unwrap();
        let other = world.another().await;
        let off = async |platform: &Platform, day| matches!(days(platform, id).await.unwrap().of(day), Day::Off(_));
        assert!(off(&world.platform, date(2026, 11, 23)).await && off(&other, date(2026, 11, 23)).await);
        update(&world.platform, &world.admin, id, only(&["2026-11-24", "2026-11-25"])).await.unwrap();
        assert!(!off(&world.platform, date(2026, 11, 23)).await, "at once where it was changed");
        world.clock.advance(1000);
        assert!(!off(&other, date(2026, 11, 23)).await && off(&other, date(2026, 11, 25)).await);
        let renamed = CalendarChange { name: Some("theirs".into()), non_working_days: None };
        update(&world.platform, &world.admin, id, renamed).await.unwrap();
        assert_eq!(days_of(world, id).await.len(), 2, "a new name leaves the days");
        let audited = audits::of_object(&world.platform.store, "calendar", id).await.unwrap();
        let actions: Vec<&str> = audited.iter().map(|row| row.action.as_str()).collect();
        assert_eq!(actions, ["create", "update", "update"]);
        assert!(audited[1].detail.contains(r#""removed":{"count":1,"days":["2026-11-23"]}"#), "{}", audited[1].detail);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_calendar_is_gone_but_can_be_asked_for() {
    on_both(async |world| {
        let id = make(world, "ours", &["2026-11-23"]).await.unwrap();
        days(&world.platform, id).await.unwrap();
        delete(&world.platform, &world.admin, id).await.unwrap();
        assert_not_found(days(&world.platform, id).await, "the days of a deleted calendar");
        let seen = query(&world.platform, &world.admin, id).await.unwrap();
        assert!(seen.listed.row.deleted_at.is_some() && seen.non_working_days.len() == 1);
        assert_eq!(list(&world.platform, &world.admin, &all()).await.unwrap().total, 4);
        let with_deleted = ListInput { include_deleted: true, ..all() };
        assert_eq!(list(&world.platform, &world.admin, &with_deleted).await.unwrap().total, 5);
        assert_not_found(delete(&world.platform, &world.admin, id).await, "delete again");
        assert_not_found(update(&world.platform, &world.admin, id, only(&[])).await, "update");
        assert_not_found(query(&world.platform, &world.admin, 999).await, "query");
        make(world, "ours", &[]).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_in_use_is_not_deleted_and_the_answer_names_the_triggers_one_sees() {
    on_both(async |world| {
        let id = make(world, "ours", &["2026-11-23"]).await.unwrap();
        let process_id = world.process(world.north, "p").await;
        let change = triggers::Change {
            name: Some("nightly".into()),
            process_id: Some(process_id),
            cron: Some("0 0 9 * * ?".into()),
            uses_calendar: Some(true),
            calendar_id: Some(id),
            ..Default::default()
        };
        let trigger = triggers::create(&world.platform, &world.admin, world.north, change.clone()).await.unwrap();
        let refused = delete(&world.platform, &world.admin, id).await.expect_err("in use").to_string();
        assert_eq!(refused, format!("the calendar is used by 1 triggers: nightly ({trigger})"));
        let refused = delete(&world.platform, &world.souths, id).await.expect_err("in use").to_string();
        assert!(!refused.contains("nightly"), "{refused}");
        triggers::delete(&world.platform, &world.admin, trigger).await.unwrap();
        let other = world.another().await;
        days(&other, id).await.unwrap();
        delete(&world.platform, &world.admin, id).await.unwrap();
        let late = triggers::create(&other, &world.admin, world.north, change).await;
        assert_not_found(late, "a trigger on a calendar that another node still remembers");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_with_the_platform_stays_as_it_is() {
    on_both(async |world| {
        let shanghai = shipped(world, "XSHG").await;
        assert_eq!(shanghai.kind, CalendarKind::Exchange);
        assert_eq!(shanghai.known_until, Some(date(2026, 12, 31)));
        assert_eq!(shipped(world, "CN").await.kind, CalendarKind::WorkingDays);
        let id = shanghai.row.id;
        for refused in [
            update(&world.platform, &world.admin, id, only(&[])).await,
            delete(&world.platform, &world.admin, id).await,
            import_text(world, into(Some(id), None, Mode::Add), "a.csv", b"2026-01-01").await.map(drop),
        ] {
            assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        }
        assert!(matches!(make(world, &shanghai.row.name, &[]).await, Err(Error::AlreadyExists { .. })));
        let asked = async |day| super::day(&world.platform, &world.norths, id, day).await.unwrap();
        assert_eq!(asked(date(2026, 2, 16)).await, DayAnswer::Off("春节".into()));
        assert_eq!(asked(date(2026, 2, 13)).await, DayAnswer::Works);
        assert_eq!(asked(date(2027, 1, 4)).await, DayAnswer::Unknown);
        let days = days_of(world, id).await;
        assert!(days.contains(&("2026-02-14".into(), "weekend".into())) && days.len() > 12 * 104);
        crate::bootstrap::bootstrap(&world.platform, None).await.unwrap();
        assert_eq!(list(&world.platform, &world.admin, &all()).await.unwrap().total, 4, "another start adds nothing");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_imported_from_files_of_the_trade() {
    on_both(async |world| {
        let gbk: &[u8] = b"\xc8\xd5\xc6\xda,\xc3\xfb\xb3\xc6\r\n2026-10-01,\xb9\xfa\xc7\xec\xbd\xda\r\n2026/10/2,\xb9\xfa\xc7\xec\xbd\xda\r\n";
        let imported = import_text(world, into(None, Some("2026"), Mode::Replace), "假日.csv", gbk).await.unwrap();
        assert_eq!(imported.days, 2);
        let id = imported.calendar_id;
        let named = |day: &str, name: &str| (day.to_owned(), name.to_owned());
        assert_eq!(days_of(world, id).await, [named("2026-10-01", "国庆节"), named("2026-10-02", "国庆节")]);
        import_text(world, into(Some(id), None, Mode::Add), "more.csv", b"2026-12-31\n").await.unwrap();
        assert_eq!(days_of(world, id).await.len(), 3);
        update(&world.platform, &world.admin, id, only(&["2026-10-01"])).await.unwrap();
        assert_eq!(days_of(world, id).await, [named("2026-10-01", "国庆节")], "a day that stays keeps its name");
        import_text(world, into(Some(id), None, Mode::Replace), "new.csv", b"2027-01-01\n").await.unwrap();
        assert_eq!(days_of(world, id).await, [named("2027-01-01", "")]);
        let wrong = import_text(world, into(Some(id), None, Mode::Add), "x.csv", b"2027-01-02\nsoon\n").await;
        assert!(wrong.expect_err("a wrong row").to_string().contains("row 2"));
        assert_eq!(days_of(world, id).await.len(), 1, "all or nothing");
        let both = import_text(world, into(Some(id), Some("y"), Mode::Add), "x.csv", b"2027-01-02\n").await;
        assert!(matches!(both, Err(Error::Invalid { .. })), "{both:?}");
        assert_not_found(import_text(world, into(Some(999), None, Mode::Add), "x.csv", b"2027-01-02\n").await, "import");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_is_read_again() {
    on_both(async |world| {
        let text = "日期,名称\n2026-10-01,=国庆\n2026-12-31,\n".as_bytes();
        let from =
            import_text(world, into(None, Some("from"), Mode::Replace), "a.csv", text).await.unwrap().calendar_id;
        let empty = make(world, "to", &[]).await.unwrap();
        for format in [ExportFormat::Csv { mark: true }, ExportFormat::Csv { mark: false }, ExportFormat::Xlsx] {
            let file = export(&world.platform, &world.norths, from, format).await.unwrap();
            import_text(world, into(Some(empty), None, Mode::Replace), &file.name, &file.bytes).await.unwrap();
            assert_eq!(days_of(world, empty).await, days_of(world, from).await, "{}", file.name);
        }
        let shipped = shipped(world, "XHKG").await.row.id;
        let file = export(&world.platform, &world.norths, shipped, ExportFormat::Xlsx).await.unwrap();
        import_text(world, into(Some(empty), None, Mode::Replace), &file.name, &file.bytes).await.unwrap();
        assert_eq!(days_of(world, empty).await, days_of(world, shipped).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_look_changes_nothing() {
    on_both(async |world| {
        let id = make(world, "ours", &[]).await.unwrap();
        let reader = Caller::user(7, "reader".into(), PermissionSet::from_iter([Permission::CalendarRead]), Scope::All);
        list(&world.platform, &reader, &all()).await.unwrap();
        let new = NewCalendar { name: "x".into(), non_working_days: vec![] };
        for refused in [
            create(&world.platform, &reader, new).await.map(drop),
            update(&world.platform, &reader, id, only(&[])).await,
            delete(&world.platform, &reader, id).await,
            import(&world.platform, &reader, into(Some(id), None, Mode::Add)).await.map(drop),
        ] {
            assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        }
        let nobody = Caller::user(8, "nobody".into(), PermissionSet::default(), Scope::All);
        assert!(matches!(query(&world.platform, &nobody, id).await, Err(Error::Forbidden(_))));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_calendar_in_use_is_told_sixty_days_ahead() {
    on_both(async |world| {
        // The clock of the tests stands beyond what the shipped calendars know.
        assert_eq!(warn_of_ends(&world.platform).await.unwrap(), 0, "nobody uses one");
        let calendar_id = shipped(world, "XSHG").await.row.id;
        let process_id = world.process(world.north, "p").await;
        let change = triggers::Change {
            name: Some("trading".into()),
            process_id: Some(process_id),
            cron: Some("0 0 9 * * ?".into()),
            uses_calendar: Some(true),
            calendar_id: Some(calendar_id),
            ..Default::default()
        };
        triggers::create(&world.platform, &world.admin, world.north, change).await.unwrap();
        assert_eq!(warn_of_ends(&world.platform).await.unwrap(), 1);
        assert_eq!(warn_of_ends(&world.platform).await.unwrap(), 1, "told again, stored once");
        let query = crate::notices::NoticeQuery {
            department_id: None,
            state: None,
            kind: None,
            channel_id: None,
            page: baigong_model::Page::new(None, None).unwrap(),
        };
        let told = crate::notices::list(&world.platform, &world.norths, query).await.unwrap();
        assert_eq!(told.total, 1);
        assert!(told.rows[0].detail.contains("2026-12-31"), "{}", told.rows[0].detail);
    })
    .await;
}

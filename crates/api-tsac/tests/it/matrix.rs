//! The permission matrix, held against the real routes: every operation, asked for by every kind of caller about things in
//! their own department, one below, and another. What must come is worked out from `tests/contract/permission-matrix.txt`.

mod company;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use baigong_testkit::{Place, Sight, TestDatabase};
use serde_json::Value;

use crate::{
    fixture::{Fixture, Good},
    server::{Answer, Server},
};
use company::{Company, allows, sees};
use rules::{Row, Rule};

type Rows = BTreeMap<String, Row>;

fn row<'r>(rows: &'r Rows, good: &Good) -> &'r Row {
    let name = good.path.trim_start_matches("/api/platform/");
    rows.get(name).unwrap_or_else(|| panic!("{name} is not in the table"))
}

fn is_not_there(answer: &Answer) -> bool {
    answer.status == 404 && (answer.body["resultCode"] == "10008" || answer.body["resultCode"] == "10203")
}

/// Everything somebody of this sight must be refused, and that it changes nothing; then everything they must be allowed.
async fn walk(server: Server, sight: Sight) {
    let rows = rules::rows();
    let mut company = Company::found(server, sight).await;
    let things: Vec<(Place, Vec<Good>)> = company.things.iter().map(|(place, it)| (*place, it.goods())).collect();
    let before = company.stored().await;
    for (place, goods) in &things {
        refused(&mut company, &rows, *place, goods).await;
    }
    lists(&mut company, &rows).await;
    mixtures(&mut company, &rows, &things).await;
    let after = company.stored().await;
    let changed: Vec<_> = after.iter().filter(|row| !before.contains(row)).collect();
    assert!(before == after, "{sight:?}: what was refused has changed something: {changed:#?}");
    for (place, goods) in &things {
        allowed(&mut company, &rows, *place, goods).await;
    }
}

/// What lies where they do not see is not there.
async fn refused(company: &mut Company, rows: &Rows, place: Place, goods: &[Good]) {
    for good in goods {
        let row = row(rows, good);
        if allows(company.sight, place, row, &good.body) {
            continue;
        }
        company.grant(row.needs()).await;
        let answer = company.attempt(good).await;
        let is_seen = row.objects.iter().all(|(_, rule)| *rule == Rule::Own || sees(company.sight, place, *rule));
        let is_refused = is_not_there(&answer) || is_seen && matches!(answer.status, 401 | 403 | 409);
        assert!(is_refused, "{:?} at {place:?}: {good:?} must not be there: {answer:?}", company.sight);
    }
}

/// Lists hold exactly what they see.
async fn lists(company: &mut Company, rows: &Rows) {
    let known: Vec<(Place, BTreeMap<String, BTreeSet<i64>>)> =
        company.things.iter().map(|(place, it)| (*place, ids_of(it))).collect();
    for (name, row) in rows {
        let Some((array, id, rule)) = &row.list else { continue };
        company.grant(row.needs()).await;
        let good = Good::json(format!("/api/platform/{name}"), serde_json::json!({ "pageSize": 1000 }));
        let answer = company.attempt(&good).await;
        let listed = answer.body["data"][array].as_array();
        let listed = listed.unwrap_or_else(|| panic!("{name} has no {array}: {answer:?}"));
        let total = answer.body["data"]["total"].as_u64().unwrap_or(listed.len() as u64);
        assert_eq!(total, listed.len() as u64, "{name}: the total must not count what is not seen");
        let listed: BTreeSet<i64> = listed.iter().filter_map(|it| it[id].as_i64()).collect();
        let mut checked = 0;
        for (place, ids) in &known {
            for one in ids.get(id).into_iter().flatten() {
                let sees = sees(company.sight, *place, *rule);
                assert_eq!(listed.contains(one), sees, "{:?}: {name} and {id} {one} at {place:?}", company.sight);
                checked += 1;
            }
        }
        assert!(checked > 0, "{name}: no good body names a {id}");
    }
}

/// The ids that the bodies of a fixture name, by field.
fn ids_of(fixture: &Fixture) -> BTreeMap<String, BTreeSet<i64>> {
    let mut ids: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    // The department that is changed and deleted lies below.
    for good in fixture.goods().into_iter().filter(|good| !good.path.contains("/department/")) {
        for (field, value) in good.body.as_object().unwrap().iter().filter(|(field, _)| field.ends_with("Id")) {
            ids.entry(field.clone()).or_default().extend(value.as_i64());
        }
    }
    ids
}

/// A request about things that they see, with one id of a thing that they do not see: second paths are where holes are.
async fn mixtures(company: &mut Company, rows: &Rows, things: &[(Place, Vec<Good>)]) {
    let sight = company.sight;
    let seen = things.iter().find(|(place, _)| sees(sight, *place, Rule::Object));
    let hidden = things.iter().find(|(place, _)| !sees(sight, *place, Rule::Department));
    let (Some((place, seen)), Some((_, hidden))) = (seen, hidden) else { return };
    let mut tried = 0;
    for (good, foreign) in seen.iter().zip(hidden) {
        let row = row(rows, good);
        if !allows(sight, *place, row, &good.body) {
            continue;
        }
        for (field, rule) in
            row.objects.iter().filter(|(_, rule)| !matches!(rule, Rule::Shared | Rule::Own | Rule::Below))
        {
            let mut mixed = good.clone();
            match (&good.body[field], &foreign.body[field]) {
                (Value::Null, _) | (_, Value::Null) => continue,
                (Value::Array(mine), Value::Array(theirs)) => {
                    mixed.body[field] = [mine.clone(), theirs.clone()].concat().into();
                }
                (_, theirs) => mixed.body[field] = theirs.clone(),
            }
            company.grant(row.needs()).await;
            let answer = company.attempt(&mixed).await;
            assert!(is_not_there(&answer), "{sight:?}: {mixed:?} names another's {field} ({rule:?}): {answer:?}");
            tried += 1;
        }
    }
    assert!(tried > 20, "only {tried} mixtures were tried");
}

/// What they see they may do, with exactly the permissions of the row.
async fn allowed(company: &mut Company, rows: &Rows, place: Place, goods: &[Good]) {
    for good in goods {
        let row = row(rows, good);
        if !allows(company.sight, place, row, &good.body) {
            continue;
        }
        company.grant(row.needs()).await;
        let answer = company.attempt(good).await;
        let fits = (200..300).contains(&answer.status) && answer.body["resultCode"] == "00000";
        assert!(fits, "{:?} at {place:?}: {good:?} must be allowed with {:?}: {answer:?}", company.sight, row.needs());
    }
}

/// Each kind of caller in a test of its own, on both engines.
macro_rules! callers {
    ($($name:ident: $sight:ident,)*) => {$(
        #[tokio::test]
        async fn $name() {
            walk(Server::start().await, Sight::$sight).await;
        }
    )*};
}

callers! {
    somebody_who_sees_everything: All,
    somebody_who_sees_their_department: Department,
    somebody_who_sees_their_department_and_below: Below,
    somebody_who_sees_listed_departments: Custom,
    somebody_who_sees_what_they_made_among_others_things: OthersThings,
    somebody_who_sees_what_they_made: OwnThings,
}

#[tokio::test]
async fn the_same_holds_on_postgresql() {
    walk(Server::on(TestDatabase::postgres().unwrap()).await, Sight::Below).await;
}

#[tokio::test]
async fn without_a_permission_nothing_happens_whatever_others_are_held() {
    let rows = rules::rows();
    let mut company = Company::found(Server::start().await, Sight::All).await;
    let before = company.stored().await;
    let goods = company.things[0].1.goods();
    for good in &goods {
        for missing in row(&rows, good).needs() {
            let others = baigong_model::Permission::ALL.iter().map(ToString::to_string);
            company.grant(&others.filter(|it| it != missing).collect::<Vec<_>>()).await;
            let answer = company.attempt(good).await;
            let is_forbidden = answer.status == 403 && answer.body["resultCode"] == "30001";
            assert!(is_forbidden, "{good:?} without {missing}: {answer:?}");
        }
    }
    assert!(before == company.stored().await, "what was forbidden has changed something");
}

#[tokio::test]
async fn without_a_token_nothing_happens() {
    let rows = rules::rows();
    let company = Company::found(Server::start().await, Sight::OthersThings).await;
    let before = company.stored().await;
    for good in company.things[0].1.goods() {
        if row(&rows, &good).permissions[0] == "open" {
            continue;
        }
        let absent = company.server.try_good("", &good).await;
        assert_eq!((absent.status, &absent.body["resultCode"]), (400, &"10006".into()), "{good:?}");
        let made_up = company.server.try_good(&"0".repeat(64), &good).await;
        assert_eq!((made_up.status, &made_up.body["resultCode"]), (401, &"10001".into()), "{good:?}");
    }
    assert!(before == company.stored().await);
}

#[test]
fn every_operation_has_a_row_and_a_good_body() {
    let rows = rules::rows();
    let fixture = Fixture::default();
    let goods: BTreeSet<String> = fixture.goods().into_iter().map(|good| good.path).collect();
    for name in rows.keys().filter(|name| !name.contains(' ')) {
        let path = format!("/api/platform/{name}");
        assert!(goods.contains(&path), "{path} needs a good body: tests/it/bodies.rs");
    }
    for good in fixture.goods() {
        let row = row(&rows, &good);
        for (field, _) in row.objects.iter().filter(|(field, _)| !row.left_out.contains(field)) {
            assert!(
                !good.body[field].is_null(),
                "the good body of {} must name a {field}, or the row must say ?",
                good.path
            );
        }
    }
}

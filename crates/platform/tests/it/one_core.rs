//! One core behind every interface: a thing made through one is the same thing in the others, with the same values; changed
//! in one it is changed in all, removed in one it is gone from all; and whoever may not see it sees it through none. What
//! there is to try stands in `tests/contract/one-core.txt`, kind by interface.

mod callers;
mod place;
mod rows;

use std::{collections::BTreeMap, panic::AssertUnwindSafe};

use baigong_model::Permission;
use baigong_testkit::{PASSWORD, Place, Sight, TestClient, TestDatabase, TestServer};
use futures_util::FutureExt as _;
use serde_json::{Value, json};

use crate::credentials::Side;
use callers::{Caller, Outcome, Portal};
use place::{Said, Words, look, make, send};
use rows::{Kind, Line, Verb, Whose};

/// A platform with a portal, and its administrator.
struct Stage {
    server: TestServer,
    tsac: TestClient,
    admin: Caller,
    portal: Portal,
    root: i64,
}

impl Stage {
    async fn set(database: TestDatabase) -> Self {
        let server = TestServer::start(database).await.unwrap();
        let tsac = server.admin().await.unwrap();
        let admin = Caller::sign_in(&server.url(), "admin").await;
        let made = admin.ok(Side::Console, "POST", "applications", json!({ "name": "portal" })).await;
        let word = |name: &str| made[name].as_str().unwrap().to_owned();
        let mut portal = Portal { key: word("accessKeyId"), secret: word("accessKeySecret"), role: 0 };
        let admin = admin.through(&portal);
        let role = json!({ "roleName": "portal", "roleKey": "portal" });
        portal.role = admin.ok(Side::ApiCenter, "POST", "client/addRole", role).await["data"].as_i64().unwrap();
        let departments = tsac.data("department/list", json!({})).await.unwrap();
        let root = departments["departments"][0]["depId"].as_i64().unwrap();
        Self { server, tsac, admin, portal, root }
    }

    async fn department(&self, name: &str, parent: i64) -> i64 {
        let new = json!({ "depName": name, "parentId": parent });
        self.tsac.create("department/create", "depId", new).await.unwrap()
    }

    /// What the lines about a department's things begin with.
    fn words(&self, department: i64) -> Words {
        let words = [("department", department), ("portal.role", self.portal.role)];
        words.into_iter().map(|(name, value)| (name.to_owned(), value.to_string())).collect()
    }

    /// All that is stored, apart from what every call and what works the bridges writes.
    async fn stored(&self) -> Vec<String> {
        let rows = baigong_testkit::dump::rows(&self.server.platform().store).await.unwrap();
        let apart = ["token:", "role:", "audit:", "node:", "first_answer:", "asset_access:", "bridge:"];
        let is_apart = |row: &String| {
            apart.iter().any(|it| row.starts_with(it)) || row.starts_with("robot:") && row.contains("/bridge ")
        };
        let bridges = self.admin.ok(Side::Console, "GET", "bridges", json!({ "pageSize": 1000 })).await;
        let bridges = bridges["items"].as_array().unwrap().iter().map(|row| {
            ["id", "name", "url", "username", "isActive", "departmentId"].map(|field| row[field].to_string()).join(" ")
        });
        rows.into_iter().filter(|row| !is_apart(row)).chain(bridges).collect()
    }
}

/// One thing of each kind in a department; what the lines about it say, by kind. `maker` makes what the administrator need
/// not.
async fn fill(stage: &Stage, maker: &Caller, department: i64, kinds: &[Kind]) -> BTreeMap<String, Words> {
    let mut known = stage.words(department);
    let mut things = BTreeMap::new();
    for kind in kinds {
        let Some(line) = kind.of(Verb::Make).next() else { continue };
        let caller = if kind.by_admin { &stage.admin } else { maker };
        let words = make(caller, kind, line, &known).await;
        know(stage, kind, &words, &mut known).await;
        things.insert(kind.name.clone(), words);
    }
    things
}

/// Adds what a thing is called, for the lines about others.
async fn know(stage: &Stage, kind: &Kind, words: &Words, known: &mut Words) {
    known.insert(kind.name.clone(), words["id"].clone());
    known.insert(format!("{}.name", kind.name), words["name"].clone());
    let said = look(&stage.admin, kind.of(Verb::Read).next().unwrap(), words).await.unwrap();
    for (field, value) in said {
        known.insert(format!("{}.{field}", kind.name), value);
    }
}

/// What all interfaces say of a thing, which must be the same; nothing where none has it.
async fn agreed(stage: &Stage, kind: &Kind, words: &Words, after: &str) -> Option<Said> {
    let mut all: Option<(Option<Said>, Said, &str)> = None;
    for line in kind.of(Verb::Read) {
        let said = look(&stage.admin, line, words).await;
        match &mut all {
            None => all = Some((said.clone(), said.unwrap_or_default(), &line.path)),
            Some((first, fields, path)) => {
                let (here, there) = (said.is_some(), first.is_some());
                assert_eq!(
                    here, there,
                    "{}: after {after} it is in {path}: {there}, in {}: {here}",
                    kind.name, line.path
                );
                for (field, value) in said.unwrap_or_default() {
                    let known = fields.entry(field.clone()).or_insert_with(|| value.clone());
                    assert_eq!(*known, value, "{}: after {after}, {field} in {}", kind.name, line.path);
                }
            }
        }
    }
    all.and_then(|(first, fields, _)| first.map(|_| fields))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_changed_and_removed_in_one_is_so_in_all() {
    for database in [TestDatabase::sqlite().unwrap(), TestDatabase::postgres().unwrap()] {
        let stage = Stage::set(database).await;
        let department = stage.department("office", stage.root).await;
        let kinds = rows::kinds();
        let mut known = stage.words(department);
        for kind in &kinds {
            if let Some(line) = kind.of(Verb::Make).next() {
                let words = make(&stage.admin, kind, line, &known).await;
                know(&stage, kind, &words, &mut known).await;
            }
        }
        let mut faults = Faults::default();
        for kind in &kinds {
            faults.of(&kind.name, lives(&stage, kind, &known)).await;
        }
        faults.tell();
        stage.server.stop().await;
    }
}

/// The kinds for which something does not hold: one does not hide the others.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    async fn of(&mut self, what: &str, tried: impl Future<Output = ()>) {
        if AssertUnwindSafe(tried).catch_unwind().await.is_err() {
            self.0.push(what.to_owned());
        }
    }

    fn tell(self) {
        assert!(self.0.is_empty(), "it does not hold for {}: see above", self.0.join(", "));
    }
}

/// The lives of things of a kind: each made by one line, changed or removed by one.
async fn lives(stage: &Stage, kind: &Kind, known: &Words) {
    let makers: Vec<&Line> = kind.lines.iter().filter(|it| matches!(it.verb, Verb::Make | Verb::Put)).collect();
    let changes: Vec<&Line> = kind.of(Verb::Change).chain(kind.of(Verb::Remove)).collect();
    // Each that makes one meets each that changes one, in turn.
    for turn in 0..makers.len().max(changes.len()) {
        let (maker, change) = (makers[turn % makers.len()], changes[turn % changes.len()]);
        let mut words = make(&stage.admin, kind, maker, known).await;
        let made = format!("{:?} {}", maker.side, maker.path);
        let before = agreed(stage, kind, &words, &made).await;
        let before = before.unwrap_or_else(|| panic!("{}: after {made} it is nowhere", kind.name));
        if change.verb == Verb::Remove {
            for end in kind.of(Verb::End) {
                place::done(send(&stage.admin, end, &words).await, end, &words);
            }
        }
        place::done(send(&stage.admin, change, &words).await, change, &words);
        renamed(stage, kind, &mut words).await;
        let after = agreed(stage, kind, &words, &format!("{:?} {} {}", change.side, change.method, change.path)).await;
        match change.verb {
            Verb::Remove => assert_eq!(after, None, "{}: it is still there after {}", kind.name, change.path),
            _ => {
                let after = after.unwrap_or_else(|| panic!("{}: it is gone after {}", kind.name, change.path));
                assert!(after != before, "{}: {} has changed nothing: {after:?}", kind.name, change.path);
            }
        }
    }
}

/// Some lines name a thing by its name, which may have changed.
async fn renamed(stage: &Stage, kind: &Kind, words: &mut Words) {
    let said = look(&stage.admin, kind.of(Verb::Read).next().unwrap(), words).await.unwrap_or_default();
    words.extend(said.get("name").map(|name| ("name".to_owned(), name.clone())));
}

/// A company of three departments with a thing of each kind in each, and somebody of the first who sees a part of it.
struct Company {
    stage: Stage,
    sight: Sight,
    somebody: Caller,
    role: i64,
    things: Vec<(Place, BTreeMap<String, Words>)>,
}

impl Company {
    async fn found(database: TestDatabase, sight: Sight, kinds: &[Kind]) -> Self {
        let stage = Stage::set(database).await;
        let own = stage.department("own", stage.root).await;
        let (child, sibling) = (stage.department("child", own).await, stage.department("sibling", stage.root).await);
        let all: Vec<String> = Permission::ALL.iter().map(ToString::to_string).collect();
        let mut role = json!({ "roleName": "somebody", "permissions": all, "dataScope": sight.scope() });
        if sight == Sight::Custom {
            role["depIds"] = json!([sibling]);
        }
        let role = stage.tsac.create("role/create", "roleId", role).await.unwrap();
        let new = json!({
            "employeeName": "某人", "username": "somebody", "password": PASSWORD, "depId": own, "roleId": role,
            "email": "somebody@example.com",
        });
        let id = stage.tsac.create("employee/create", "employeeId", new).await.unwrap();
        let given = json!([{ "userId": id, "deptId": own, "roleId": stage.portal.role }]);
        stage.admin.ok(Side::ApiCenter, "POST", "client/addUserAuth", given).await;
        let somebody = Caller::sign_in(&stage.server.url(), "somebody").await.through(&stage.portal);
        let mut things = Vec::new();
        if sight == Sight::OwnThings {
            things.push((Place::Own, fill(&stage, &somebody, own, kinds).await));
        } else {
            for (place, department) in [(Place::Own, own), (Place::Child, child), (Place::Sibling, sibling)] {
                things.push((place, fill(&stage, &stage.admin, department, kinds).await));
            }
        }
        Self { stage, sight, somebody, role, things }
    }

    fn sees(&self, place: Place, whose: Whose) -> bool {
        match whose {
            Whose::Shared => true,
            Whose::Object => self.sight.sees_things(place),
            Whose::Employee => self.sight.sees_users(place),
            Whose::Below => self.sight.covers_below(place),
        }
    }

    async fn grant(&self, permissions: Vec<&str>) {
        let change = json!({ "roleId": self.role, "permissions": permissions });
        self.stage.tsac.data("role/update", change).await.unwrap();
    }
}

/// Every line about everything: what is seen is there, what is not seen is not, and nobody changes it.
async fn walk(database: TestDatabase, sight: Sight) {
    let kinds = rows::kinds();
    let company = Company::found(database, sight, &kinds).await;
    let (mut faults, before) = (Faults::default(), company.stage.stored().await);
    for (place, things) in &company.things {
        for kind in kinds.iter().filter(|kind| things.contains_key(&kind.name)) {
            faults.of(&kind.name, reads_and_refusals(&company, *place, kind, &things[&kind.name])).await;
        }
    }
    let after = company.stage.stored().await;
    let differ = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|row| !those.contains(row)).cloned().collect()
    };
    let (new, gone) = (differ(&after, &before), differ(&before, &after));
    assert!(before == after, "{sight:?}: what was refused has changed something: {new:#?} was {gone:#?}");
    for (place, things) in &company.things {
        for kind in kinds.iter().filter(|kind| things.contains_key(&kind.name)) {
            faults.of(&kind.name, what_is_seen_can_be_worked(&company, *place, kind, &things[&kind.name])).await;
        }
    }
    faults.tell();
    company.stage.server.stop().await;
}

async fn reads_and_refusals(company: &Company, place: Place, kind: &Kind, words: &Words) {
    for line in &kind.lines {
        let sees = company.sees(place, line.whose.unwrap_or(kind.whose));
        let what = || format!("{:?} and {} {} {} at {place:?}", company.sight, line.method, line.path, words["id"]);
        match line.verb {
            Verb::Read => {
                let said = look(&company.somebody, line, words).await;
                assert_eq!(said.is_some(), sees, "{}: {said:?}", what());
            }
            Verb::Glance => assert!(sees || look(&company.somebody, line, words).await.is_none(), "{}", what()),
            Verb::Make => {
                let covered = company.sight.covers(place) || kind.whose == Whose::Shared;
                if covered {
                    continue;
                }
                let outcome = tried(company, line, words).await;
                assert!(matches!(outcome, Outcome::Missing), "{}: {outcome:?}", what());
            }
            Verb::Change | Verb::Use | Verb::Held | Verb::Remove if !sees => {
                let outcome = send(&company.somebody, line, words).await;
                assert!(matches!(outcome, Outcome::Missing), "{}: {outcome:?}", what());
            }
            _ => {}
        }
    }
}

/// Somebody tries to make another.
async fn tried(company: &Company, line: &Line, words: &Words) -> Outcome {
    let mut words = words.clone();
    place::name(&mut words, "another");
    send(&company.somebody, line, &words).await
}

async fn what_is_seen_can_be_worked(company: &Company, place: Place, kind: &Kind, words: &Words) {
    let mut words = words.clone();
    for line in kind.lines.iter().filter(|it| matches!(it.verb, Verb::Use | Verb::Change)) {
        if !company.sees(place, line.whose.unwrap_or(kind.whose)) {
            continue;
        }
        let outcome = send(&company.somebody, line, &words).await;
        // A role belongs to no department, but those who have it do.
        let is_known = match outcome {
            Outcome::Missing => false,
            Outcome::Forbidden => kind.whose == Whose::Shared,
            _ => true,
        };
        assert!(is_known, "{:?} and {} {} at {place:?}: {outcome:?}", company.sight, line.method, line.path);
        renamed(&company.stage, kind, &mut words).await;
    }
}

/// Each kind of caller in a test of its own.
macro_rules! callers {
    ($($name:ident: $sight:ident,)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            walk(TestDatabase::sqlite().unwrap(), Sight::$sight).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn the_same_holds_on_postgresql() {
    walk(TestDatabase::postgres().unwrap(), Sight::Below).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_permission_no_line_of_any_interface_does_anything() {
    let kinds = rows::kinds();
    let company = Company::found(TestDatabase::sqlite().unwrap(), Sight::All, &kinds).await;
    let before = company.stage.stored().await;
    let things = &company.things[0].1;
    let lines = kinds.iter().filter(|kind| things.contains_key(&kind.name));
    let mut by_permission: BTreeMap<&str, Vec<(&Line, &Words)>> = BTreeMap::new();
    for (kind, line) in lines.flat_map(|kind| kind.lines.iter().map(move |line| (kind, line))) {
        by_permission.entry(&line.permission).or_default().push((line, &things[&kind.name]));
    }
    for (permission, lines) in by_permission {
        let others = Permission::ALL.iter().map(|it| it.as_str()).filter(|it| *it != permission);
        company.grant(others.collect()).await;
        for (line, words) in lines {
            let outcome = send(&company.somebody, line, words).await;
            let is_forbidden = matches!(outcome, Outcome::Forbidden);
            assert!(is_forbidden, "{} {} without {permission}: {outcome:?}", line.method, line.path);
        }
    }
    assert!(before == company.stage.stored().await, "what was forbidden has changed something");
    company.stage.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_deleted_through_oapi_is_listed_where_deleted_ones_are_asked_for() {
    let stage = Stage::set(TestDatabase::sqlite().unwrap()).await;
    let department = stage.department("office", stage.root).await;
    let things = fill(&stage, &stage.admin, department, &rows::kinds()).await;
    let id: i64 = things["task"]["id"].parse().unwrap();
    stage.tsac.data("task/cancel", json!({ "taskId": id })).await.unwrap();
    stage.admin.ok(Side::Oapi, "DELETE", "job", json!({ "id": id.to_string() })).await;
    let listed = async |asked: Value| {
        let found = stage.tsac.data("task/list", asked).await.unwrap();
        found["tasks"].as_array().unwrap().iter().find(|row| row["taskId"] == id).map(|row| row["isDeleted"].clone())
    };
    assert_eq!(listed(json!({})).await, None);
    assert_eq!(listed(json!({ "includeDeleted": true })).await, Some(true.into()));
    stage.server.stop().await;
}

//! A company of departments with one of everything in each, and somebody who sees a part of it.

use baigong_model::Permission;
use baigong_testkit::{Place, Sight};
use serde_json::{Value, json};

use super::rules::{Row, Rule};
use crate::{
    fixture::{Fixture, Good},
    server::{Answer, PASSWORD, Server},
};

/// Whether what an id names at `place` is seen.
pub(crate) fn sees(sight: Sight, place: Place, rule: Rule) -> bool {
    match rule {
        Rule::Shared => true,
        Rule::Department => sight.covers(place),
        Rule::Below => sight.covers_below(place),
        Rule::Object => sight.sees_things(place),
        Rule::Employee => sight.sees_users(place),
        Rule::Own => sight == Sight::OwnThings,
    }
}

/// Whether an operation on the things at `place` is allowed, given the permission.
pub(crate) fn allows(sight: Sight, place: Place, row: &Row, body: &Value) -> bool {
    let mut ids = row.objects.iter().filter(|(field, _)| !body[field].is_null());
    ids.all(|(_, rule)| sees(sight, place, *rule))
}

/// The company and its somebody.
pub(crate) struct Company {
    pub(crate) server: Server,
    pub(crate) sight: Sight,
    pub(crate) things: Vec<(Place, Fixture)>,
    token: String,
    role: i64,
    granted: Vec<String>,
}

impl Company {
    pub(crate) async fn found(server: Server, sight: Sight) -> Self {
        let root = server.get("/api/platform/department/list", json!({})).await["departments"][0]["depId"].clone();
        let root = root.as_i64().unwrap();
        let department = async |name: &str, parent: i64| {
            let new = json!({ "depName": name, "parentId": parent });
            server.get("/api/platform/department/create", new).await["depId"].as_i64().unwrap()
        };
        let own = department("own", root).await;
        let (child, sibling) = (department("child", own).await, department("sibling", root).await);
        let all: Vec<String> = Permission::ALL.iter().map(ToString::to_string).collect();
        let mut role = json!({ "roleName": "somebody", "permissions": all, "dataScope": sight.scope() });
        if sight == Sight::Custom {
            role["depIds"] = json!([sibling]);
        }
        let role = server.get("/api/platform/role/create", role).await["roleId"].as_i64().unwrap();
        let somebody = json!({
            "employeeName": "某人", "username": "somebody", "password": PASSWORD, "depId": own, "roleId": role,
        });
        server.get("/api/platform/employee/create", somebody).await;
        let token = server.sign_in("somebody", PASSWORD).await;
        let mut things = Vec::new();
        if sight == Sight::OwnThings {
            things.push((Place::Own, Fixture::fill(&server, &token, (root, own), "own").await));
        } else {
            for (place, parent, department, tag) in [
                (Place::Own, root, own, "own"),
                (Place::Child, own, child, "child"),
                (Place::Sibling, root, sibling, "sib"),
            ] {
                things.push((place, Fixture::fill(&server, &server.token, (parent, department), tag).await));
            }
        }
        Self { server, sight, things, token, role, granted: all }
    }

    /// From now on somebody holds exactly these permissions; it is in force at once.
    pub(crate) async fn grant(&mut self, permissions: &[String]) {
        if self.granted != permissions {
            let change = json!({ "roleId": self.role, "permissions": permissions });
            self.server.get("/api/platform/role/update", change).await;
            self.granted = permissions.to_vec();
        }
    }

    /// Somebody tries.
    pub(crate) async fn attempt(&mut self, good: &Good) -> Answer {
        let answer = self.server.try_good(&self.token, good).await;
        if good.path.ends_with("account/sign-out") && answer.status == 200 {
            self.token = self.server.sign_in("somebody", PASSWORD).await;
        }
        answer
    }

    /// All that is stored, apart from what the test itself changes.
    pub(crate) async fn stored(&self) -> Vec<String> {
        let rows = self.server.stored().await;
        // That somebody has read an asset is written down wherever they may.
        let tests_own = ["token:", "role:", "audit:", "asset_access:"];
        rows.into_iter().filter(|row| !tests_own.iter().any(|it| row.starts_with(it))).collect()
    }
}

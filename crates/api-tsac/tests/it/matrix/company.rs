//! A company of departments with one of everything in each, and somebody who sees a part of it.

use baigong_model::Permission;
use serde_json::{Value, json};

use super::rules::{Row, Rule};
use crate::{
    fixture::{Fixture, Good},
    server::{Answer, PASSWORD, Server},
};

/// How far somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// The data scope "all".
    All,
    /// "department".
    Department,
    /// "department-and-below".
    Below,
    /// "custom": the sibling department.
    Custom,
    /// "self", where others made what is there.
    OthersThings,
    /// "self", where they made it themselves.
    OwnThings,
}

/// Where something is, seen from somebody's department.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Own,
    Child,
    Sibling,
}

impl Sight {
    fn scope(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Department => "department",
            Self::Below => "department-and-below",
            Self::Custom => "custom",
            Self::OthersThings | Self::OwnThings => "self",
        }
    }

    /// Whether the department at `place` is seen.
    fn covers(self, place: Place) -> bool {
        match self {
            Self::All => true,
            Self::Department | Self::OthersThings | Self::OwnThings => place == Place::Own,
            Self::Below => place != Place::Sibling,
            Self::Custom => place == Place::Sibling,
        }
    }

    /// Whether what an id names at `place` is seen.
    pub(crate) fn sees(self, place: Place, rule: Rule) -> bool {
        match rule {
            Rule::Shared => true,
            Rule::Department => self.covers(place),
            Rule::Below => self == Self::All || self == Self::Below && self.covers(place),
            Rule::Object => self.covers(place) && self != Self::OthersThings,
            Rule::Employee => self.covers(place) && !matches!(self, Self::OthersThings | Self::OwnThings),
            Rule::Own => self == Self::OwnThings,
        }
    }

    /// Whether an operation on the things at `place` is allowed, given the permission.
    pub(crate) fn allows(self, place: Place, row: &Row, body: &Value) -> bool {
        let mut ids = row.objects.iter().filter(|(field, _)| !body[field].is_null());
        ids.all(|(_, rule)| self.sees(place, *rule))
    }
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

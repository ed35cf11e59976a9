//! What stands behind ids: the names that a list shows beside them. Whoever sees a row may know what it names.

use std::collections::HashMap;

use baigong_model::Result;
use baigong_store::{
    audits,
    entity::{package, process, robot},
    packages, processes, robots, users,
};

use crate::{
    Platform,
    departments::{self, Tree},
};

/// What is to be looked up.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Users.
    pub users: Vec<i64>,
    /// Robots.
    pub robots: Vec<i64>,
    /// Processes.
    pub processes: Vec<i64>,
    /// Package versions.
    pub packages: Vec<i64>,
}

/// What was found, deleted or not.
pub struct Directory {
    /// The departments.
    pub tree: std::sync::Arc<Tree>,
    /// What users sign in with.
    pub users: HashMap<i64, String>,
    /// Robots; what is secret about them is taken out.
    pub robots: HashMap<i64, robot::Model>,
    /// Processes.
    pub processes: HashMap<i64, process::Model>,
    /// Package versions.
    pub packages: HashMap<i64, package::Model>,
}

impl Directory {
    /// Looks up what is wanted, and who made the processes and uploaded the packages among it.
    pub async fn look_up(platform: &Platform, wanted: Wanted) -> Result<Self> {
        let store = &platform.store;
        let processes = processes::by_ids(store, &once(wanted.processes)).await?;
        let activated = processes.iter().filter_map(|process| process.package_id);
        let packages = packages::by_ids(store, &once(wanted.packages.into_iter().chain(activated).collect())).await?;
        let mut robots = robots::by_ids(store, &once(wanted.robots)).await?;
        for robot in &mut robots {
            robot.secret_hash.clear();
            robot.machine_password = None;
        }
        let makers = processes.iter().map(|process| process.created_by);
        let makers = makers.chain(packages.iter().map(|package| package.created_by));
        let users = once(wanted.users.into_iter().chain(makers).collect());
        Ok(Self {
            tree: departments::tree(platform).await?,
            users: users::usernames(store, &users).await?,
            robots: robots.into_iter().map(|row| (row.id, row)).collect(),
            processes: processes.into_iter().map(|row| (row.id, row)).collect(),
            packages: packages.into_iter().map(|row| (row.id, row)).collect(),
        })
    }

    /// What the user signs in with; "" for the platform and for nobody.
    #[must_use]
    pub fn user(&self, id: i64) -> &str {
        self.users.get(&id).map_or("", String::as_str)
    }

    /// The name of a department.
    #[must_use]
    pub fn department(&self, id: i64) -> &str {
        self.tree.get(id).map_or("", |row| row.name.as_str())
    }
}

fn once(mut ids: Vec<i64>) -> Vec<i64> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// When each of the objects of `kind` ("robot", "employee") was last changed, where that is known.
pub async fn changed_at(platform: &Platform, kind: &str, ids: &[i64]) -> Result<HashMap<i64, i64>> {
    audits::last(&platform.store, kind, None, ids).await
}

/// When each of the users signed in last.
pub async fn signed_in_at(platform: &Platform, ids: &[i64]) -> Result<HashMap<i64, i64>> {
    audits::last(&platform.store, "employee", Some("sign-in"), ids).await
}

//! The codes of departments: each has one of its own, unique among its siblings, and a cascade made of those above it:
//! `-010-025-026-`. A department without a code goes by its id.

use std::collections::BTreeSet;

use baigong_model::{Error, Result, ids::DepartmentId};
use baigong_store::{Tx, departments as rows};

use super::{Details, Tree};
use crate::{Caller, Platform, names};

/// The longest code, in letters.
const LONGEST: usize = 32;

impl Tree {
    /// The department's own code.
    #[must_use]
    pub fn code(&self, id: DepartmentId) -> String {
        self.get(id).and_then(|row| row.code.clone()).unwrap_or_else(|| id.to_string())
    }

    /// The codes from the root down to the department: `-010-025-`.
    #[must_use]
    pub fn cascade_code(&self, id: DepartmentId) -> String {
        self.cascade(id, |id| self.code(id))
    }

    /// The names from the root down to the department: `-总公司-运营部-`.
    #[must_use]
    pub fn cascade_name(&self, id: DepartmentId) -> String {
        self.cascade(id, |id| self.get(id).map(|row| row.name.clone()).unwrap_or_default())
    }

    fn cascade(&self, id: DepartmentId, word: impl Fn(DepartmentId) -> String) -> String {
        let words: Vec<String> = self.upwards(id).into_iter().rev().map(word).collect();
        if words.is_empty() { String::new() } else { format!("-{}-", words.join("-")) }
    }
}

/// The live department that `code` names to the caller: by its cascade, with or without the outer dashes, else by its own
/// code, where only one that they see has it.
pub async fn by_code(platform: &Platform, caller: &Caller, field: &str, code: &str) -> Result<DepartmentId> {
    let tree = super::tree(platform).await?;
    let wanted = code.trim().trim_matches('-');
    let seen = tree.parents_first().filter(|row| row.deleted_at.is_none() && caller.scope().covers(row.id));
    let seen: BTreeSet<DepartmentId> = seen.map(|row| row.id).collect();
    if let Some(id) = seen.iter().find(|id| tree.cascade_code(**id).trim_matches('-') == wanted) {
        return Ok(*id);
    }
    let mut own = seen.iter().filter(|id| tree.code(**id) == wanted);
    match (own.next(), own.next()) {
        (Some(id), None) => Ok(*id),
        (Some(_), Some(_)) => Err(Error::invalid(field, "several departments have this code: give the whole cascade")),
        (None, _) => Err(Error::not_found("department", code)),
    }
}

/// The same; without a code, the caller's own department.
pub async fn by_code_or_home(
    platform: &Platform,
    caller: &Caller,
    field: &str,
    code: Option<&str>,
) -> Result<DepartmentId> {
    match code.filter(|code| !code.trim().is_empty()) {
        Some(code) => by_code(platform, caller, field, code).await,
        None => super::home(platform, caller).await,
    }
}

/// The details, with a code that a cascade can be made of.
pub(super) fn checked(details: Details) -> Result<Details> {
    let code = match details.code {
        Some(code) => Some(code_of(&code)?),
        None => None,
    };
    Ok(Details { code, position: details.position, remark: names::remark(details.remark)? })
}

fn code_of(text: &str) -> Result<String> {
    let code = text.trim().trim_matches('-');
    let is_plain = code.chars().all(|letter| !letter.is_control() && !letter.is_whitespace() && letter != '-');
    match code.chars().count() {
        1..=LONGEST if is_plain => Ok(code.to_owned()),
        _ => Err(Error::invalid("curCode", format!("must have 1 to {LONGEST} letters, none of them blank or -"))),
    }
}

/// Fails if a live sibling has the code already, or goes by it as its id.
pub(super) async fn need_free(tx: &Tx, parent: DepartmentId, code: Option<&str>, except: DepartmentId) -> Result<()> {
    let Some(code) = code else { return Ok(()) };
    let tree = Tree::of(rows::all_in(tx).await?, 0);
    let is_taken = |id: DepartmentId| id != except && tree.is_live(id) && tree.code(id) == code;
    let taken = tree.parents_first().any(|row| row.parent_id == parent && is_taken(row.id));
    if taken { Err(Error::already_exists("department", code)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        departments::{NewDepartment, create_with},
        testing::on_both,
    };

    #[tokio::test(flavor = "multi_thread")]
    async fn a_department_is_found_by_its_cascade_or_by_its_own_code_where_it_is_the_only_one() {
        on_both(async |world| {
            let (platform, admin) = (&world.platform, &world.admin);
            let make = async |parent_id, name: &str, code: &str| {
                let details = Details { code: Some(code.into()), ..Details::default() };
                create_with(platform, admin, NewDepartment { name: name.into(), parent_id }, details).await
            };
            let ops = make(world.north, "ops", "025").await.unwrap();
            let desk = make(ops, "desk", "-026-").await.unwrap();
            make(world.south, "other", "026").await.unwrap();
            assert!(matches!(make(world.north, "twin", "025").await, Err(Error::AlreadyExists { .. })));
            assert!(matches!(make(world.north, "bad", "0-2").await, Err(Error::Invalid { .. })));
            let tree = crate::departments::tree(platform).await.unwrap();
            let cascade = tree.cascade_code(desk);
            assert!(cascade.ends_with("-025-026-") && tree.cascade_name(desk).ends_with("-ops-desk-"), "{cascade}");
            let find = async |caller, code: &str| by_code(platform, caller, "orgCode", code).await;
            assert_eq!(find(admin, &cascade).await.unwrap(), desk);
            assert_eq!(find(admin, cascade.trim_matches('-')).await.unwrap(), desk);
            assert_eq!(find(admin, "025").await.unwrap(), ops);
            assert!(matches!(find(admin, "026").await, Err(Error::Invalid { .. })), "two have it");
            assert!(matches!(find(&world.norths, "025").await, Err(Error::NotFound { .. })), "they do not see it");
            assert_eq!(find(&world.norths, &world.north.to_string()).await.unwrap(), world.north);
        })
        .await;
    }
}

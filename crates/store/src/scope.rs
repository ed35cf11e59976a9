//! What a caller may see. Every query of a list or an object takes a [`Scope`]; only `core` makes one, from the token.

use std::{collections::BTreeSet, sync::Arc};

use baigong_model::{
    Result,
    ids::{DepartmentId, UserId},
};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction as Tx};

use crate::sql;

/// Which rows a caller may see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything.
    All,
    /// Rows of these departments.
    Departments(Arc<BTreeSet<DepartmentId>>),
    /// Rows that the caller made.
    Own(Arc<Own>),
}

/// The rows that one user made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Own {
    /// Who made them.
    pub user: UserId,
    /// The user's department: the one where they may put new things, and the only one they see.
    pub home: DepartmentId,
    /// Only rows of these departments, where a list was asked for a part.
    pub part: Option<BTreeSet<DepartmentId>>,
}

impl Scope {
    /// Rows that `user` made; they put new ones into `home`.
    #[must_use]
    pub fn own(user: UserId, home: DepartmentId) -> Self {
        Self::Own(Arc::new(Own { user, home, part: None }))
    }

    /// Whether a row of `department` that `owner` made is visible.
    #[must_use]
    pub fn sees(&self, department: DepartmentId, owner: UserId) -> bool {
        match self {
            Self::All => true,
            Self::Departments(departments) => departments.contains(&department),
            Self::Own(own) => {
                own.user == owner && own.part.as_ref().is_none_or(|departments| departments.contains(&department))
            }
        }
    }

    /// Whether `department` itself is visible, and new things may be put there.
    #[must_use]
    pub fn covers(&self, department: DepartmentId) -> bool {
        match self {
            Self::All => true,
            Self::Departments(departments) => departments.contains(&department),
            Self::Own(own) => {
                own.home == department && own.part.as_ref().is_none_or(|departments| departments.contains(&department))
            }
        }
    }

    /// The part of this scope that lies within `departments`.
    #[must_use]
    pub fn within(&self, departments: BTreeSet<DepartmentId>) -> Self {
        let common = |mine: &BTreeSet<DepartmentId>| mine.intersection(&departments).copied().collect();
        match self {
            Self::All => Self::Departments(Arc::new(departments)),
            Self::Departments(mine) => Self::Departments(Arc::new(common(mine))),
            Self::Own(own) => {
                let part = own.part.as_ref().map(common);
                Self::Own(Arc::new(Own { user: own.user, home: own.home, part: Some(part.unwrap_or(departments)) }))
            }
        }
    }

    /// As a condition on the columns that hold the department and who made the row.
    pub fn condition(&self, department: impl ColumnTrait, owner: impl ColumnTrait) -> Condition {
        match self {
            Self::All => Condition::all(),
            Self::Departments(departments) => Condition::all().add(department.is_in(departments.iter().copied())),
            Self::Own(own) => {
                let part = own.part.as_ref().map(|departments| department.is_in(departments.iter().copied()));
                Condition::all().add(owner.eq(own.user)).add_option(part)
            }
        }
    }
}

/// Those of `ids` whose rows of `table` are live and visible, inside a write, in order.
pub(crate) async fn visible(tx: &Tx, scope: &Scope, table: &str, ids: &[i64]) -> Result<Vec<i64>> {
    let mut visible = Vec::with_capacity(ids.len());
    for ids in ids.chunks(1000) {
        let text = format!(
            "SELECT id, department_id, created_by FROM {table} WHERE deleted_at IS NULL AND id IN {} ORDER BY id",
            sql::places(tx, 1, ids.len(), 0)
        );
        for row in sql::rows(tx, &text, ids.iter().map(|id| (*id).into()).collect()).await? {
            if scope.sees(sql::get(&row, 1)?, sql::get(&row, 2)?) {
                visible.push(sql::get(&row, 0)?);
            }
        }
    }
    Ok(visible)
}

#[cfg(test)]
mod tests {
    use super::Scope;

    #[test]
    fn a_part_is_never_more_than_the_whole() {
        let north = Scope::All.within([1, 2].into());
        assert!(north.sees(1, 7) && north.covers(2) && !north.sees(3, 7) && !north.covers(3));
        assert_eq!(north.within([2, 3].into()), Scope::All.within([2].into()));
        let own = Scope::own(7, 1);
        assert!(own.sees(1, 7) && own.sees(3, 7), "what one made stays one's own wherever it is");
        assert!(!own.sees(1, 8) && own.covers(1) && !own.covers(3));
        let part = own.within([3, 4].into());
        assert!(part.sees(3, 7) && !part.sees(1, 7) && !part.sees(3, 8) && !part.covers(1));
        assert!(!part.within([1, 4].into()).sees(3, 7));
    }
}

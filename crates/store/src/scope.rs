//! What a caller may see. Every query of a list or an object takes a [`Scope`]; only `core` makes one, from the token.

use std::{collections::BTreeSet, sync::Arc};

use baigong_model::ids::DepartmentId;
use sea_orm::{ColumnTrait, Condition};

/// The departments whose rows a caller may see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything.
    All,
    /// Rows of these departments.
    Departments(Arc<BTreeSet<DepartmentId>>),
}

impl Scope {
    /// Whether rows of `department` are visible.
    #[must_use]
    pub fn sees(&self, department: DepartmentId) -> bool {
        match self {
            Self::All => true,
            Self::Departments(departments) => departments.contains(&department),
        }
    }

    /// The part of this scope that lies within `departments`.
    #[must_use]
    pub fn within(&self, departments: BTreeSet<DepartmentId>) -> Self {
        Self::Departments(Arc::new(match self {
            Self::All => departments,
            Self::Departments(mine) => mine.intersection(&departments).copied().collect(),
        }))
    }

    /// As a condition on the column that holds the department.
    pub fn condition(&self, column: impl ColumnTrait) -> Condition {
        match self {
            Self::All => Condition::all(),
            Self::Departments(departments) => Condition::all().add(column.is_in(departments.iter().copied())),
        }
    }
}

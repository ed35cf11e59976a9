//! What every list takes: the caller's scope, a search word, whether deleted rows are wanted.

use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait, Func, LikeExpr},
};

use crate::scope::Scope;

/// Which rows of a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListFilter {
    /// Only rows that this sees.
    pub scope: Scope,
    /// Only rows whose name contains this, whatever its capitals.
    pub keyword: Option<String>,
    /// Deleted rows too.
    pub include_deleted: bool,
}

impl ListFilter {
    /// All live rows that `scope` sees.
    #[must_use]
    pub fn all(scope: Scope) -> Self {
        Self { scope, keyword: None, include_deleted: false }
    }

    /// As a condition on the columns of a table that belongs to departments.
    pub(crate) fn condition(
        &self,
        department: impl ColumnTrait,
        owner: impl ColumnTrait,
        name: impl ColumnTrait,
        deleted_at: impl ColumnTrait,
    ) -> Condition {
        self.without_scope(name, deleted_at).add(self.scope.condition(department, owner))
    }

    /// The same for a table that belongs to no department.
    pub(crate) fn without_scope(&self, name: impl ColumnTrait, deleted_at: impl ColumnTrait) -> Condition {
        let live = (!self.include_deleted).then(|| deleted_at.is_null());
        Condition::all().add_option(live).add_option(self.keyword.as_deref().map(|keyword| contains(name, keyword)))
    }
}

/// Whether the column contains `keyword`. The database lowers only ASCII letters on one of the engines, so the word as
/// it was written counts too.
pub(crate) fn contains(column: impl ColumnTrait, keyword: &str) -> Condition {
    let pattern = |text: &str| LikeExpr::new(format!("%{}%", escaped(text))).escape('!');
    Condition::any()
        .add(Expr::expr(Func::lower(Expr::col(column.as_column_ref()))).like(pattern(&keyword.to_lowercase())))
        .add(Expr::col(column.as_column_ref()).like(pattern(keyword)))
}

/// `%` and `_` are letters like any other.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '!') {
            escaped.push('!');
        }
        escaped.push(letter);
    }
    escaped
}

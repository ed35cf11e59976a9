//! How far a role reaches: which rows its holders see.

use std::{fmt, str::FromStr};

/// Which rows the holder of a role sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataScope {
    /// Everything.
    All,
    /// The departments that the role lists.
    Custom,
    /// The holder's department.
    Department,
    /// The holder's department and all below.
    DepartmentAndBelow,
    /// What the holder made.
    Own,
}

impl DataScope {
    /// Every data scope.
    pub const ALL: [Self; 5] = [Self::All, Self::Custom, Self::Department, Self::DepartmentAndBelow, Self::Own];

    /// The word that is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Custom => "custom",
            Self::Department => "department",
            Self::DepartmentAndBelow => "department-and-below",
            Self::Own => "self",
        }
    }
}

impl fmt::Display for DataScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for DataScope {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::DataScope;

    #[test]
    fn every_data_scope_is_found_by_its_word() {
        for scope in DataScope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
        assert_eq!("everything".parse::<DataScope>(), Err(()));
    }
}

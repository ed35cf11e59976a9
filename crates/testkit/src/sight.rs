//! How far somebody sees and where a thing is: the callers that every interface's rules are tried with.

/// How far somebody sees, by the data scope of their role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
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
pub enum Place {
    /// Their department.
    Own,
    /// One below it.
    Child,
    /// One beside it.
    Sibling,
}

impl Sight {
    /// The data scope of the role.
    #[must_use]
    pub fn scope(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Department => "department",
            Self::Below => "department-and-below",
            Self::Custom => "custom",
            Self::OthersThings | Self::OwnThings => "self",
        }
    }

    /// Whether the department at `place` is seen.
    #[must_use]
    pub fn covers(self, place: Place) -> bool {
        match self {
            Self::All => true,
            Self::Department | Self::OthersThings | Self::OwnThings => place == Place::Own,
            Self::Below => place != Place::Sibling,
            Self::Custom => place == Place::Sibling,
        }
    }

    /// Whether a department below the one at `place` is seen.
    #[must_use]
    pub fn covers_below(self, place: Place) -> bool {
        self == Self::All || self == Self::Below && self.covers(place)
    }

    /// Whether a thing that lies in the department at `place` is seen.
    #[must_use]
    pub fn sees_things(self, place: Place) -> bool {
        self.covers(place) && self != Self::OthersThings
    }

    /// Whether a user of the department at `place` is seen, who is somebody else.
    #[must_use]
    pub fn sees_users(self, place: Place) -> bool {
        self.covers(place) && !matches!(self, Self::OthersThings | Self::OwnThings)
    }
}

//! Pages of lists: numbered from 1, at most 1000 rows, 100 unless said.

use crate::{Error, Result};

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Page {
    number: u64,
    size: u64,
}

impl Page {
    /// The largest page.
    pub const MAX_SIZE: u64 = 1000;

    /// Page `number` (from 1) of `size` rows; `None` takes the default (1, 100).
    pub fn new(number: Option<i64>, size: Option<i64>) -> Result<Self> {
        let number = u64::try_from(number.unwrap_or(1)).ok().filter(|n| (1..=1_000_000_000).contains(n));
        let size = u64::try_from(size.unwrap_or(100)).ok().filter(|n| (1..=Self::MAX_SIZE).contains(n));
        Ok(Self {
            number: number.ok_or_else(|| Error::invalid("pageNum", "must be 1 or more"))?,
            size: size.ok_or_else(|| Error::invalid("pageSize", "must be between 1 and 1000"))?,
        })
    }

    /// How many rows come before this page.
    #[must_use]
    pub fn offset(self) -> u64 {
        (self.number - 1) * self.size
    }

    /// How many rows it holds at most.
    #[must_use]
    pub fn size(self) -> u64 {
        self.size
    }
}

/// One page of rows and how many there are in all.
#[derive(Debug, Clone)]
pub struct PageOf<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// How many rows all pages together hold.
    pub total: u64,
}

impl<T> PageOf<T> {
    /// The same page with every row turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> PageOf<U> {
        PageOf { rows: self.rows.into_iter().map(f).collect(), total: self.total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_count_from_one_and_are_bounded() {
        assert_eq!(Page::new(None, None).map(|p| (p.offset(), p.size())).ok(), Some((0, 100)));
        assert_eq!(Page::new(Some(3), Some(20)).map(Page::offset).ok(), Some(40));
        for (number, size) in [(0, 1), (-1, 1), (1, 0), (1, 1001), (i64::MAX, 1)] {
            assert!(Page::new(Some(number), Some(size)).is_err(), "{number}/{size} must be refused");
        }
    }
}

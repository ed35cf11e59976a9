//! A set of small numbers, 0 to 255: the values a field allows. Years are counted from [`FIRST_YEAR`].

/// The first year an expression can name.
pub(super) const FIRST_YEAR: u16 = 1970;
/// The last year an expression can name and a search looks at.
pub(super) const LAST_YEAR: u16 = 2199;

const WORD: usize = 64;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Values([u64; 4]);

impl Values {
    pub(super) fn insert(&mut self, value: usize) {
        self.0[value / WORD] |= 1 << (value % WORD);
    }

    /// The smallest value that is `from` or more.
    pub(super) fn from(&self, from: usize) -> Option<usize> {
        let mut at = from;
        while let Some(word) = self.0.get(at / WORD) {
            let rest = word >> (at % WORD);
            if rest != 0 {
                return Some(at + rest.trailing_zeros() as usize);
            }
            at = (at / WORD + 1) * WORD;
        }
        None
    }

    /// The values below 32 as bits.
    pub(super) fn low_bits(&self) -> u32 {
        u32::try_from(self.0[0] & u64::from(u32::MAX)).unwrap_or_default()
    }
}

impl FromIterator<usize> for Values {
    fn from_iter<I: IntoIterator<Item = usize>>(values: I) -> Self {
        let mut set = Self::default();
        values.into_iter().for_each(|value| set.insert(value));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_value_is_found_in_and_beyond_its_word() {
        let set: Values = [3, 63, 64, 229].into_iter().collect();
        let expected = [(0, Some(3)), (3, Some(3)), (4, Some(63)), (64, Some(64)), (65, Some(229)), (230, None)];
        for (from, next) in expected {
            assert_eq!(set.from(from), next, "from {from}");
        }
        assert_eq!(set.low_bits(), 1 << 3);
    }
}

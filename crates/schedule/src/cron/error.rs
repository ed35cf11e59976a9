//! What can be wrong with an expression, in words for the person who wrote it.

use super::field::Field;

/// Why an expression was refused. The text names the field, what stands there, and what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Too few or too many fields.
    #[error(
        "a cron expression has 6 or 7 fields (seconds minutes hours day-of-month month day-of-week [year]) or the 5 of Unix \
         cron (minutes hours day-of-month month day-of-week); this one has {count}"
    )]
    FieldCount {
        /// How many it has.
        count: usize,
    },
    /// Longer than anything meant.
    #[error("a cron expression has at most {} characters", super::LONGEST)]
    TooLong,
    /// Something in a field that is not a value of it.
    #[error("{field}: `{item}` cannot be read; {}", .field.hint())]
    Unreadable {
        /// Where.
        field: Field,
        /// What stands there.
        item: String,
    },
    /// A value outside the field's limits.
    #[error("{field}: `{item}` is outside {first} to {last}")]
    OutOfRange {
        /// Where.
        field: Field,
        /// What stands there.
        item: String,
        /// The smallest value allowed.
        first: u32,
        /// The largest value allowed.
        last: u32,
    },
    /// A step of 0, or larger than the field.
    #[error("{field}: the step of `{item}` must be 1 to {largest}")]
    Step {
        /// Where.
        field: Field,
        /// What stands there.
        item: String,
        /// The largest step allowed.
        largest: u32,
    },
    /// Nothing between two commas.
    #[error("{field}: `{item}` has a comma too many")]
    EmptyItem {
        /// Where.
        field: Field,
        /// What stands there.
        item: String,
    },
    /// Something that cannot be part of a list.
    #[error("{field}: `{item}` must stand alone, not in a list; make one trigger for each")]
    NotInList {
        /// Where.
        field: Field,
        /// What stands there.
        item: String,
    },
    /// Years backwards.
    #[error("{field}: `{item}` ends before it begins")]
    Backwards {
        /// Where.
        field: Field,
        /// What stands there.
        item: String,
    },
    /// Day of month and day of week both given.
    #[error("day of month and day of week are both given; write ? in the one that does not matter")]
    BothDays,
    /// Day of month and day of week both left open.
    #[error("day of month and day of week are both ?; write * in day of month for every day")]
    NeitherDay,
}

/// The error for `item`, which is no value of `field`.
pub(super) fn unreadable(field: Field, item: &str) -> CronError {
    CronError::Unreadable { field, item: item.to_owned() }
}

/// The error for `item`, which has a number outside `first` to `last`.
pub(super) fn outside(field: Field, item: &str, (first, last): (u32, u32)) -> CronError {
    CronError::OutOfRange { field, item: item.to_owned(), first, last }
}

//! The positions of an invented fund as the custodian bank and as its own valuation see them. All money is in whole fen
//! (cents), so what the reconciliation must find is known from integers alone. No real holdings.

mod files;
mod random;

pub(crate) use files::{custodian_workbook, valuation_csv};
use random::Random;

/// The seed of the committed files.
const SEED: u64 = 20_261_121;
/// How many securities there are on either side.
const SECURITIES: usize = 360;

/// How many securities one side holds, and what they are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Side {
    /// Shares or units.
    pub(crate) quantity: i64,
    /// Market value in fen.
    pub(crate) value: i64,
}

/// One security as both sides see it; `None` where a side does not have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    /// Its code, with its leading zeros.
    pub(crate) code: String,
    /// What the custodian says.
    pub(crate) custodian: Option<Side>,
    /// What our valuation says.
    pub(crate) valuation: Option<Side>,
}

/// What the reconciliation must find.
#[derive(Debug)]
pub(crate) struct Expected {
    /// How many securities agree.
    pub(crate) matched: usize,
    /// Those that do not, in the order of the result: the custodian's, then those only the valuation has.
    pub(crate) differences: Vec<Position>,
    /// The custodian's value less ours, over all differences, in fen.
    pub(crate) total_difference: i64,
}

/// All positions, in the custodian's order: by code.
pub(crate) fn positions() -> Vec<Position> {
    let mut random = Random::new(SEED);
    let mut codes = codes(&mut random);
    random.shuffle(&mut codes);
    let mut positions: Vec<Position> =
        codes.into_iter().enumerate().map(|(index, code)| position(index, code, &mut random)).collect();
    positions.sort_by(|a, b| a.code.cmp(&b.code));
    positions
}

/// Distinct codes from the ranges of the exchanges: Shenzhen, Shanghai, funds, bonds, and five digits from Hong Kong.
fn codes(random: &mut Random) -> Vec<String> {
    let ranges: [(u64, u64, usize); 9] = [
        (1, 999, 6),
        (2_001, 2_999, 6),
        (300_001, 300_999, 6),
        (600_000, 601_999, 6),
        (688_001, 688_799, 6),
        (159_901, 159_999, 6),
        (510_010, 510_990, 6),
        (19_600, 19_799, 6),
        (1, 9_999, 5),
    ];
    let mut codes = std::collections::BTreeSet::new();
    while codes.len() < SECURITIES {
        let (first, last, width) = ranges[codes.len() % ranges.len()];
        let number = first + random.below(last - first + 1);
        codes.insert(format!("{number:0width$}"));
    }
    codes.into_iter().collect()
}

/// The first positions of the shuffled list are the ones with something wrong.
fn position(index: usize, code: String, random: &mut Random) -> Position {
    let quantity = 100 * (1 + random.below(20_000)).cast_signed();
    let price = (800 + random.below(199_200)).cast_signed(); // thousandths of a yuan: 0.800 to 199.999
    let side = |quantity: i64, price: i64| Side { quantity, value: quantity * price / 10 };
    let ours = side(quantity, price);
    let off = |fen: i64| Side { value: ours.value + fen, ..ours };
    let traded = 100 * (1 + random.below(50)).cast_signed();
    let (custodian, valuation) = match index {
        0..12 => (Some(side(quantity + traded, price)), Some(ours)), // a trade we have not booked
        12..18 => (Some(ours), Some(side(quantity + traded, price))), // a trade the bank has not settled
        18..27 => (Some(side(quantity, price + 10)), Some(ours)),    // another price
        27..31 => (Some(off(2)), Some(ours)),                        // rounding, over the tolerance
        31..33 => (Some(off(-2)), Some(ours)),
        33..39 => (Some(off(1)), Some(ours)), // rounding, within the tolerance: agrees
        39..43 => (Some(off(-1)), Some(ours)),
        43..46 => (Some(Side { quantity: quantity + traded, ..ours }), Some(ours)), // quantity alone, difference 0
        46..51 => (Some(side(traded, price)), None),
        51..55 => (None, Some(side(traded, price))),
        _ => (Some(ours), Some(ours)),
    };
    Position { code, custodian, valuation }
}

/// What must be found when values may differ by `tolerance` fen.
pub(crate) fn expected(positions: &[Position], tolerance: i64) -> Expected {
    let nothing = Side { quantity: 0, value: 0 };
    let mut differences = Vec::new();
    let mut total_difference = 0;
    for position in positions {
        let theirs = position.custodian.unwrap_or(nothing);
        let ours = position.valuation.unwrap_or(nothing);
        if theirs.quantity != ours.quantity || (theirs.value - ours.value).abs() > tolerance {
            total_difference += theirs.value - ours.value;
            differences.push(position.clone());
        }
    }
    let matched = positions.len() - differences.len();
    // The valuation file has its own order, see `valuation_order`.
    let order = valuation_order(positions);
    let rank = |position: &Position| match position.custodian {
        Some(_) => (0, positions.iter().position(|other| other.code == position.code)),
        None => (1, order.iter().position(|other| other.code == position.code)),
    };
    differences.sort_by_key(rank);
    Expected { matched, differences, total_difference }
}

/// Our valuation lists the largest values first.
pub(crate) fn valuation_order(positions: &[Position]) -> Vec<&Position> {
    let mut ours: Vec<&Position> = positions.iter().filter(|position| position.valuation.is_some()).collect();
    ours.sort_by_key(|position| (position.valuation.map(|side| -side.value), position.code.clone()));
    ours
}

/// Fen as yuan: -123456 is "-1234.56".
pub(crate) fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", (fen / 100).unsigned_abs(), (fen % 100).unsigned_abs())
}

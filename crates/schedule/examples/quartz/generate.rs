//! Expressions by chance, the same ones for the same seed: those made to be valid, and those broken afterwards.

/// SplitMix64: a few lines, and the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `first` to `last`, both included.
    fn roll(&mut self, first: u64, last: u64) -> u64 {
        first + self.next() % (last - first + 1)
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[(self.next() % from.len() as u64) as usize]
    }
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/// 2000-01-01 and the end of 2095.
const AFTER: (u64, u64) = (946_684_800, 3_976_214_400);

/// What must be in every comparison: the forms of Quartz's own documentation, and the edges of the day rules.
pub(crate) const NOTABLE: &[&str] = &[
    "0 0 12 * * ?",
    "0 15 10 ? * *",
    "0 15 10 * * ? 2027",
    "0 * 14 * * ?",
    "0 0/5 14,18 * * ?",
    "0 0-5 14 * * ?",
    "0 10,44 14 ? 3 WED",
    "0 15 10 ? * MON-FRI",
    "0 15 10 15 * ?",
    "0 15 10 L * ?",
    "0 15 10 L-2 * ?",
    "0 15 10 ? * 6L",
    "0 15 10 ? * 6L 2027-2030",
    "0 15 10 ? * 6#3",
    "0 0 12 1/5 * ?",
    "0 11 11 11 11 ?",
    "0 0 9 1W * ?",
    "0 0 9 2W * ?",
    "0 0 9 15W * ?",
    "0 0 9 28W 2 ?",
    "0 0 9 30W * ?",
    "0 0 9 31W * ?",
    "0 0 9 LW * ?",
    "0 0 9 L-1W * ?",
    "0 0 9 L-27W * ?",
    "0 0 9 L-30 * ?",
    "0 0 9 29 2 ?",
    "0 0 9 31 2 ?",
    "0 0 9 30,31 * ?",
    "0 0 9 ? * 1L",
    "0 0 9 ? * SUN#5",
    "0 0 9 ? * L",
    "0 0 9 ? * SAT-MON",
    "0 0 9 ? NOV-FEB 2-6/2",
    "0 50-10/7 22-2 * * ?",
    "0 0 0 28-3 * ?",
    "/20 /30 */6 1 1/4 ? 2027/3",
    "59 59 23 31 12 ?",
];

/// The lines for `Firings.java`: what is notable, and then by chance.
pub(crate) fn lines(count: usize, seed: u64) -> impl Iterator<Item = String> {
    let mut dice = Dice(seed);
    let notable = NOTABLE.iter().zip(1_795_190_400..).map(|(text, after)| format!("valid\t{after}\t{text}"));
    notable.chain(std::iter::from_fn(move || Some(line(&mut dice)))).take(count)
}

/// A line made by chance.
fn line(dice: &mut Dice) -> String {
    let mut text = valid(dice);
    let is_broken = dice.roll(1, 10) <= 3;
    if is_broken {
        for _ in 0..dice.roll(1, 2) {
            text = broken(dice, &text);
        }
    }
    if dice.roll(1, 8) == 1 {
        text = text.to_lowercase();
    }
    format!("{}\t{}\t{text}", if is_broken { "broken" } else { "valid" }, dice.roll(AFTER.0, AFTER.1))
}

fn valid(dice: &mut Dice) -> String {
    let (second, minute, hour) = (time_field(dice, 59), time_field(dice, 59), time_field(dice, 23));
    let month = if dice.roll(1, 2) == 1 { "*".into() } else { named(dice, &MONTHS, 12) };
    let (day, weekday) = match dice.roll(1, 2) {
        1 => (day_of_month(dice), "?".into()),
        _ => ("?".into(), day_of_week(dice)),
    };
    let mut text = [second, minute, hour, day, month, weekday].join(" ");
    if dice.roll(1, 4) == 1 {
        text.push(' ');
        text.push_str(&year(dice));
    }
    text
}

fn time_field(dice: &mut Dice, last: u64) -> String {
    match dice.roll(1, 6) {
        1 => "*".into(),
        2 | 3 => dice.roll(0, last).to_string(),
        _ => plain(dice, 0, last, last),
    }
}

/// Any list of plain items.
fn plain(dice: &mut Dice, first: u64, last: u64, largest_step: u64) -> String {
    let count = if dice.roll(1, 3) == 1 { dice.roll(2, 4) } else { 1 };
    let items = (0..count).map(|_| {
        let (a, b) = (dice.roll(first, last), dice.roll(first, last));
        let step = dice.roll(1, largest_step);
        match dice.roll(1, 7) {
            1 => format!("*/{step}"),
            2 => format!("{a}/{step}"),
            3 => format!("{a}-{b}"),
            4 => format!("{a}-{b}/{step}"),
            5 => format!("/{step}"),
            6 => format!("{a:02}"),
            _ => a.to_string(),
        }
    });
    items.collect::<Vec<_>>().join(",")
}

fn named(dice: &mut Dice, names: &[&str], last: u64) -> String {
    match dice.roll(1, 4) {
        1 => dice.pick(names).into(),
        2 => format!("{}-{}", dice.pick(names), dice.pick(names)),
        3 => format!("{},{},{}", dice.pick(names), dice.roll(1, last), dice.pick(names)),
        _ => plain(dice, 1, last, last),
    }
}

fn day_of_month(dice: &mut Dice) -> String {
    match dice.roll(1, 8) {
        1 => "*".into(),
        2 => "L".into(),
        3 => "LW".into(),
        4 => format!("L-{}", dice.roll(0, 30)),
        // Further back Quartz never ends its search where the month is too short.
        5 => format!("L-{}W", dice.roll(0, 27)),
        6 => format!("{}W", dice.roll(1, 31)),
        _ => plain(dice, 1, 31, 31),
    }
}

fn day_of_week(dice: &mut Dice) -> String {
    match dice.roll(1, 9) {
        1 => "*".into(),
        2 => "L".into(),
        3 => format!("{}L", dice.roll(1, 7)),
        4 => format!("{}L", dice.pick(&WEEKDAYS)),
        5 => format!("{}#{}", dice.roll(1, 7), dice.roll(1, 5)),
        6 => format!("{}#{}", dice.pick(&WEEKDAYS), dice.roll(1, 5)),
        _ => named(dice, &WEEKDAYS, 7),
    }
}

fn year(dice: &mut Dice) -> String {
    let (a, span, step) = (dice.roll(2000, 2095), dice.roll(0, 60), dice.roll(1, 30));
    match dice.roll(1, 6) {
        1 => "*".into(),
        2 => a.to_string(),
        3 => format!("{a}-{}", a + span),
        4 => format!("{a}/{step}"),
        5 => format!("{a}-{}/{step}", a + span),
        _ => format!("{a},{}", a + span),
    }
}

/// The expression with one mistake, or what may turn out not to be one.
fn broken(dice: &mut Dice, text: &str) -> String {
    let mut fields: Vec<String> = text.split(' ').map(str::to_owned).collect();
    let field = dice.roll(0, fields.len() as u64 - 1) as usize;
    let next = (field + 1) % fields.len();
    match dice.roll(1, 8) {
        1 => drop(fields.remove(field)),
        2 => fields.insert(field, dice.pick(&["*", "?", "0", "5"]).into()),
        3 => fields[field] = dice.pick(WHOLE).into(),
        4 => fields[field].push_str(dice.pick(ITEMS)),
        5 => fields[field].push_str(dice.pick(ENDS)),
        6 => fields.swap(field, next),
        7 if fields[field].len() > 1 => drop(fields[field].remove(0)),
        _ => {
            let at = dice.roll(0, fields[field].len() as u64) as usize;
            fields[field].insert_str(at, dice.pick(SIGNS));
        }
    }
    fields.join(" ")
}

const WHOLE: &[&str] = &["?", "*", "L", "LW", "W", "#", "-", "/", ",", "MON", "FEB", "0", "8", "60", "2300"];
const ITEMS: &[&str] = &[",?", ",L", ",15W", ",6#3", ",2L", ",*", ",", ",99", ",*/0"];
const ENDS: &[&str] = &["L", "W", "#3", "#6", "/2", "/0", "/61", "-", "-5", "X", "?", "0"];
const SIGNS: &[&str] = &["0", "9", "*", "?", "/", "-", ",", "L", "W", "#", "Z"];

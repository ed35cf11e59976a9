//! The table, for the terminal and for the page in docs.

use crate::figure::{Figure, Target, Unit};
use crate::stats::Spread;

const HEAD: [&str; 7] =
    ["figure", "engine", "median (least – most)", "target", "met", "limit of the same run", "ratio"];

/// The table as aligned text.
pub(crate) fn text(figures: &[Figure]) -> String {
    let mut rows: Vec<[String; 7]> = vec![HEAD.map(str::to_owned)];
    rows.extend(figures.iter().flat_map(rows_of));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let line = |row: &[String; 7]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The page `docs/benchmarks.md`.
pub(crate) fn page(machine: &str, runs: u32, figures: &[Figure]) -> String {
    let mut page = format!("{INTRODUCTION}\n{runs} runs a figure on: {machine}.\n\n");
    page.push_str(&markdown(&HEAD.map(str::to_owned)));
    page.push_str(&markdown(&HEAD.map(|_| "---".to_owned())));
    for row in figures.iter().flat_map(rows_of) {
        page.push_str(&markdown(&row));
    }
    page.push_str(NOTES);
    page
}

fn markdown(row: &[String; 7]) -> String {
    format!("| {} |\n", row.join(" | "))
}

/// One row for the figure with its first limit, one more for each further limit.
fn rows_of(figure: &Figure) -> Vec<[String; 7]> {
    let measured = Spread::of(&figure.values);
    let median = measured.map_or(0.0, |it| it.median);
    let limit = figure.limits.first().and_then(|limit| Spread::of(&limit.values)).map(|it| it.median);
    let mut first = [
        figure.what.clone(),
        figure.engine.to_string(),
        measured.map_or_else(String::new, |it| spread(it, figure.unit)),
        figure.target.map_or_else(String::new, |target| shown(target, figure.unit)),
        figure.target.map_or("", |target| if target.is_met(median, limit) { "yes" } else { "no" }).to_owned(),
        String::new(),
        String::new(),
    ];
    let mut limits = figure.limits.iter().filter_map(|limit| {
        let values = Spread::of(&limit.values)?;
        let ratio = format!("{:.2}", median / values.median);
        Some((format!("{}: {} {}", limit.name, number(values.median), figure.unit.name()), ratio))
    });
    if let Some((limit, ratio)) = limits.next() {
        (first[5], first[6]) = (limit, ratio);
    }
    let further = limits.map(|(limit, ratio)| {
        let mut row: [String; 7] = Default::default();
        (row[5], row[6]) = (limit, ratio);
        row
    });
    let further: Vec<_> = further.collect();
    [vec![first], further].concat()
}

fn spread(it: Spread, unit: Unit) -> String {
    format!("{} {} ({} – {})", number(it.median), unit.name(), number(it.least), number(it.most))
}

fn shown(target: Target, unit: Unit) -> String {
    match target {
        Target::AtLeast(value) => format!("≥ {} {}", number(value), unit.name()),
        Target::AtMost(value) => format!("≤ {} {}", number(value), unit.name()),
        Target::ShareOfLimit(share) => format!("ratio ≥ {share:.2}"),
    }
}

/// Three significant digits or all before the point, thousands apart.
fn number(value: f64) -> String {
    if value < 100.0 {
        let digits = if value < 1.0 {
            3
        } else if value < 10.0 {
            2
        } else {
            1
        };
        return format!("{value:.digits$}");
    }
    let whole = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

const INTRODUCTION: &str = "\
# Benchmarks

Written by `make bench`; do not edit. Each figure stands beside what the same machine gave, in the same run, for the bare
engine, server or connection without a platform around it: the ratio says what the platform costs, and it travels to other
machines better than the figure does. *met* compares the median with the target set for a quiet machine of this kind.
";

const NOTES: &str = "
## How it is measured

- Everything runs on the one machine and shares its cores: the platform, the engine, and who asks it. Clients of HTTP run on
  one thread with a lean client of the bench's own (kept-alive connections, requests made beforehand, answers read by their
  length), so that they measure the platform and not themselves. Each waits for its answer before it asks again.
- Commits are durable: SQLite with `synchronous=FULL`, PostgreSQL with `fsync` and `synchronous_commit` on.
- *task life cycles*: task/create over HTTP with a token, the dispatcher gives the task to one of eight robots in the
  platform's process, which asks to start it and reports success at once; a client's next one begins when that report is
  durable. The limits for SQLite are one row and one commit at a time, and 256 rows a statement and commit, of the same row
  through the same driver; for PostgreSQL pgbench with the same four statements, each a commit, with as many clients.
- *claims*: the dispatcher's statement for as many free robots as said, beside the same claim without the platform.
- *queue*: one item a call, 32 callers, in `core`; push, then pop of all of them, then finish.
- *queue … over HTTP*: one item a request with a token, 64 connections; on an empty queue and on one in which 100,000
  items wait. The limits are those of *queue*; that of a whole cycle is the three of them one after the other.
- *create → start granted*: one task at a time on an idle platform, from before the request is sent until the robot has
  leave to start. The limit is the three commits that this takes on the bare engine, one after the other.
- *log lines*: 32 callers, each with requests of 100 lines of some 80 characters.
- *10,000 robots*: real WebSockets from a second process to the real program with nothing else to do; bare WebSockets
  answer the same client with a fixed text. Reconnecting is counted from the moment the platform is told to stop.
- *start*: from starting the program until `/readyz` says yes. *program* is the release build without its symbols.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Engine;

    #[test]
    fn numbers_are_short_and_readable() {
        let shown: Vec<String> = [0.1234, 1.234, 12.34, 123.4, 1234.0, 1_234_567.0].map(number).into();
        assert_eq!(shown, ["0.123", "1.23", "12.3", "123", "1,234", "1,234,567"]);
    }

    #[test]
    fn a_figure_has_a_row_for_each_limit() {
        let mut figure = Figure::new("claims", Engine::Sqlite, Unit::PerSecond).at_least(1000.0, 1.0);
        figure.add(1500.0);
        figure.add(500.0);
        figure.add(2000.0);
        figure.beside("bare", 3000.0);
        figure.beside("barer", 6000.0);
        let rows = rows_of(&figure);
        assert_eq!(rows[0][2..], ["1,500 /s (500 – 2,000)", "≥ 1,000 /s", "yes", "bare: 3,000 /s", "0.50"]);
        assert_eq!(rows[1], ["", "", "", "", "", "barer: 6,000 /s", "0.25"]);
        assert!(page("a machine", 3, &[figure]).contains("| claims | SQLite | 1,500 /s (500 – 2,000) |"));
    }

    #[test]
    fn a_target_may_be_a_share_of_what_stands_beside() {
        for (share, met) in [(0.75, "yes"), (0.76, "no")] {
            let mut figure = Figure::new("push", Engine::Postgres, Unit::PerSecond).at_least_of_limit(share);
            figure.add(1500.0);
            assert_eq!(rows_of(&figure)[0][4], "no", "nothing stands beside it");
            figure.beside("tsac", 2000.0);
            assert_eq!(rows_of(&figure)[0][3..5], [format!("ratio ≥ {share:.2}").as_str(), met]);
        }
    }
}

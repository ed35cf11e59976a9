//! Compares this crate with real Quartz; `scripts/compare-quartz.sh` (`make quartz`) does the rest. Usage:
//! `quartz generate COUNT SEED` writes expressions, `quartz compare FIRINGS` reads the table that Quartz made of them.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    io::{self, BufRead, Write},
    process::ExitCode,
};

mod generate;
mod table;

use table::Verdict;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["generate", count, seed] => generate(count.parse()?, seed.parse()?),
        ["compare", asked] => compare(asked.parse()?),
        _ => Err("usage: quartz generate COUNT SEED | quartz compare FIRINGS".into()),
    }
}

fn generate(count: usize, seed: u64) -> Result<ExitCode, Box<dyn Error>> {
    let mut out = io::stdout().lock();
    for line in generate::lines(count, seed) {
        writeln!(out, "{line}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn compare(asked: usize) -> Result<ExitCode, Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let (mut same, mut firings, mut both_refuse, mut unix, mut differ) = (0, 0, 0, 0, 0);
    let mut only_quartz: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in io::stdin().lock().lines() {
        let line = line?;
        match table::compare(&line, asked) {
            Verdict::Same(count) => (same, firings) = (same + 1, firings + count),
            Verdict::BothRefuse => both_refuse += 1,
            Verdict::OnlyUnix => unix += 1,
            Verdict::OnlyQuartz(reason) => only_quartz.entry(kind_of(&reason)).or_default().push(line),
            Verdict::Differs(how) => {
                differ += 1;
                writeln!(out, "DIFFERS {how}\n        {}", line.chars().take(120).collect::<String>())?;
            }
        }
    }
    writeln!(out, "{same} lines with the same {firings} firings, {both_refuse} refused by both, {unix} of Unix cron")?;
    for (reason, lines) in &only_quartz {
        let text = lines[0].split('\t').nth(3).unwrap_or_default();
        writeln!(out, "{} refused by us, taken in part by Quartz: {reason}; such as {text}", lines.len())?;
    }
    writeln!(out, "{differ} differences")?;
    Ok(if differ == 0 && same > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A refusal without what it quotes.
fn kind_of(reason: &str) -> String {
    let parts: Vec<&str> = reason.split('`').collect();
    parts.iter().step_by(2).copied().collect::<Vec<_>>().join("…").split(';').next().unwrap_or_default().to_owned()
}

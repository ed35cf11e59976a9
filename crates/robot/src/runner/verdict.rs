//! What the end of a program means, in words.

use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

use crate::workspace::Verdict;

/// What an exit status means; `Ok` for 0.
pub(crate) fn judge(status: ExitStatus, last_error: Option<&str>) -> Result<(), String> {
    let what = match (status.code(), status.signal()) {
        (Some(0), _) => return Ok(()),
        (Some(code @ 129..=192), _) => {
            format!(
                "the program ended with exit code {code} (128 + {}: often the signal{} that killed a program it ran)",
                code - 128,
                name_of(code - 128)
            )
        }
        (Some(code), _) => format!("the program ended with exit code {code}"),
        (None, Some(9)) => "the program was killed by signal 9 (KILL): often the machine had no memory left".to_owned(),
        (None, Some(signal)) => format!("the program was killed by signal {signal}{}", name_of(signal)),
        (None, None) => "the program ended without an exit code".to_owned(),
    };
    Err(match last_error {
        Some(line) => format!("{what}; its last error line: {line}"),
        None => what,
    })
}

/// The same for Robot Framework, whose exit code counts the tasks that failed, and for programs whose own log said which
/// tasks failed.
pub(crate) fn judge_tasks(
    status: ExitStatus,
    last_error: Option<&str>,
    is_framework: bool,
    verdict: &Verdict,
) -> Result<(), String> {
    let plain = match judge(status, last_error) {
        Ok(()) => return Ok(()),
        Err(plain) => plain,
    };
    let code = status.code().unwrap_or_default();
    if !verdict.failed.is_empty() {
        let count = verdict.failed.len();
        let tasks = if verdict.tasks == 1 { "the task" } else { &format!("{count} of {} tasks", verdict.tasks) };
        let named: Vec<&str> = verdict.failed.iter().take(5).map(String::as_str).collect();
        let more = if count > named.len() { format!("; and {} more", count - named.len()) } else { String::new() };
        return Err(format!("{tasks} failed: {}{more} (exit code {code})", named.join("; ")));
    }
    if !is_framework {
        return Err(plain);
    }
    let because = last_error.map(|line| format!("; its last error line: {line}")).unwrap_or_default();
    Err(match code {
        1 => "1 task of Robot Framework failed (exit code 1)".to_owned(),
        2..=249 => format!("{code} tasks of Robot Framework failed (exit code {code})"),
        250 => "250 or more tasks of Robot Framework failed (exit code 250)".to_owned(),
        252 => format!("Robot Framework found no such task, or could not read the files (exit code 252){because}"),
        253 => "Robot Framework was stopped (exit code 253)".to_owned(),
        255 => format!("Robot Framework itself failed (exit code 255){because}"),
        _ => plain,
    })
}

fn name_of(signal: i32) -> &'static str {
    match signal {
        1 => " (HUP)",
        2 => " (INT)",
        4 => " (ILL)",
        6 => " (ABRT): it broke off itself",
        7 => " (BUS)",
        8 => " (FPE)",
        11 => " (SEGV): it reached for memory that is not its own",
        13 => " (PIPE)",
        15 => " (TERM)",
        24 => " (XCPU): it used more processor time than it may",
        25 => " (XFSZ): it wrote a larger file than it may",
        _ => "",
    }
}

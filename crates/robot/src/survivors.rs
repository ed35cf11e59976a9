//! Processes of a run that outlived the agent. A result "the robot stopped while the task ran" may only be given when
//! none is left, or the task would still be at work while a person starts it again.

use std::time::Duration;

use crate::{
    journal::RunMark,
    runner::{RUN_VARIABLE, stray},
    timer,
};

/// The boot of this machine; empty when the system does not tell.
pub(crate) fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}

/// Kills every process of the run and returns when none is left, which may take for ever.
pub(crate) async fn end(run: &RunMark) {
    if !run.boot.is_empty() && run.boot != boot_id() {
        return;
    }
    let mut wait = Duration::from_millis(20);
    loop {
        let token = run.token.clone();
        match tokio::task::spawn_blocking(move || stray::kill_all(RUN_VARIABLE, &token)).await {
            Ok(0) => return,
            Ok(left) => tracing::info!(left, "processes that outlived their run are being ended"),
            Err(error) => tracing::warn!(%error, "cannot tell whether processes outlived their run"),
        }
        timer::after(wait).await;
        wait = (2 * wait).min(Duration::from_secs(10));
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_run_that_outlived_the_agent_is_ended_and_no_other() {
        let start = |token: &str| {
            std::process::Command::new("sh")
                .args(["-c", "cat"])
                .stdin(std::process::Stdio::piped())
                .env(RUN_VARIABLE, token)
                .spawn()
                .unwrap()
        };
        let mut ours = start("ours-1");
        let mut other = start("ours-12");
        end(&RunMark { token: "ours-1".into(), boot: boot_id() }).await;
        assert!(!ours.wait().unwrap().success());
        assert!(other.try_wait().unwrap().is_none(), "another run must be left alone");
        end(&RunMark { token: "ours-12".into(), boot: "an earlier boot".into() }).await;
        assert!(other.try_wait().unwrap().is_none(), "a process of an earlier boot cannot be alive");
        end(&RunMark { token: "ours-12".into(), boot: String::new() }).await;
        assert!(!other.wait().unwrap().success());
    }
}

//! Telling the machine to reboot or shut down: a command that the robot's own settings name.

use std::{process::Stdio, time::Duration};

use tokio::process::Command;

/// The command must answer within this.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the command; an error in words unless it ends well.
pub(super) async fn tell(command: &[String]) -> Result<(), String> {
    let (program, arguments) = command.split_first().ok_or("the command is empty")?;
    let mut child = Command::new(program);
    child.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let ended = tokio::time::timeout(PATIENCE, child.output()).await;
    let output = ended.map_err(|_| format!("\"{program}\" does not end"))?;
    let output = output.map_err(|error| format!("\"{program}\" cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(format!("\"{program}\" ended with {}: {}", output.status, words.trim()))
}

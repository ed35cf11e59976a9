//! `log`: writes a line into the task log.

use baigong_flow::{ActionContext, ActionError};
use baigong_model::LogLevel;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::support::table::text_of;

/// The longest line, in bytes; the rest is cut.
const LONGEST: usize = 16 * 1024;

/// What to write.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The line: a text, or any value, which is shown as JSON.
    message: Value,
    /// How important it is.
    #[serde(default)]
    level: LogLevel,
}

pub(crate) async fn run(context: ActionContext, parameters: Parameters) -> Result<(), ActionError> {
    let text = text_of(&parameters.message);
    // Before it is cut: half a secret would not be known as one.
    let text = context.host.hide(&text);
    let cut = text.floor_char_boundary(LONGEST);
    let mark = if cut < text.len() { " … (cut)" } else { "" };
    context.host.log(parameters.level, &format!("{}{mark}", &text[..cut]));
    Ok(())
}

#[cfg(test)]
mod tests {
    use baigong_model::LogLevel;
    use serde_json::json;

    use crate::support::testing::Desk;

    #[tokio::test]
    async fn a_line_goes_to_the_log_at_its_level() {
        let desk = Desk::new();
        desk.ok("log", json!({"message": "read 12 rows"})).await;
        desk.ok("log", json!({"message": {"rows": 12}, "level": "warn"})).await;
        desk.ok("log", json!({"message": "长".repeat(9000)})).await;
        let lines = desk.memory.lines.lock().unwrap();
        assert_eq!(lines[0], (LogLevel::Info, "read 12 rows".to_owned()));
        assert_eq!(lines[1], (LogLevel::Warn, "{\"rows\":12}".to_owned()));
        assert!(lines[2].1.ends_with("长 … (cut)") && lines[2].1.len() < 17_000);
    }
}

//! Whether the platform knows the robot by its secret. Not found out by connecting: that would put the agent off which may
//! be at work with it.

use std::time::Duration;

use baigong_protocol::{RobotSecret, paths};
use reqwest::StatusCode;

use super::Check;

/// The platform must answer within this.
const PATIENCE: Duration = Duration::from_secs(10);
const UNKNOWN: &str = "the platform does not know it: the robot was deleted there, or was given another secret since";

/// What the platform at `base` says of the secret; none where it cannot be asked.
pub async fn secret(base: &str, secret: &RobotSecret) -> Option<Check> {
    // A package that no robot can have: who is known is refused that one, who is not is refused altogether.
    let address = format!("{base}{}", paths::package(0));
    let client = reqwest::Client::builder().timeout(PATIENCE).build().ok()?;
    let answer = client.get(address).bearer_auth(secret.to_text().expose()).send().await.ok()?;
    let is_unknown = answer.status() == StatusCode::UNAUTHORIZED;
    Some(Check::needed("secret", is_unknown.then(|| UNKNOWN.to_owned())))
}

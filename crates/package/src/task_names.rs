//! Which task of a package a run is: a package that is a `robot.yaml` may have several.

use baigong_model::{Error, Result};

use crate::PackageInfo;

/// The task that is asked for; else the `usual` one; else the first where there are several. None where the package has just
/// one and nobody named it: its name may change with the next version.
pub fn choose(asked: Option<String>, usual: Option<String>, package: &PackageInfo) -> Result<Option<String>> {
    let names = || package.tasks.iter().map(|task| task.name.as_str());
    let Some(name) = asked.filter(|name| !name.is_empty()).or(usual) else {
        return Ok(names().next().filter(|_| package.tasks.len() > 1).map(str::to_owned));
    };
    if names().any(|known| known == name) {
        return Ok(Some(name));
    }
    let known = names().collect::<Vec<_>>().join(", ");
    Err(Error::invalid("taskName", format!("\"{name}\" is not a task of the package; it has {known}")))
}

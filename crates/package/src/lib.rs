//! Process packages: reading a zip that nobody vouches for, recognising its kind, checking all of it, packing a folder.
//! Knows files and formats; knows nothing of robots, platforms, databases or HTTP.

mod archive;
mod bundle;
mod check;
mod entry_name;
mod environment;
mod error;
mod flow_document;
mod folder;
pub mod in_parameters;
mod info;
mod layout;
mod limits;
mod manifest;
mod meter;
mod pack;
mod parameters;
mod python_wish;
mod recognise;
mod robot_yaml;
mod source;
pub mod task_names;
mod unpack;
mod yaml;

pub use archive::{Archive, Entry, open};
pub use bundle::{BUNDLE_FILE, BUNDLE_FOLDER, BUNDLE_LOCK, Bundle, this_platform};
pub use check::check;
pub use environment::Environment;
pub use error::{PackageError, Problem};
pub use info::{PackageInfo, PackageKind, Task, TaskForm};
pub use limits::Limits;
pub use manifest::{Manifest, ManifestKind};
pub use pack::{Packed, pack};
pub use parameters::{ParameterSpec, ParameterType, Parameters};
pub use python_wish::{Bound, Fit, PythonVersion, PythonWish};
pub use robot_yaml::{RobotTask, RobotYaml, suits_this_machine};
pub use unpack::{remove_unfinished, unpack};

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

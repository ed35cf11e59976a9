//! Work items from a file instead of a data queue: the libraries' own adapter reads and writes it.

use crate::runner::RunRequest;

/// The variables that switch the libraries to a file; none unless one was given.
pub(super) fn variables(request: &RunRequest) -> Vec<(String, String)> {
    let Some(input) = &request.extras.work_items else { return Vec::new() };
    let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let artifacts = request.artifacts_folder.canonicalize().unwrap_or_else(|_| request.artifacts_folder.clone());
    let (input, output) = (text(input), text(&artifacts.join("work-items-out").join("work-items.json")));
    // Newer and older libraries read different names.
    let pairs = [
        ("RC_WORKITEM_ADAPTER", "FileAdapter"),
        ("RPA_WORKITEMS_ADAPTER", "RPA.Robocorp.WorkItems.FileAdapter"),
        ("RC_WORKITEM_INPUT_PATH", &input),
        ("RPA_INPUT_WORKITEM_PATH", &input),
        ("RC_WORKITEM_OUTPUT_PATH", &output),
        ("RPA_OUTPUT_WORKITEM_PATH", &output),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

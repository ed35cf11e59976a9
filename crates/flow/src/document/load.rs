//! Loads a flow and every sub-flow it can reach from the folder of a package. Knows files, and that a flow never leaves
//! its folder.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read as _,
    path::Path,
    sync::Arc,
};

use super::{Flow, FlowSet, Step, Work, node::LARGEST_DOCUMENT, read::read};
use crate::{
    problem::{Place, Problem, Problems, Spot},
    suggestion::did_you_mean,
};

/// The most documents of one set.
const MOST_FLOWS: usize = 200;

impl Flow {
    /// Loads `file` of `folder` with all its sub-flows.
    ///
    /// # Errors
    /// All problems of all documents: those of their form, their expressions and missing sub-flows. Actions, variables
    /// and parameters are checked by [`validate`](crate::validate).
    pub fn load(folder: &Path, file: &str) -> Result<FlowSet, Problems> {
        let mut loader = Loader { folder, flows: BTreeMap::new(), problems: Problems::new() };
        match tidy(file) {
            Ok(file) => {
                loader.load_all(&file);
                loader.finish(&file)
            }
            Err(cause) => {
                let mut problems = Problems::new();
                problems
                    .push(Spot::file(file).problem(cause, "name a file inside the package, such as main.flow.yaml"));
                Err(problems)
            }
        }
    }

    /// Reads one document without touching the disk; sub-flows are not looked for.
    ///
    /// # Errors
    /// All problems of its form and its expressions.
    pub fn parse(file: &str, source: &str) -> Result<FlowSet, Problems> {
        match read(file, source) {
            (Some(flow), problems) if problems.is_empty() => {
                let flows = BTreeMap::from([(file.to_owned(), Arc::new(flow))]);
                Ok(FlowSet { entry: file.into(), flows: Arc::new(flows) })
            }
            (_, mut problems) => {
                problems.sort();
                Err(problems)
            }
        }
    }
}

struct Loader<'a> {
    folder: &'a Path,
    flows: BTreeMap<String, Arc<Flow>>,
    problems: Problems,
}

impl Loader<'_> {
    fn load_all(&mut self, entry: &str) {
        let mut seen = BTreeSet::from([entry.to_owned()]);
        let mut waiting = vec![(entry.to_owned(), None::<Problem>)];
        while let Some((file, if_missing)) = waiting.pop() {
            let Some(flow) = self.load(&file, if_missing) else { continue };
            for (step, name, place) in sub_flows(&flow.steps) {
                let mut spot = Spot::file(&flow.file).down("run", place.line, place.column);
                spot.step = Some(step.id.clone());
                match tidy(name) {
                    Ok(name) if seen.contains(&name) => {}
                    Ok(_) if seen.len() >= MOST_FLOWS => {
                        let cause = format!("the flow reaches more than {MOST_FLOWS} documents");
                        self.problems.push(spot.problem(cause, "put several small sub-flows into one"));
                        return;
                    }
                    Ok(name) => {
                        let cause = format!("there is no flow document \"{name}\" in the package");
                        seen.insert(name.clone());
                        let remedy = self.offer(&name);
                        waiting.push((name, Some(spot.problem(cause, remedy))));
                    }
                    Err(cause) => {
                        self.problems
                            .push(spot.problem(cause, "name a file inside the package, such as sub/other.flow.yaml"));
                    }
                }
            }
            self.flows.insert(file, Arc::new(flow));
        }
    }

    fn load(&mut self, file: &str, if_missing: Option<Problem>) -> Option<Flow> {
        let path = self.folder.join(file);
        if !path.is_file() {
            let missing = if_missing.unwrap_or_else(|| {
                Spot::file(file).problem("there is no such flow document in the package", self.offer(file))
            });
            self.problems.push(missing);
            return None;
        }
        match read_bounded(&path) {
            Ok(source) => {
                let (flow, problems) = read(file, &source);
                self.problems.extend(problems);
                flow
            }
            Err((cause, remedy)) => {
                self.problems.push(Spot::file(file).problem(cause, remedy));
                None
            }
        }
    }

    /// Which document may have been meant instead of a missing one.
    fn offer(&self, file: &str) -> String {
        let folder = self.folder.join(file).parent().map(Path::to_path_buf).unwrap_or_default();
        let prefix = file.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().take(1_000);
        let names: Vec<String> = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.ends_with(".yaml") || name.ends_with(".yml"))
            .map(|name| format!("{prefix}{name}"))
            .collect();
        did_you_mean(file, names.iter().map(String::as_str), "documents")
    }

    fn finish(mut self, entry: &str) -> Result<FlowSet, Problems> {
        if self.problems.is_empty() && self.flows.contains_key(entry) {
            return Ok(FlowSet { entry: entry.into(), flows: Arc::new(self.flows) });
        }
        self.problems.sort();
        Err(self.problems)
    }
}

fn read_bounded(path: &Path) -> Result<String, (String, &'static str)> {
    let unreadable = |error: std::io::Error| (format!("the document cannot be read: {error}"), "check the file");
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(LARGEST_DOCUMENT).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > LARGEST_DOCUMENT {
        let remedy = "move some of its steps to a sub-flow of their own";
        return Err((format!("the document is larger than {LARGEST_DOCUMENT} bytes"), remedy));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| ("the document is not UTF-8 text".to_owned(), "save it as UTF-8, not as GBK or UTF-16"))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// All `run:` steps with the names they say.
fn sub_flows(steps: &[Step]) -> Vec<(&Step, &str, &Place)> {
    let mut found = Vec::new();
    let mut waiting: Vec<&Step> = steps.iter().collect();
    while let Some(step) = waiting.pop() {
        if let Work::Subflow { file, place, .. } = &step.work {
            found.push((step, file.as_str(), place));
        }
        waiting.extend(step.work.blocks().into_iter().flatten());
    }
    found
}

/// The name of a document inside the package's folder, without `./`.
pub(crate) fn tidy(name: &str) -> Result<String, String> {
    let refused = || Err(format!("\"{name}\" does not lie in the package's folder"));
    if name.starts_with('/') || name.contains(['\\', '\0', ':']) {
        return refused();
    }
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return refused(),
            part => parts.push(part),
        }
    }
    if parts.is_empty() { refused() } else { Ok(parts.join("/")) }
}

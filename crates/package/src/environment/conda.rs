//! `conda.yaml` and its kin, as far as it can be had without conda: the version of Python and the list for pip.

use serde::Deserialize;

use super::{
    Environment, on_pypi,
    requirements::{self, names_own_files},
};
use crate::{PackageError, Problem, PythonWish, RobotYaml, source::Source, suits_this_machine, yaml};

/// The file of a package that names none.
const FILE: &str = "conda.yaml";
/// What conda brings and every virtual environment has.
const ALWAYS_THERE: [&str; 5] = ["pip", "uv", "setuptools", "wheel", "ca-certificates"];
/// Not to be had with pip, but never missed: what conda's own Python is made of.
const OF_PYTHON: [&str; 24] = [
    "_libgcc_mutex",
    "_openmp_mutex",
    "bzip2",
    "ld_impl_linux-64",
    "libexpat",
    "libffi",
    "libgcc",
    "libgcc-ng",
    "libgomp",
    "libnsl",
    "liblzma",
    "libsqlite",
    "libstdcxx",
    "libuuid",
    "libxcrypt",
    "libzlib",
    "ncurses",
    "openssl",
    "readline",
    "sqlite",
    "tk",
    "tzdata",
    "xz",
    "zlib",
];

#[derive(Default, Deserialize)]
struct Document {
    #[serde(default)]
    dependencies: Option<Dependencies>,
    #[serde(default, rename = "rccPostInstall")]
    post_install: Option<Vec<String>>,
}

/// As `conda.yaml` lists them, or as `package.yaml` does: by where they come from.
#[derive(Deserialize)]
#[serde(untagged)]
enum Dependencies {
    Listed(Vec<Dependency>),
    BySource {
        #[serde(default, rename = "conda-forge")]
        conda: Option<Vec<String>>,
        #[serde(default)]
        pypi: Option<Vec<String>>,
    },
}

impl Dependencies {
    fn listed(self) -> Vec<Dependency> {
        match self {
            Self::Listed(listed) => listed,
            Self::BySource { conda, pypi } => {
                let pip = pypi.unwrap_or_default().iter().map(|line| pinned(line)).collect();
                let conda = conda.unwrap_or_default().into_iter().map(Dependency::Conda);
                conda.chain([Dependency::Pip { pip: Some(pip) }]).collect()
            }
        }
    }
}

/// `package.yaml` writes `name=1.0` where pip writes `name==1.0`.
fn pinned(line: &str) -> String {
    let spec = line.split(" #").next().unwrap_or_default().trim();
    match spec.split_once('=') {
        Some((name, version)) if !name.ends_with(['<', '>', '!', '~']) && !version.starts_with('=') => {
            format!("{name}=={version}")
        }
        _ => spec.to_owned(),
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Dependency {
    Conda(String),
    Pip { pip: Option<Vec<String>> },
}

/// What one file comes to: the environment, or what keeps it from being built here.
struct Reading {
    environment: Environment,
    problems: Vec<Problem>,
}

/// `environmentConfigs` in their order, else `condaConfigFile`.
pub(super) fn of_robot_yaml(source: &mut Source, robot: &RobotYaml) -> Result<Option<Environment>, PackageError> {
    let mut skipped: Vec<Problem> = Vec::new();
    let named = robot.environment_configs.iter().chain(&robot.conda_config_file);
    let named: Vec<String> = named.map(|name| name.trim_start_matches("./").to_owned()).collect();
    for name in named.iter().filter(|name| suits_this_machine(name) && is_meant_exactly(name)) {
        if !source.has_file(name) {
            continue;
        }
        let reading = read(source, name)?;
        if reading.problems.is_empty() {
            let mut environment = reading.environment;
            environment.notes = skipped.iter().map(|problem| format!("left out: {problem}")).collect();
            return Ok(Some(environment));
        }
        // A frozen list names everything conda installed; the next file says what was wanted.
        let is_frozen = name.contains("freeze");
        skipped.extend(reading.problems);
        if !is_frozen {
            break;
        }
    }
    if !skipped.is_empty() {
        return Err(PackageError::Refused(skipped));
    }
    match named.as_slice() {
        [] => Ok(None),
        names => {
            let message =
                format!("the package has none of the environment files that robot.yaml names: {}", names.join(", "));
            Err(PackageError::refused(crate::robot_yaml::FILE, message, "Pack them too, or correct the names"))
        }
    }
}

/// `conda.yaml` in a package that is no `robot.yaml`.
pub(super) fn of_file(source: &mut Source) -> Result<Option<Environment>, PackageError> {
    if !source.has_file(FILE) {
        return Ok(None);
    }
    let reading = read(source, FILE)?;
    if reading.problems.is_empty() {
        Ok(Some(reading.environment))
    } else {
        Err(PackageError::Refused(reading.problems))
    }
}

/// A frozen list is for the system and the processor in its name only.
fn is_meant_exactly(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !name.contains("freeze")
        || (["windows", "darwin", "linux"].iter().any(|word| name.contains(word))
            && ["amd64", "arm64"].iter().any(|word| name.contains(word)))
}

fn read(source: &mut Source, name: &str) -> Result<Reading, PackageError> {
    let bytes = source.read_document(name)?;
    let document: Document =
        if bytes.trim_ascii().is_empty() { Document::default() } else { yaml::parse(name, &bytes)? };
    let mut environment = Environment { place: name.to_owned(), ..Environment::default() };
    let (mut problems, mut from_conda) = (Vec::new(), Vec::new());
    for dependency in document.dependencies.map(Dependencies::listed).unwrap_or_default() {
        match dependency {
            Dependency::Pip { pip } => {
                for line in pip.unwrap_or_default().iter().filter_map(|text| line(text)) {
                    requirements::take(source, (name, line), &mut environment.requirements, 0)?;
                }
            }
            Dependency::Conda(text) => problems.extend(take(&text, name, &mut environment, &mut from_conda)),
        }
    }
    for command in document.post_install.unwrap_or_default() {
        match shlex::split(&command).filter(|words| !words.is_empty()) {
            Some(words) => environment.post_install.push(words),
            None => {
                problems.push(Problem::new(name, "rccPostInstall: an entry is empty or its quotes do not match", ""));
            }
        }
    }
    let listed: Vec<String> = environment.requirements.iter().map(|line| name_of(line)).collect();
    from_conda.retain(|line| !listed.contains(&name_of(line)));
    environment.requirements.splice(0..0, from_conda);
    environment.is_own = environment.requirements.iter().any(|line| names_own_files(line));
    Ok(Reading { environment, problems })
}

/// A line for pip without its comment.
fn line(text: &str) -> Option<String> {
    let line = text.split(" #").next().unwrap_or_default().trim();
    (!line.is_empty() && !line.starts_with('#')).then(|| line.to_owned())
}

/// The name of the package in a line for pip, as PyPI compares names.
fn name_of(line: &str) -> String {
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(line.len());
    line[..end].to_ascii_lowercase().replace(['_', '.'], "-")
}

/// Takes what conda is to install: from PyPI where that has it too; a problem where only conda has it.
fn take(text: &str, place: &str, environment: &mut Environment, from_conda: &mut Vec<String>) -> Option<Problem> {
    let spec = text.split('#').next().unwrap_or_default().trim();
    // conda-forge::python=3.10: the channel says nothing to pip.
    let spec = spec.rsplit("::").next().unwrap_or(spec).trim();
    let end = spec.find(|c: char| "=<>!~ [".contains(c)).unwrap_or(spec.len());
    let (name, version) = (spec[..end].to_ascii_lowercase(), &spec[end..]);
    match name.as_str() {
        "python" => match PythonWish::from_conda(version) {
            Ok(wish) => environment.python = wish,
            Err(message) => return Some(Problem::new(place, message, "Write for example python=3.11")),
        },
        name if name.is_empty() || ALWAYS_THERE.contains(&name) || OF_PYTHON.contains(&name) => {}
        name => {
            if let Some(line) = on_pypi::line(name, version) {
                from_conda.push(line);
                return None;
            }
            let message =
                format!("\"{spec}\" is to come from conda, which robots here do not use: they build with pip");
            let remedy = "Move it to the pip: list if PyPI has it; a program is to be installed on the robots instead, \
                          and its line removed here";
            return Some(Problem::new(place, message, remedy));
        }
    }
    None
}

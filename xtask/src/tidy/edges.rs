//! Who may depend on whom: one table for our own crates, one for the parts that carry a whole concern (SQL, HTTP). Test
//! code may use testkit everywhere.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Finding;

pub(super) const REASON: &str =
    "ARCHITECTURE.md: each crate knows only the crates below it, SQL lives in store, HTTP in the edges";
pub(super) const REMEDY: &str =
    "move the code to the crate that may know both sides; a new edge is a decision: docs/decisions, then this table";

/// Our crates, without their prefix, and those each may use.
const CRATES: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("protocol", &["model"]),
    ("flow", &["model"]),
    ("tabular", &[]),
    ("actions", &["model", "flow", "tabular"]),
    ("package", &["model", "flow"]),
    ("schedule", &[]),
    ("phrases", &[]),
    ("store", &["model"]),
    ("core", &["model", "schedule", "phrases", "store", "protocol", "flow", "package", "tabular"]),
    ("api-kit", &["model"]),
    ("tsac-kit", &["model", "protocol", "api-kit", "phrases"]),
    ("api-tsac", &["model", "core", "api-kit", "tsac-kit"]),
    ("api-oapi", &["model", "core", "protocol", "api-kit", "tsac-kit"]),
    ("api-apicenter", &["model", "core", "api-kit", "tsac-kit"]),
    ("api-console", &["model", "core", "api-kit"]),
    ("api-km", &["model", "core", "api-kit", "protocol"]),
    ("client", &["model", "protocol"]),
    ("background", &["model", "core", "client", "protocol"]),
    ("uplink", &["model", "core", "protocol"]),
    (
        "platform",
        &[
            "model",
            "core",
            "api-kit",
            "api-tsac",
            "api-oapi",
            "api-apicenter",
            "api-console",
            "api-km",
            "background",
            "uplink",
            "actions",
            "flow",
        ],
    ),
    ("robot-store", &["model"]),
    ("robot", &["model", "protocol", "flow", "actions", "package", "schedule", "api-kit", "tsac-kit", "robot-store"]),
    ("cli", &["model", "platform", "robot", "package", "actions", "flow"]),
    ("testkit", &["model", "platform", "robot", "actions", "core", "store", "protocol"]),
    ("bench", &["model", "flow", "actions", "package", "platform", "robot", "core", "store", "protocol", "testkit"]),
    ("xtask", &[]),
];

/// Parts that carry a concern, and the crates that have this concern.
const PARTS: &[(&str, &[&str])] = &[
    ("sea-orm", &["store", "robot-store", "bench"]),
    ("sea-orm-migration", &["store"]),
    ("sqlx", &["store", "bench"]),
    (
        "axum",
        &[
            "api-kit",
            "tsac-kit",
            "api-tsac",
            "api-oapi",
            "api-apicenter",
            "api-console",
            "api-km",
            "uplink",
            "platform",
            "robot",
            "testkit",
            "bench",
        ],
    ),
    ("reqwest", &["actions", "client", "background", "robot", "cli", "testkit", "bench"]),
    ("lettre", &["background"]),
    ("clap", &["cli", "bench"]),
    ("anyhow", &["cli", "platform", "robot", "testkit", "bench", "xtask"]),
];

/// One dependency as Cargo.toml states it.
pub(super) struct Edge {
    /// The crate, without its prefix.
    pub(super) from: String,
    /// What it uses, without the prefix when it is ours.
    pub(super) to: String,
    pub(super) is_ours: bool,
    pub(super) only_in_tests: bool,
}

/// The edges of the workspace, from cargo itself.
pub(super) fn load() -> Result<Vec<Edge>> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .context("cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    let metadata: Value = serde_json::from_slice(&output.stdout).context("what cargo metadata printed")?;
    let edges = edges_of(&metadata);
    ensure!(!edges.is_empty(), "cargo metadata lists no dependency");
    Ok(edges)
}

fn edges_of(metadata: &Value) -> Vec<Edge> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut edges = Vec::new();
    for package in list(&metadata["packages"]) {
        for dependency in list(&package["dependencies"]) {
            let name = dependency["name"].as_str().unwrap_or_default();
            edges.push(Edge {
                from: short(package["name"].as_str().unwrap_or_default()),
                to: short(name),
                is_ours: name.starts_with("baigong-"),
                only_in_tests: dependency["kind"] == "dev",
            });
        }
    }
    edges
}

fn short(name: &str) -> String {
    name.strip_prefix("baigong-").unwrap_or(name).to_owned()
}

pub(super) fn check(edges: &[Edge]) -> Vec<Finding> {
    edges.iter().filter_map(check_edge).collect()
}

fn check_edge(edge: &Edge) -> Option<Finding> {
    let place = format!("crate {}", edge.from);
    if edge.only_in_tests && (!edge.is_ours || edge.to == "testkit") {
        return None;
    }
    let Some((_, allowed)) = CRATES.iter().find(|(name, _)| *name == edge.from) else {
        return Some(Finding::new(place, "is not in the table of xtask/src/tidy/edges.rs"));
    };
    let may = if edge.is_ours {
        allowed.contains(&edge.to.as_str())
    } else {
        PARTS.iter().find(|(part, _)| *part == edge.to).is_none_or(|(_, users)| users.contains(&edge.from.as_str()))
    };
    (!may).then(|| Finding::new(place, format!("uses {}, which it must not know", edge.to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str) -> Edge {
        Edge { from: from.into(), to: short(to), is_ours: to.starts_with("baigong-"), only_in_tests: false }
    }

    #[test]
    fn an_edge_upwards_and_a_part_in_the_wrong_crate_are_found() {
        for (from, to) in [("store", "baigong-core"), ("robot", "baigong-store"), ("core", "axum"), ("flow", "sea-orm")]
        {
            assert_eq!(check(&[edge(from, to)]).len(), 1, "{from} -> {to}");
        }
        for (from, to) in [("core", "baigong-store"), ("store", "sea-orm"), ("model", "serde")] {
            assert_eq!(check(&[edge(from, to)]), [], "{from} -> {to}");
        }
    }

    #[test]
    fn an_unknown_crate_must_be_entered() {
        assert_eq!(check(&[edge("newcomer", "baigong-model")]).len(), 1);
    }

    #[test]
    fn tests_may_use_testkit_but_not_skip_a_layer() {
        let in_tests = |to: &str| Edge { only_in_tests: true, ..edge("store", to) };
        assert_eq!(check(&[in_tests("baigong-testkit"), in_tests("axum")]), []);
        assert_eq!(check(&[in_tests("baigong-core")]).len(), 1);
    }

    #[test]
    fn metadata_is_read_with_its_kinds() {
        let metadata = serde_json::json!({"packages": [{"name": "baigong-store", "dependencies": [
            {"name": "baigong-testkit", "kind": "dev"}, {"name": "sea-orm", "kind": null}]}]});
        let edges = edges_of(&metadata);
        assert_eq!(edges.len(), 2);
        assert!(edges[0].is_ours && edges[0].only_in_tests && edges[0].to == "testkit");
        assert!(!edges[1].is_ours && !edges[1].only_in_tests);
    }
}

//! The example, from the copy inside this binary: packed as anyone would pack the folder.

use anyhow::{Context, Result};
use baigong_package::Limits;

/// The name of the process and of its package.
pub(super) const NAME: &str = "valuation-reconciliation";
/// The data queue that the example pushes its differences to.
pub(super) const QUEUE: &str = "valuation-differences";

/// The files of `examples/valuation-reconciliation`, listed by `build.rs`.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/example.rs"));

/// The example as a package.
pub(super) struct Package {
    pub(super) zip: Vec<u8>,
    pub(super) sha256: String,
    pub(super) version: String,
}

/// Packs the example.
pub(super) fn package() -> Result<Package> {
    let folder = tempfile::tempdir().context("a temporary folder")?;
    let source = folder.path().join(NAME);
    for (name, bytes) in FILES {
        let path = source.join(name);
        let parent = path.parent().context("a file without a folder")?;
        std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, bytes)).context("unpacking the example")?;
    }
    let zip = folder.path().join("package.zip");
    let limits = Limits::default();
    let packed = baigong_package::pack(&source, &zip, &limits).context("packing the example")?;
    let info = baigong_package::check(&zip, &baigong_actions::table(), &limits).context("checking the example")?;
    let zip = std::fs::read(&zip).context("reading the package")?;
    Ok(Package { zip, sha256: packed.sha256, version: info.version.unwrap_or_else(|| "1.0.0".into()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_valid_package_and_always_the_same() {
        let (first, second) = (package().unwrap(), package().unwrap());
        assert_eq!(first.sha256, second.sha256);
        assert!(first.zip.starts_with(b"PK"));
    }

    #[test]
    fn the_flow_pushes_to_the_queue_that_the_demo_makes() {
        let flow = FILES.iter().find(|(name, _)| name.ends_with(".flow.yaml")).unwrap().1;
        assert!(String::from_utf8_lossy(flow).contains(QUEUE), "set QUEUE to the queue of the example's flow");
    }
}

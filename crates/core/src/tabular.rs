//! Tables in uploaded files, and tables to be downloaded: `baigong_tabular` with this crate's errors.

use std::path::Path;

use baigong_model::{Error, Result};
pub use baigong_tabular::{Cell, Problem, Row, SheetWriter, TextWriter, meant};

/// The largest file that is read as a table.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The rows of the file at `path`, which its owner calls `name`; `encoding` is found out where it is not given.
pub async fn read_file(path: &Path, name: &str, encoding: Option<&str>) -> Result<Vec<Row>> {
    let (path, name, encoding) = (path.to_owned(), name.to_owned(), encoding.map(str::to_owned));
    let rows = tokio::task::spawn_blocking(move || {
        let size = std::fs::metadata(&path).map_err(Error::internal)?.len();
        if size > LARGEST {
            return Err(Error::invalid("file", format!("must have at most {LARGEST} bytes")));
        }
        read(std::fs::read(&path).map_err(Error::internal)?, &name, encoding.as_deref())
    });
    rows.await.map_err(Error::internal)?
}

/// The rows of a file in memory.
pub fn read(bytes: Vec<u8>, name: &str, encoding: Option<&str>) -> Result<Vec<Row>> {
    baigong_tabular::read(bytes, name, encoding, &|| false).map_err(of)
}

/// What is wrong with a file, as an answer to whoever sent it.
#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
#[must_use]
pub fn of(problem: Problem) -> Error {
    let field = if matches!(problem, Problem::Parameter(_)) { "encoding" } else { "file" };
    Error::invalid(field, problem.to_string())
}

//! Tools of this repository. `cargo run -q -p xtask -- tidy` checks what neither rustfmt nor clippy can: who may depend on
//! whom, how long files may be, and what must not stand in the tree. It knows nothing of what the crates do.

mod tidy;

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["tidy"] => tidy::run(&mut std::io::stdout()),
        _ => Err(anyhow::anyhow!("usage: cargo run -q -p xtask -- tidy")),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nothing is left to tell when standard error is closed too.
            let _ = writeln!(std::io::stderr(), "xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}

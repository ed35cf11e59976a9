//! Writes the two input files of `examples/valuation-reconciliation` into a folder, the same bytes every time:
//! `cargo run -p baigong-actions --example generate_valuation_data -- DIR`

mod valuation_data;

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write},
    path::PathBuf,
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).map(PathBuf::from).ok_or("name the folder to write into")?;
    let book = valuation_data::positions();
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("custodian.xlsx"), valuation_data::custodian_workbook(&book)?)?;
    fs::write(folder.join("valuation.csv"), valuation_data::valuation_csv(&book))?;
    let expected = valuation_data::expected(&book, 1);
    writeln!(
        io::stdout(),
        "{} securities, {} matched, {} differences, total difference {}",
        book.len(),
        expected.matched,
        expected.differences.len(),
        valuation_data::yuan(expected.total_difference)
    )?;
    Ok(())
}

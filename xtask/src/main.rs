//! Tools of this repository.
fn main() {}

//! The binary `baigong`.
fn main() {}

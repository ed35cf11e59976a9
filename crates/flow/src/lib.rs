//! The flow document: parse, validate, run; trait Action. No HTTP, no SQL.

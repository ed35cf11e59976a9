//! Dialect trait, typed operation table, request checks, OpenAPI writer.

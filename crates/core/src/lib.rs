//! The operations: rules, authorization, audit. No HTTP, no SQL text.

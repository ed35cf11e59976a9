//! Wires the management platform together.

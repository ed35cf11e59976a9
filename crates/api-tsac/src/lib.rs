//! The dialect of T/TSAC 002-2025: one file per resource.

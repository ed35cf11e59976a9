//! Process packages: reading a zip safely, recognising its kind, checking, packing.

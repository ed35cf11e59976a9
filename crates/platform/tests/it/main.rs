//! The platform as a whole: it starts, says whether it can work, stops, and starts again on the same data.

mod start;

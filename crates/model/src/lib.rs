//! Words and rules every part shares: ids, states, permissions, the error, clock, paging. No I/O.

//! What platform and robot must agree on: uplink messages. No HTTP, no SQL.

//! Test servers, robots, builders, and the private PostgreSQL cluster of the tests.

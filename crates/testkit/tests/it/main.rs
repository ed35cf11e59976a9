//! The tests of testkit itself: that databases are fresh, copied from their template, and go when they should.

mod databases;

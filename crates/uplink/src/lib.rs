//! The platform's end of the robot connection.

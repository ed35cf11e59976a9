//! The only crate with SQL: entities, queries per aggregate, migrations, connect, write, scope.

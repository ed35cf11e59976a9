//! The steps that lead from an empty database to today's. A step that has been released is never changed; forward only.

mod m0001_initial;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// All steps in their order.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_initial::Step)]
    }
}

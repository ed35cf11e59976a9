//! The tree of departments in memory.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use baigong_model::{Result, ids::DepartmentId};
use baigong_store::{Store, departments as rows, entity::department::Model};

/// How long the tree is believed: another node may have changed it.
const FRESH_FOR: i64 = 1000;

/// Every department, deleted ones too.
#[derive(Debug, Default)]
pub struct Tree {
    /// Parents before their children, siblings by id.
    ordered: Vec<Model>,
    places: HashMap<DepartmentId, usize>,
    children: HashMap<DepartmentId, Vec<DepartmentId>>,
    /// Grows when anything in the tree has changed.
    version: u64,
}

impl Tree {
    pub(super) fn of(rows: Vec<Model>, version: u64) -> Self {
        let mut children: HashMap<DepartmentId, Vec<DepartmentId>> = HashMap::new();
        for row in &rows {
            children.entry(row.parent_id).or_default().push(row.id);
        }
        let mut by_id: HashMap<DepartmentId, Model> = rows.into_iter().map(|row| (row.id, row)).collect();
        let mut tree = Self { children, version, ..Self::default() };
        let mut level: Vec<DepartmentId> = tree.children.get(&0).cloned().unwrap_or_default();
        while !level.is_empty() {
            let below = level.iter().flat_map(|id| tree.children.get(id).into_iter().flatten().copied()).collect();
            for id in level {
                // Taking each row out once ends the walk even over a ring.
                if let Some(row) = by_id.remove(&id) {
                    tree.places.insert(id, tree.ordered.len());
                    tree.ordered.push(row);
                }
            }
            level = Vec::from_iter::<Vec<DepartmentId>>(below);
            level.retain(|id| by_id.contains_key(id));
        }
        tree
    }

    /// Every department, parents first.
    pub fn parents_first(&self) -> impl Iterator<Item = &Model> {
        self.ordered.iter()
    }

    /// The department `id`, deleted or not.
    #[must_use]
    pub fn get(&self, id: DepartmentId) -> Option<&Model> {
        self.places.get(&id).map(|place| &self.ordered[*place])
    }

    /// Whether there is a department `id`, deleted or not.
    #[must_use]
    pub fn has(&self, id: DepartmentId) -> bool {
        self.places.contains_key(&id)
    }

    /// Whether there is a department `id` that is not deleted.
    #[must_use]
    pub fn is_live(&self, id: DepartmentId) -> bool {
        self.get(id).is_some_and(|row| row.deleted_at.is_none())
    }

    /// Whether `id` has no department above it.
    #[must_use]
    pub fn is_root(&self, id: DepartmentId) -> bool {
        self.get(id).is_some_and(|row| row.parent_id == 0)
    }

    /// `id` and all departments below it, deleted ones too.
    #[must_use]
    pub fn subtree(&self, id: DepartmentId) -> BTreeSet<DepartmentId> {
        let mut found = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if self.has(id) && found.insert(id) {
                open.extend(self.children.get(&id).into_iter().flatten());
            }
        }
        found
    }

    /// `id` and all departments above it, nearest first.
    #[must_use]
    pub fn upwards(&self, id: DepartmentId) -> Vec<DepartmentId> {
        let mut way = Vec::new();
        let mut next = self.get(id);
        while let Some(row) = next.filter(|row| !way.contains(&row.id)) {
            way.push(row.id);
            next = self.get(row.parent_id);
        }
        way
    }

    /// Changes whenever anything in the tree does.
    #[must_use]
    pub(crate) fn version(&self) -> u64 {
        self.version
    }
}

/// The tree that is in force.
#[derive(Default)]
pub(crate) struct Cache {
    changes: AtomicU64,
    loaded: RwLock<Option<Loaded>>,
    loading: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Loaded {
    tree: Arc<Tree>,
    change: u64,
    at: i64,
}

impl Cache {
    /// A department has changed: to be called after the commit.
    pub(crate) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// The tree in force, if it need not be read again.
    pub(crate) fn fresh(&self, now: i64) -> Option<Arc<Tree>> {
        let change = self.changes.load(Ordering::Acquire);
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        let fresh = loaded.as_ref().filter(|it| it.change == change && (0..FRESH_FOR).contains(&(now - it.at)));
        fresh.map(|it| it.tree.clone())
    }

    /// The tree in force, read again where it may be out of date; by one caller while the others wait.
    pub(crate) async fn tree(&self, store: &Store, now: i64) -> Result<Arc<Tree>> {
        if let Some(tree) = self.fresh(now) {
            return Ok(tree);
        }
        let _loading = self.loading.lock().await;
        if let Some(tree) = self.fresh(now) {
            return Ok(tree);
        }
        let change = self.changes.load(Ordering::Acquire);
        let rows = rows::all(store).await?;
        let before = self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone();
        let tree = match before {
            Some(before) if is_same(&before.tree, &rows) => before.tree,
            before => Arc::new(Tree::of(rows, before.map_or(0, |before| before.tree.version) + 1)),
        };
        let loaded = Loaded { tree: tree.clone(), change, at: now };
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Some(loaded);
        Ok(tree)
    }
}

fn is_same(tree: &Tree, rows: &[Model]) -> bool {
    tree.ordered.len() == rows.len() && rows.iter().all(|row| tree.get(row.id) == Some(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, parent_id: i64) -> Model {
        let name = format!("d{id}");
        Model {
            id,
            name,
            live_name: None,
            parent_id,
            code: None,
            position: 0,
            remark: None,
            created_at: 0,
            deleted_at: None,
        }
    }

    #[test]
    fn parents_come_before_their_children_whatever_their_ids() {
        let tree = Tree::of(vec![row(1, 0), row(2, 5), row(3, 1), row(5, 1), row(6, 2)], 1);
        let order: Vec<i64> = tree.parents_first().map(|row| row.id).collect();
        assert_eq!(order, [1, 3, 5, 2, 6]);
        assert_eq!(tree.subtree(5).into_iter().collect::<Vec<_>>(), [2, 5, 6]);
        assert_eq!(tree.upwards(6), [6, 2, 5, 1]);
        assert!(tree.subtree(99).is_empty() && tree.upwards(99).is_empty());
    }

    #[test]
    fn a_ring_does_not_hang() {
        let tree = Tree::of(vec![row(1, 0), row(2, 3), row(3, 2)], 1);
        assert_eq!(tree.parents_first().count(), 1);
        assert!(tree.subtree(2).is_empty());
    }
}

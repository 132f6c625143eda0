//! What was read before and is still right. Nothing of a town but its entries changes without an event that is about no
//! entry, so what was read after the last such event need not be read again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use kaikaku_domain::id::YearId;

use crate::entry::Planned;
use crate::year::Year;

/// How many of each are remembered: a prefecture's installation has a million of them.
const MOST: usize = 1000;

/// What was read of all towns.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Years by id.
    pub(crate) years: Remembered<YearId, Year>,
    /// What the plan says of a sheet, by its id.
    pub(crate) sheets: Remembered<i64, Planned>,
}

/// Values, each with the town's last event when it was read.
#[derive(Debug)]
pub(crate) struct Remembered<K, V>(Mutex<BTreeMap<K, (i64, Arc<V>)>>);

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord, V> Remembered<K, V> {
    /// The value as it was after this event about the town.
    pub(crate) fn as_of(&self, town_seq: i64, key: &K) -> Option<Arc<V>> {
        let values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (seq, value) = values.get(key)?;
        (*seq == town_seq).then(|| Arc::clone(value))
    }

    /// Remembers a value that was read when this event was the last about the town, or later.
    pub(crate) fn keep(&self, town_seq: i64, key: K, value: V) -> Arc<V> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if values.len() >= MOST {
            values.clear();
        }
        let value = Arc::new(value);
        values.insert(key, (town_seq, Arc::clone(&value)));
        value
    }
}

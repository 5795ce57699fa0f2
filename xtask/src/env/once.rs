// SPDX-License-Identifier: GPL-2.0-only

//! Products that one run of xtask builds once, whatever number of its guests use them.

use anyhow::Result;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The products built so far.
#[derive(Debug)]
pub struct Once<K, V>(Mutex<BTreeMap<K, V>>);

impl<K: Ord, V: Clone> Once<K, V> {
    /// Creates it without products.
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Returns the product for `key`; calls `build` if there is none. Threads wait for each other, as
    /// two compilers would take each other's files.
    ///
    /// # Errors
    ///
    /// Returns that of `build`, which the next call repeats.
    pub fn get(&self, key: K, build: impl FnOnce() -> Result<V>) -> Result<V> {
        // A panic during a build has left nothing here.
        let mut built = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(product) = built.get(&key) {
            return Ok(product.clone());
        }
        let product = build()?;
        built.insert(key, product.clone());
        Ok(product)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn each_product_is_built_once_and_a_failure_is_not_kept() {
        let once = Once::new();
        assert!(once.get("7.3", || bail!("no compiler")).is_err());
        assert_eq!(once.get("7.3", || Ok(1)).unwrap(), 1);
        assert_eq!(once.get("7.3", || bail!("built again")).unwrap(), 1);
        assert_eq!(once.get("7.2", || Ok(2)).unwrap(), 2);
    }
}

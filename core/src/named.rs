//! Things that are kept by name: lanes, leases and origins. There are few, unless clients name hosts; then
//! some are forgotten, idle ones first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// More are not kept.
const MOST: usize = 4096;

/// See the module.
pub(crate) struct Named<T>(Mutex<Kept<T>>);

struct Kept<T> {
    all: HashMap<Box<str>, Arc<T>>,
    /// What was asked for last: mostly the same again, which is found without a hash.
    last: Option<(Box<str>, Arc<T>)>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Mutex::new(Kept { all: HashMap::new(), last: None }))
    }
}

impl<T> Named<T> {
    /// What has a name, if it is kept.
    #[cfg(feature = "h2")]
    pub(crate) fn find(&self, name: &str) -> Option<Arc<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).find(name)
    }

    /// What was asked for last, if its name fits.
    #[cfg(feature = "h2")]
    pub(crate) fn last(&self, fits: impl FnOnce(&str) -> bool) -> Option<Arc<T>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last.as_ref().filter(|(name, _)| fits(name)).map(|(_, one)| Arc::clone(one))
    }

    /// What has a name, made if need be.
    pub(crate) fn get(&self, name: &str, is_idle: impl Fn(&Arc<T>) -> bool, make: impl FnOnce() -> Arc<T>) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.find(name) {
            return found;
        }
        kept.last = None;
        if kept.all.len() >= MOST {
            kept.all.retain(|_, one| !is_idle(one));
        }
        if kept.all.len() >= MOST
            && let Some(any) = kept.all.keys().next().cloned()
        {
            kept.all.remove(&any);
        }
        let made = make();
        kept.all.insert(name.into(), Arc::clone(&made));
        kept.last = Some((name.into(), Arc::clone(&made)));
        made
    }

    /// How many are kept.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).all.len()
    }
}

impl<T> Kept<T> {
    fn find(&mut self, name: &str) -> Option<Arc<T>> {
        if let Some((last, found)) = &self.last
            && **last == *name
        {
            return Some(Arc::clone(found));
        }
        let found = Arc::clone(self.all.get(name)?);
        self.last = Some((name.into(), Arc::clone(&found)));
        Some(found)
    }
}

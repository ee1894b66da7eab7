//! Which device wears which tag, for the fakes of vendors that push to tags.

use std::collections::{BTreeMap, BTreeSet};

/// Devices by tag.
#[derive(Default)]
pub(super) struct Tags(BTreeMap<String, BTreeSet<String>>);

impl Tags {
    /// Lets a device wear a tag.
    pub(super) fn add(&mut self, tag: &str, device: &str) {
        self.0.entry(tag.to_owned()).or_default().insert(device.to_owned());
    }

    /// Takes a tag off a device.
    pub(super) fn remove(&mut self, tag: &str, device: &str) {
        self.0.get_mut(tag).map(|devices| devices.remove(device));
    }

    /// Gives a tag another name, if it is there.
    pub(super) fn rename(&mut self, old: &str, new: &str) {
        if let Some(devices) = self.0.remove(old) {
            self.0.entry(new.to_owned()).or_default().extend(devices);
        }
    }

    /// The devices that wear a tag, in the order of their names.
    pub(super) fn members(&self, tag: &str) -> Vec<String> {
        self.0.get(tag).into_iter().flatten().cloned().collect()
    }

    /// The devices that wear one tag of `any` (if it has some), every tag of `all` and no tag of
    /// `none`, in the order of their names.
    pub(super) fn chosen(&self, any: &[&str], all: &[&str], none: &[&str]) -> Vec<String> {
        let devices: BTreeSet<&String> = self.0.values().flatten().collect();
        let wears = |device: &String, tag: &str| self.0.get(tag).is_some_and(|devices| devices.contains(device));
        let fits = |device: &&String| {
            (any.is_empty() || any.iter().any(|tag| wears(device, tag)))
                && all.iter().all(|tag| wears(device, tag))
                && !none.iter().any(|tag| wears(device, tag))
        };
        devices.into_iter().filter(fits).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_intersected() {
        let mut tags = Tags::default();
        for (tag, device) in [("a", "1"), ("a", "2"), ("a", "3"), ("b", "2"), ("b", "3"), ("c", "3"), ("d", "4")] {
            tags.add(tag, device);
        }
        assert_eq!(tags.chosen(&["a", "d"], &[], &[]), ["1", "2", "3", "4"]);
        assert_eq!(tags.chosen(&[], &["a", "b"], &[]), ["2", "3"]);
        assert_eq!(tags.chosen(&["a", "d"], &["b"], &["c"]), ["2"]);
        assert!(tags.chosen(&["nobody's"], &[], &[]).is_empty());
        tags.remove("b", "2");
        tags.rename("b", "e");
        assert_eq!((tags.members("b"), tags.members("e")), (vec![], vec!["3".to_owned()]));
    }
}

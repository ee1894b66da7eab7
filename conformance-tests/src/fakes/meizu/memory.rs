//! What the server remembers: tasks, and what devices subscribed to.

use std::collections::{BTreeMap, BTreeSet};

use super::FIRST_TASK;
use crate::fake::Delivered;

/// The memory of one app.
#[derive(Default)]
pub(super) struct Memory {
    /// Tasks in the order of their numbers.
    pub(super) tasks: Vec<Task>,
    /// Devices by pushId.
    pub(super) devices: BTreeMap<String, Device>,
    /// Names of all tags; a tag's place is its number.
    pub(super) tags: Vec<String>,
}

/// A task.
pub(super) struct Task {
    /// The saved message, in the shape in which it will be delivered; `None` for broadcasts.
    pub(super) message: Option<Delivered>,
    /// Whether it was cancelled.
    pub(super) cancelled: bool,
}

impl Task {
    /// A message that waits to be pushed.
    pub(super) fn saved(message: Delivered) -> Self {
        Self { message: Some(message), cancelled: false }
    }

    /// A broadcast that runs.
    pub(super) fn broadcast() -> Self {
        Self { message: None, cancelled: false }
    }
}

/// What a device subscribed to.
#[derive(Clone)]
pub(super) struct Device {
    pub(super) alias: String,
    pub(super) tags: BTreeSet<String>,
    /// Whether it takes notifications, and data-only messages.
    pub(super) switches: [bool; 2],
}

impl Default for Device {
    fn default() -> Self {
        Self { alias: String::new(), tags: BTreeSet::new(), switches: [true; 2] }
    }
}

impl Memory {
    /// The number of the next task.
    pub(super) fn next_task(&self) -> usize {
        FIRST_TASK + self.tasks.len()
    }

    /// A task by its number in decimal.
    pub(super) fn task(&self, id: &str) -> Option<&Task> {
        self.tasks.get(place(id)?)
    }

    /// The same, to change it.
    pub(super) fn task_mut(&mut self, id: &str) -> Option<&mut Task> {
        self.tasks.get_mut(place(id)?)
    }

    /// The number of a tag.
    pub(super) fn tag_number(&mut self, name: &str) -> usize {
        if let Some(at) = self.tags.iter().position(|tag| tag == name) {
            return at + 1;
        }
        self.tags.push(name.to_owned());
        self.tags.len()
    }
}

fn place(id: &str) -> Option<usize> {
    let number: usize = id.parse().ok()?;
    number.checked_sub(FIRST_TASK).filter(|_| number.to_string() == id)
}

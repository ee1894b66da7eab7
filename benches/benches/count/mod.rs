//! Counts allocations. A counting allocator slows all of a program down, so it is for benches
//! only: the programs of this package run on the allocator that a service has.

use omnipush_benches::measure::{Allocations, count_allocations_by};

/// From now on allocations are counted.
pub(crate) fn allocations() {
    count_allocations_by(|run| {
        let counted = allocation_counter::measure(run);
        Allocations {
            count: counted.count_total as f64,
            bytes: counted.bytes_total as f64,
            most: counted.bytes_max as f64,
        }
    });
}

//! The ids of requests, by which vendors tell a repeat from another request.
//!
//! Random, or derived from the notification's id, the shape and the targets: so an id stays the
//! same when the same request goes again, also from another process, and differs between the
//! requests of one notification, which a vendor would else take for repeats.

use std::hash::Hasher as _;

use sha2::{Digest as _, Sha256};
use siphasher::sip128::{Hasher128 as _, SipHasher13};
use uuid::Uuid;

use super::prepared::Prepared;
use crate::vendor::{Item, Shape};

/// What the ids of a notification's requests are derived from. A cryptographic hash of its id, so
/// that nobody makes two notifications with one seed; the targets, of which there may be
/// thousands, then only need a keyed one.
#[derive(Clone, Copy)]
pub(super) struct Seed([u8; 16]);

impl Seed {
    pub(super) fn of(id: &str) -> Self {
        let mut seed = [0; 16];
        seed.iter_mut().zip(Sha256::digest(id)).for_each(|(to, from)| *to = from);
        Self(seed)
    }
}

/// The id of a request to some targets; `prepared` gives what each item gets. They differ in
/// requests that carry many notifications.
pub(super) fn request_id<'p>(
    shape: Shape,
    items: &[Item<'_>],
    prepared: impl Fn(usize) -> Option<&'p Prepared>,
) -> Uuid {
    let seed = |at: usize| prepared(at)?.0.seed;
    let derive = || {
        let mut hash = SipHasher13::new_with_key(&seed(0)?.0);
        // Eight bytes each, so that targets are read eight at a time.
        hash.write(&(shape as u64).to_le_bytes());
        for (at, item) in items.iter().enumerate() {
            let target = item.target.as_str();
            hash.write(&(target.len() as u64).to_le_bytes());
            hash.write(target.as_bytes());
            if shape == Shape::Each {
                hash.write(&seed(at)?.0);
            }
        }
        Some(uuid::Builder::from_custom_bytes(hash.finish128().as_bytes()).into_uuid())
    };
    derive().unwrap_or_else(random_id)
}

pub(super) fn random_id() -> Uuid {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid()
}

//! A behaviour as data.

use anyhow::Result;
use futures::future::LocalBoxFuture;

use super::ground::{Ground, Subject};

/// What every adapter does, if it can.
pub(super) struct Behaviour {
    /// The contract, as a sentence.
    pub(super) name: &'static str,
    /// Why it does not apply to a vendor, if so.
    pub(super) needs: fn(&Subject) -> Result<(), String>,
    /// The trial.
    pub(super) run: for<'a> fn(&'a Ground) -> LocalBoxFuture<'a, Result<()>>,
}

/// Lists functions as behaviours, so that no name can differ from its function. After a colon
/// stands what it needs.
macro_rules! behaviours {
    ($($name:ident $(: $needs:expr)?),* $(,)?) => {
        pub(super) const ALL: &[$crate::suite::behaviour::Behaviour] = &[$(
            $crate::suite::behaviour::Behaviour {
                name: stringify!($name),
                needs: behaviours!(@needs $($needs)?),
                run: |ground| Box::pin($name(ground)),
            }
        ),*];
    };
    (@needs) => { |_| Ok(()) };
    (@needs $needs:expr) => { $needs };
}

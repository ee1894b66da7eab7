//! The embedded fakes in place of the vendors, to try the service without an account anywhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use omnipush::{ConfigError, Push, PushVendor, TransportOptions};
use omnipush_conformance::{Host, fakes};

use crate::certificates;

/// A running fake of every vendor.
pub(super) struct Fakes(BTreeMap<&'static str, Host>);

impl Fakes {
    pub(super) async fn start() -> Self {
        let mut all = BTreeMap::new();
        for (id, _) in omnipush::VENDORS {
            if let Some(fake) = fakes::by_id(id) {
                all.insert(*id, Host::start_shared(fake).await);
            }
        }
        Self(all)
    }

    /// A client for the fake of a vendor, whatever the vendor's own settings say.
    pub(super) fn connect(
        &self,
        vendor: &dyn PushVendor,
        engine: omnipush::Settings,
    ) -> Result<Arc<dyn Push>, ConfigError> {
        let id = vendor.profile().id;
        let Some(host) = self.0.get(id) else { return Err(ConfigError::new(id, "vendor", "has no fake")) };
        let mut options = TransportOptions::default();
        options.direct = true;
        certificates::connect_with(omnipush::build(&host.config())?, engine, options)
    }
}

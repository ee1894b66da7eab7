//! The embedded fakes in place of the vendors, to try the service without an account anywhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use omnipush::{ConfigError, Push, TransportOptions};
use omnipush_conformance::{Host, fakes};

use crate::certificates;

/// A running fake of every vendor.
pub(crate) struct Fakes(BTreeMap<&'static str, Host>);

impl Fakes {
    pub(crate) async fn start() -> Self {
        let start = |(id, _): &(&'static str, _)| Some((*id, Host::start_shared(fakes::by_id(id)?)));
        let hosts = omnipush::VENDORS.iter().filter_map(start).map(async |(id, host)| (id, host.await));
        Self(join_all(hosts).await.into_iter().collect())
    }

    pub(crate) fn host(&self, vendor: &str) -> Option<&Host> {
        self.0.get(vendor)
    }

    /// A client for the fake of a vendor, whose settings are the fake's own and these.
    pub(crate) fn connect(
        &self,
        vendor: &'static str,
        more: &[(&str, &str)],
        engine: omnipush::Settings,
    ) -> Result<Arc<dyn Push>, ConfigError> {
        let Some(host) = self.0.get(vendor) else { return Err(ConfigError::new(vendor, "vendor", "has no fake")) };
        let mut entry = host.config();
        if let Some(entry) = entry.as_object_mut() {
            entry.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())));
        }
        let mut options = TransportOptions::default();
        options.direct = true;
        certificates::connect_with(omnipush::build(&entry)?, engine, options)
    }
}

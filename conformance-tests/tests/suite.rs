//! Every vendor of omnipush against its fake.

use std::process::ExitCode;
use std::sync::Arc;

use omnipush::{ConfigError, PushVendor, VENDORS};
use omnipush_conformance::fakes;
use omnipush_conformance::suite::{self, Mount};
use serde_json::Value;

const MOUNTS: &[Mount] = &[
    Mount::new("fcm", || Arc::new(fakes::Fcm::new()), |settings| build("fcm", settings)),
    Mount::new("apns", || Arc::new(fakes::Apns::new()), |settings| build("apns", settings)),
    Mount::new("huawei", || Arc::new(fakes::Huawei::new()), |settings| build("huawei", settings)),
    Mount::new("harmony", || Arc::new(fakes::Harmony::new()), |settings| build("harmony", settings)),
    Mount::new("honor", || Arc::new(fakes::Honor::new()), |settings| build("honor", settings)),
    Mount::new("xiaomi", || Arc::new(fakes::Xiaomi::new()), |settings| build("xiaomi", settings)),
    Mount::new("oppo", || Arc::new(fakes::Oppo::new()), |settings| build("oppo", templated(settings))),
    Mount::new("vivo", || Arc::new(fakes::Vivo::new()), |settings| build("vivo", settings)),
    Mount::new("meizu", || Arc::new(fakes::Meizu::new()), |settings| build("meizu", settings)),
    Mount::new("tpns", || Arc::new(fakes::Tpns::new()), |settings| build("tpns", settings)),
    Mount::new("webpush", || Arc::new(fakes::WebPush::new()), |settings| build("webpush", settings)),
    Mount::new("fcm_h2", || Arc::new(fakes::Fcm::new()), |settings| build("fcm", settings)).over_h2(),
    Mount::new("xiaomi_h2", || Arc::new(fakes::Xiaomi::new()), |settings| build("xiaomi", settings)).over_h2(),
    Mount::new("webpush_h2", || Arc::new(fakes::WebPush::new()), |settings| build("webpush", settings)).over_h2(),
    // With saved messages, which is a setting.
    Mount::new(
        "oppo_broadcast",
        || Arc::new(fakes::Oppo::new()),
        |settings| build("oppo", with("broadcast", templated(settings))),
    ),
    Mount::new("meizu_task", || Arc::new(fakes::Meizu::new()), |settings| build("meizu", with("task", settings))),
];

fn main() -> ExitCode {
    let unmounted = VENDORS.iter().find(|(id, _)| MOUNTS.iter().all(|mount| mount.name() != *id));
    if let Some((id, _)) = unmounted {
        eprintln!("{id} is not mounted: add its line to tests/suite.rs");
        return ExitCode::FAILURE;
    }
    suite::run(MOUNTS)
}

fn build(id: &str, settings: Value) -> Result<Arc<dyn PushVendor>, ConfigError> {
    match VENDORS.iter().find(|(vendor, _)| *vendor == id) {
        Some((_, build)) => build(settings),
        None => Err(ConfigError::new("omnipush", "vendor", format!("is `{id}`, which is not in this build"))),
    }
}

/// OPPO refuses messages of the category `IM` without an approved template.
fn templated(mut settings: Value) -> Value {
    if let Some(settings) = settings.as_object_mut() {
        settings.insert("private_msg_template_id".to_owned(), fakes::oppo::TEMPLATES[0].into());
    }
    settings
}

fn with(switch: &str, mut settings: Value) -> Value {
    if let Some(settings) = settings.as_object_mut() {
        settings.insert(switch.to_owned(), true.into());
    }
    settings
}

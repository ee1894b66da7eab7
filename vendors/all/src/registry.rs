//! The vendors by name. A new vendor adds its line to [`VENDORS`], a feature and a module.

use std::sync::Arc;

use omnipush_core::{ConfigError, PushVendor};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// How a vendor is built from its settings.
pub type Build = fn(Value) -> Result<Arc<dyn PushVendor>, ConfigError>;

/// The vendors of this build, by id, in the order in which tables show them.
pub const VENDORS: &[(&str, Build)] = &[
    #[cfg(feature = "fcm")]
    ("fcm", |entry| make("fcm", entry, omnipush_fcm::Fcm::new)),
    #[cfg(feature = "apns")]
    ("apns", |entry| make("apns", entry, omnipush_apns::Apns::new)),
    #[cfg(feature = "huawei")]
    ("huawei", |entry| make("huawei", entry, omnipush_huawei::Huawei::new)),
    #[cfg(feature = "huawei")]
    ("harmony", |entry| make("harmony", entry, omnipush_huawei::Harmony::new)),
    #[cfg(feature = "honor")]
    ("honor", |entry| make("honor", entry, omnipush_honor::Honor::new)),
    #[cfg(feature = "xiaomi")]
    ("xiaomi", |entry| make("xiaomi", entry, omnipush_xiaomi::Xiaomi::new)),
    #[cfg(feature = "oppo")]
    ("oppo", |entry| make("oppo", entry, omnipush_oppo::Oppo::new)),
    #[cfg(feature = "vivo")]
    ("vivo", |entry| make("vivo", entry, |config| Ok(omnipush_vivo::Vivo::new(config)))),
    #[cfg(feature = "meizu")]
    ("meizu", |entry| make("meizu", entry, omnipush_meizu::Meizu::new)),
    #[cfg(feature = "tpns")]
    ("tpns", |entry| make("tpns", entry, omnipush_tpns::Tpns::new)),
    #[cfg(feature = "webpush")]
    ("webpush", |entry| make("webpush", entry, omnipush_webpush::WebPush::new)),
];

/// Builds a vendor from an entry: its id under `vendor`, its settings beside it.
///
/// # Errors
/// Says which key is wrong, missing or unknown, and what is expected.
pub fn build(entry: &Value) -> Result<Arc<dyn PushVendor>, ConfigError> {
    let known = || VENDORS.iter().map(|(id, _)| *id).collect::<Vec<_>>().join(", ");
    let Some(mut settings) = entry.as_object().cloned() else {
        return Err(ConfigError::new("omnipush", "vendor", "must be in a table of settings"));
    };
    let Some(Value::String(id)) = settings.shift_remove("vendor") else {
        return Err(ConfigError::new("omnipush", "vendor", format!("is missing; it must be one of {}", known())));
    };
    match VENDORS.iter().find(|(vendor, _)| *vendor == id) {
        Some((_, build)) => build(Value::Object(settings)),
        None => Err(ConfigError::new("omnipush", "vendor", format!("is `{id}`; it must be one of {}", known()))),
    }
}

fn make<C: DeserializeOwned, V: PushVendor>(
    id: &'static str,
    settings: Value,
    new: impl FnOnce(C) -> Result<V, ConfigError>,
) -> Result<Arc<dyn PushVendor>, ConfigError> {
    let config = serde_path_to_error::deserialize(settings).map_err(|error| {
        let path = error.path().to_string();
        let problem = without_value(&error.into_inner().to_string());
        // serde names a missing or unknown key in its words, and the path ends above it.
        let key = problem.split('`').nth(1).filter(|_| path == ".").map_or(path, str::to_owned);
        ConfigError::new(id, key, format!("does not fit: {problem}"))
    })?;
    Ok(Arc::new(new(config)?))
}

/// serde shows the value that does not fit, which may be a secret: `invalid type: string "…",
/// expected u64` becomes `invalid type, expected u64`.
fn without_value(problem: &str) -> String {
    match (problem.split_once(": "), problem.rsplit_once(", expected ")) {
        (Some((kind @ ("invalid type" | "invalid value" | "invalid length"), _)), Some((_, expected))) => {
            format!("{kind}, expected {expected}")
        }
        _ => problem.to_owned(),
    }
}

#[cfg(test)]
#[cfg(feature = "vivo")]
mod tests {
    use super::*;
    use serde_json::json;

    fn error(entry: Value) -> String {
        match build(&entry) {
            Ok(_) => panic!("{entry} was taken"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_wrong_entry_says_which_key_and_what_is_expected() {
        let missing = error(json!({"vendor": "vivo", "app_id": 1, "app_key": "k"}));
        assert_eq!(missing, "vivo: `app_secret` does not fit: missing field `app_secret`");
        let unknown = error(json!({"vendor": "vivo", "appid": 1}));
        assert!(
            unknown.starts_with("vivo: `appid` does not fit: unknown field `appid`, expected one of `app_id`"),
            "{unknown}"
        );
        let wrong = error(json!({"vendor": "vivo", "app_id": "one", "app_key": "k", "app_secret": "s3cr3t"}));
        assert_eq!(wrong, "vivo: `app_id` does not fit: invalid type, expected u64");
        let leak = error(json!({"vendor": "vivo", "app_id": 1, "app_key": "k", "app_secret": 31_415_926}));
        assert_eq!(leak, "vivo: `app_secret` does not fit: invalid type, expected a string");
        assert!(error(json!({"vendor": "nokia"})).contains("one of"));
        assert!(error(json!({"app_id": 1})).contains("is missing"));
    }

    #[test]
    fn every_vendor_has_its_own_id() {
        for (i, (id, _)) in VENDORS.iter().enumerate() {
            assert!(VENDORS.iter().skip(i + 1).all(|(other, _)| other != id), "{id}");
        }
    }
}

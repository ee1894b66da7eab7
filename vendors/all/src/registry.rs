//! The vendors by name. A new vendor adds its line to the list below, and a feature in Cargo.toml.

use std::sync::Arc;

use omnipush_core::config::from_settings;
use omnipush_core::{ConfigError, PushVendor};
use serde_json::Value;

/// How a vendor is built from its settings.
pub type Build = fn(Value) -> Result<Arc<dyn PushVendor>, ConfigError>;

/// A line for each vendor crate: its feature and module, its crate, and its vendors by id.
macro_rules! vendors {
    ($($feature:literal: $krate:ident as $module:ident { $($id:literal: $vendor:ident),+ })+) => {
        $(
            #[cfg(feature = $feature)]
            pub use $krate as $module;
        )+

        /// The vendors of this build, by id, in the order in which tables show them.
        pub const VENDORS: &[(&str, Build)] = &[
            $($(
                #[cfg(feature = $feature)]
                ($id, |entry| from_settings($id, entry, $krate::$vendor::new)),
            )+)+
        ];
    };
}

vendors! {
    "fcm": omnipush_fcm as fcm { "fcm": Fcm }
    "apns": omnipush_apns as apns { "apns": Apns }
    "huawei": omnipush_huawei as huawei { "huawei": Huawei, "harmony": Harmony }
    "honor": omnipush_honor as honor { "honor": Honor }
    "xiaomi": omnipush_xiaomi as xiaomi { "xiaomi": Xiaomi }
    "oppo": omnipush_oppo as oppo { "oppo": Oppo }
    "vivo": omnipush_vivo as vivo { "vivo": Vivo }
    "meizu": omnipush_meizu as meizu { "meizu": Meizu }
    "tpns": omnipush_tpns as tpns { "tpns": Tpns }
    "webpush": omnipush_webpush as webpush { "webpush": WebPush }
}

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

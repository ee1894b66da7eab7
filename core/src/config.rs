//! Vendors from settings, as a configuration file or a test gives them.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::ConfigError;
use crate::vendor::PushVendor;

/// Builds a vendor from settings: a JSON object with the fields of its `Config`.
///
/// # Errors
/// Says which key is wrong, missing or unknown, and what is expected; never shows a value, which
/// may be a secret.
pub fn from_settings<C: DeserializeOwned, V: PushVendor>(
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

/// The words of a serde error without the value that does not fit, which may be a secret:
/// `invalid type: string "…", expected u64` becomes `invalid type, expected u64`.
pub fn without_value(problem: &str) -> String {
    match (problem.split_once(": "), problem.rsplit_once(", expected ")) {
        (Some((kind @ ("invalid type" | "invalid value" | "invalid length"), _)), Some((_, expected))) => {
            format!("{kind}, expected {expected}")
        }
        _ => problem.to_owned(),
    }
}

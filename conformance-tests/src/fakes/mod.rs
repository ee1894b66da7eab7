//! The vendors' fakes.

pub mod apns;
pub mod fcm;
pub mod harmony;
pub mod honor;
pub mod huawei;
pub mod meizu;
pub mod oppo;
pub mod tpns;
pub mod vivo;
pub mod webpush;
pub mod xiaomi;

use std::sync::Arc;

use crate::fake::Fake;

pub use apns::Apns;
pub use fcm::Fcm;
pub use harmony::Harmony;
pub use honor::Honor;
pub use huawei::Huawei;
pub use meizu::Meizu;
pub use oppo::Oppo;
pub use tpns::Tpns;
pub use vivo::Vivo;
pub use webpush::WebPush;
pub use xiaomi::Xiaomi;

/// A new fake of a vendor, by the vendor's id.
pub fn by_id(id: &str) -> Option<Arc<dyn Fake>> {
    Some(match id {
        "fcm" => Arc::new(Fcm::new()),
        "apns" => Arc::new(Apns::new()),
        "xiaomi" => Arc::new(Xiaomi::new()),
        "vivo" => Arc::new(Vivo::new()),
        "meizu" => Arc::new(Meizu::new()),
        "honor" => Arc::new(Honor::new()),
        "tpns" => Arc::new(Tpns::new()),
        "webpush" => Arc::new(WebPush::new()),
        "huawei" => Arc::new(Huawei::new()),
        "harmony" => Arc::new(Harmony::new()),
        "oppo" => Arc::new(Oppo::new()),
        _ => return None,
    })
}

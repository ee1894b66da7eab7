//! The vendors' fakes.

mod tags;
mod topics;

use std::sync::Arc;

use crate::fake::Fake;

/// A line for each fake: the vendor's id, its module and its type.
macro_rules! fakes {
    ($($id:literal: $module:ident::$fake:ident)+) => {
        $(
            pub mod $module;
            pub use $module::$fake;
        )+

        /// A new fake of a vendor, by the vendor's id.
        pub fn by_id(id: &str) -> Option<Arc<dyn Fake>> {
            Some(match id {
                $($id => Arc::new($fake::new()),)+
                _ => return None,
            })
        }
    };
}

fakes! {
    "fcm": fcm::Fcm
    "apns": apns::Apns
    "huawei": huawei::Huawei
    "harmony": harmony::Harmony
    "honor": honor::Honor
    "xiaomi": xiaomi::Xiaomi
    "oppo": oppo::Oppo
    "vivo": vivo::Vivo
    "meizu": meizu::Meizu
    "tpns": tpns::Tpns
    "webpush": webpush::WebPush
}

/// A new fake of a vendor that takes what the vendor takes, where its documents ask for better:
/// for senders that are not ours.
pub fn for_any_sender(id: &str) -> Option<Arc<dyn Fake>> {
    match id {
        "apns" => Some(Arc::new(Apns::new().lenient())),
        _ => by_id(id),
    }
}

//! The vendors' fakes.

pub mod apns;
pub mod fcm;
pub mod meizu;
pub mod vivo;
pub mod xiaomi;

pub use apns::Apns;
pub use fcm::Fcm;
pub use meizu::Meizu;
pub use vivo::Vivo;
pub use xiaomi::Xiaomi;

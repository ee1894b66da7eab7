#![doc = include_str!("docs.md")]

mod account;
pub mod harmony;
pub mod hms;
mod receipts;

pub use account::ServiceAccount;
pub use harmony::Harmony;
pub use hms::Huawei;

//! Xiaomi
/// Xiaomi
pub struct Xiaomi;

//! Apns
/// Apns
pub struct Apns;

//! Fcm
/// Fcm
pub struct Fcm;

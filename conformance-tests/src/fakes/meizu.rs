//! Meizu
/// Meizu
pub struct Meizu;

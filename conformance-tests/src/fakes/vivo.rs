//! Vivo
/// Vivo
pub struct Vivo;

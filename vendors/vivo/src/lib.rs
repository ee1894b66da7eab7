//! vivo

//! meizu

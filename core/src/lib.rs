//! omnipush-core
pub mod verdict;
pub use verdict::*;

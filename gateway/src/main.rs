//! omnipush
fn main() {}

//! xiaomi

//! fcm

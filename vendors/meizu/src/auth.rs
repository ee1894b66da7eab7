//! Signing: an MD5 over every parameter of a form as it was before escaping, and the secret.
//!
//! Meizu's PushAPI, section on signatures, read in 2026-11.

use omnipush_core::{Encoded, Item, sign};

use crate::config::Config;

/// The signature of a form: `name=value` of each parameter in the order of the names, without
/// anything between them, then the secret.
///
/// `appId` is always the first. `before` and `after` are what stands around `pushIds` in that
/// order, in any pieces; without items there is no `pushIds`.
pub(crate) fn signature(config: &Config, before: &[&str], items: &[Item<'_>], after: &[&str]) -> String {
    let ids = items.iter().enumerate().flat_map(|(i, item)| {
        let joint = if i == 0 { "pushIds=" } else { "," };
        [joint, item.target.as_str()]
    });
    let app = ["appId=", &config.app_id];
    let rest = after.iter().copied().chain([config.app_secret.expose()]);
    sign::md5_hex(app.into_iter().chain(before.iter().copied()).chain(ids).chain(rest))
}

/// The texts of an encoded notification that are signed: its messageJson, then its package names
/// with their parameter's name, or nothing.
///
/// `aux` holds both in a row. A messageJson ends with `}`, which no package name has.
pub(crate) fn signed(encoded: &Encoded) -> (&str, [&str; 2]) {
    let text = std::str::from_utf8(&encoded.aux).unwrap_or_default();
    let (message, packages) = text.split_at(text.rfind('}').map_or(0, |at| at + 1));
    (message, if packages.is_empty() { ["", ""] } else { ["restrictedPackageNames=", packages] })
}

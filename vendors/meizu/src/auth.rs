//! Signing: an MD5 over every parameter as it was before escaping, and the secret.
//!
//! Meizu's PushAPI, section on signatures, read in 2026-11.

use omnipush_core::{Encoded, Item, sign};

use crate::config::Config;

/// The signature of a send: `name=value` of each parameter in the order of the names, without
/// anything between them, then the secret.
///
/// `before` and `after` are what stands around `pushIds`, in any pieces; without items there is
/// none. Before them comes `appId`, and before that the aliases, if `aliases` says that the items
/// are such.
pub(crate) fn signature(config: &Config, before: &[&str], items: &[Item<'_>], aliases: bool, after: &[&str]) -> String {
    let name = if aliases { "alias=" } else { "pushIds=" };
    let ids =
        || items.iter().enumerate().flat_map(move |(i, item)| [if i == 0 { name } else { "," }, item.target.as_str()]);
    let app = ["appId=", &config.app_id].into_iter().chain(before.iter().copied());
    let rest = after.iter().copied().chain([config.app_secret.expose()]);
    // Hashing one long text is cheaper than hashing many short ones.
    let text: String =
        if aliases { ids().chain(app).chain(rest).collect() } else { app.chain(ids()).chain(rest).collect() };
    sign::md5_hex([text.as_str()])
}

/// The form of a small call, its parameters in the order of their names and its signature at the
/// end.
pub(crate) fn form(config: &Config, parameters: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = parameters.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    all.push(("appId".to_owned(), config.app_id.clone()));
    all.sort();
    let pieces = all.iter().flat_map(|(name, value)| [name.as_str(), "=", value.as_str()]);
    let sign = sign::md5_hex(pieces.chain([config.app_secret.expose()]));
    all.push(("sign".to_owned(), sign));
    all
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

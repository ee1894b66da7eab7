//! Pictures: `/media/upload/image`.

use super::codes::{Refusal, refuse};
use super::{Xiaomi, accepted};
use crate::fake::{Answer, Call};
use crate::multipart;

pub(super) const PATH: &str = "/media/upload/image";

impl Xiaomi {
    /// Takes a picture, and answers its address.
    pub(super) fn upload(&self, call: &Call) -> Result<Answer, Refusal> {
        self.authorise(call)?;
        let parts = match multipart::parts(call) {
            Ok(parts) => parts,
            Err(why) => return refuse(10007, why),
        };
        let (mut file, mut icon) = (None, None);
        for part in parts {
            match (part.name.as_str(), part.text()) {
                ("file", _) if file.is_none() => file = Some(part),
                ("is_global", Some("true" | "false")) => {}
                ("is_icon", Some(value @ ("true" | "false"))) => icon = Some(value == "true"),
                (name, _) => return refuse(10017, format!("value of parameter {name} is illegal")),
            }
        }
        let Some((name, bytes)) = file.and_then(|file| Some((file.file_name?, file.bytes))) else {
            return refuse(10016, "required parameter file is missing");
        };
        if bytes.is_empty() {
            return refuse(65011, "parameter file is empty");
        }
        let kind = if icon == Some(true) { "icon" } else { "pic" };
        let data = [(format!("{kind}_url"), address(kind, bytes.len(), &name))].into_iter().collect();
        Ok(accepted(self.world.serial(), &data, ""))
    }
}

/// Where a picture of a kind, a length and a name is found.
pub(super) fn address(kind: &str, length: usize, name: &str) -> String {
    format!("https://f6.market.xiaomi.invalid/{kind}/{length}/{name}")
}

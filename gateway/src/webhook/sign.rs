//! The signature of a call: a hash over the token and the time, in the address.

use omnipush::Secret;
use sha2::{Digest as _, Sha256};

/// `Sign` of a token and `RequestTime`.
pub(super) fn sign(token: &Secret, time_s: u64) -> String {
    let text = format!("{}{time_s}", token.expose());
    hex::encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vector_comes_out() {
        let hash = sign(&Secret::new("xxxxyyyy"), 1_669_872_112);
        assert_eq!(hash, "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061");
        let hash = sign(&Secret::new("gw-token-1"), 1_767_225_600);
        assert_eq!(hash, "8769266839812118d893d4b9af20b527d611ee2984f9521ea5ddcbd5443ed72d");
    }
}

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use omnipush::Secret;
use omnipush_gateway::http::usersig::{InvalidUserSig, UserSig};

use crate::server::{APP, KEY};

/// 2026-01-01 00:00:00 UTC; the vectors live for a day from then on.
const MADE: u64 = 1_767_225_600;

/// One signature as four libraries write it: without compression, compact, and as the generators that are
/// published for Node and for Python write it.
const SPELLINGS: [&str; 4] = [
    "eAEBqQBW-3siVExTLnZlciI6IjIuMCIsIlRMUy5pZGVudGlmaWVyIjoiYWRtaW4tMDEiLCJUTFMuc2RrYXBwaWQiOjE0MDAwMDAxMjMsIlRMUy5leHBpcmUiOjg2NDAwLCJUTFMudGltZSI6MTc2NzIyNTYwMCwiVExTLnNpZyI6IkU4R2Y1bFBGKzBweFlrMTAxSU5OTlBHUHpmNEdFYVZ5NFJhNG1pTHF0bkU9In3zDjCo",
    "eJw1zFELgjAUhuH-cm4r2dacInS5RiBDKoIuB9viYMpSCSv67y2tc-c9L5wXHMtDcncdFMASAstpo3XtgB4nNrbBdkXor-W2NiGghYJy8j3K1nNxY8DOQZGLGGYasIlAM5Exloq-9niJf2WufHqttgsSxnNNCd1prStVPT1X0pwefG94g*VtaOUG3h-zDjCo",
    "eJw1yVELgjAUhuH-cm4rOVtzyqBLk0BEKoIuB9viYJOlI6zov0da3933vC84VofkbntQwBOE5fTJ2C6So4m18dStkP3aYFodAhlQTOB3jK-nEslbUCyTGeepRJzVjoF6CyqX4k8DXUBBkZcuvTbbBYbx3DJku7qum7J5OlEW*vQQey08VbfYFRt4fwDlrDCo",
    "eJw9zFELwiAYheG-MrythppzI*hySTCGVARdCmp8rIltI1bRf09rdS7fB84THap9ejMdWiWIphjNk08BbdwAFr6gdAtugclPe90o70EHIwzHEbqczIweOhOk4IGmOEAbE8l5TmnG-72Hc-wvC2Gzi9zMsB9PDcFkW9e1FPJhmSjV8c52irVQXQdXrtHrDVvBMgg_",
];

/// What the published generators (`tls-sig-api-v2` for Node, 1.0.2, and for Python, 1.1) made of the same
/// key at a time of their own, for a hundred years.
const PUBLISHED: [&str; 2] = [
    "eJwtjMsOgjAURP-lrpX0iW0TVz4WhrhBWbgrtuANgk1BY2L8dyMwuzknMx84ZXny8hEMsITAYuzofDdghSO2rsVuSejsetfYENCBoYL8QxmfzICtB0NXWiqllU4n6t8BowfDqeTpOJh-sAYDukdSPqvNNdz3O*rqSxHb7Vkz8bD5wWaisVoeY3EruVjD9wflfjIi",
    "eJw1zbsOgjAYBeBXIZ2V9Aa2Jk5eBkNcUAa3Qgv*QbApaEyM7y5FOOP5knM*6Jyk4cs4tA4QDTFaBGMD2rQ9lPAHpRtol5jM2ulaWQt6MMKxD6FsMvO24MwgjEQsHnGSHhrfk5WMhJBCxvMaVP5EdoDzZ7kt7P2wJ7q6Zq7ZXSTlD5UeVcJrJaOTy2454xv0-QFZ8TOC",
];

fn check(text: &str, app: u64, user: &str, now: u64) -> Result<(), InvalidUserSig> {
    UserSig::decode(text)?.verify(app, user, [&Secret::new(KEY)], now)
}

fn admin(text: &str, now: u64) -> Result<(), InvalidUserSig> {
    check(text, APP, "admin-01", now)
}

/// A text that unpacks to this JSON.
fn packed(bytes: &[u8]) -> String {
    STANDARD.encode(bytes).replace('+', "*").replace('/', "-").replace('=', "_")
}

fn zlib(json: &str) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(json.as_bytes(), 6)
}

fn json() -> String {
    let packed = STANDARD.decode(SPELLINGS[0].replace('-', "/").replace('*', "+")).unwrap();
    String::from_utf8(miniz_oxide::inflate::decompress_to_vec_zlib(&packed).unwrap()).unwrap()
}

#[test]
fn every_spelling_of_a_good_signature_is_accepted() {
    for text in SPELLINGS {
        assert_eq!(admin(text, MADE), Ok(()), "{text}");
        assert_eq!(admin(text.trim_end_matches('_'), MADE + 86_399), Ok(()), "{text}");
    }
    for text in PUBLISHED {
        assert_eq!(admin(text, 1_800_000_000), Ok(()), "{text}");
    }
}

#[test]
fn a_signature_with_a_user_buffer_or_another_script_is_accepted() {
    let text = "eAEBvgBB-3siVExTLnZlciI6IjIuMCIsIlRMUy5pZGVudGlmaWVyIjoiYWRtaW4tMDEiLCJUTFMuc2RrYXBwaWQiOjE0MDAwMDAxMjMsIlRMUy5leHBpcmUiOjg2NDAwLCJUTFMudGltZSI6MTc2NzIyNTYwMCwiVExTLnVzZXJidWYiOiJZV0pqIiwiVExTLnNpZyI6InZJOUkxSm9UZ1U2SFIzT2ZxS2cwbU9BcUcwRXdkY0VnemRyRHl4U0pUQWs9In1NIjfa";
    assert_eq!(admin(text, MADE), Ok(()));
    let text = "eAEBqABX-3siVExTLnZlciI6IjIuMCIsIlRMUy5pZGVudGlmaWVyIjoi55So5oi3NyIsIlRMUy5zZGthcHBpZCI6MTQwMDAwMDEyMywiVExTLmV4cGlyZSI6ODY0MDAsIlRMUy50aW1lIjoxNzY3MjI1NjAwLCJUTFMuc2lnIjoienpuL2E3OFVoVHppV01jbitvSkhISS9zRldtaGd1ZVhSMGltNnRMalp1WT0ifQ2OM*s_";
    assert_eq!(check(text, APP, "用户7", MADE), Ok(()));
    let escaped = json()
        .replace("admin-01", r"\u7528\u62377")
        .replace("E8Gf5lPF+0pxYk101INNNPGPzf4GEaVy4Ra4miLqtnE=", r"zzn\/a78UhTziWMcn+oJHHI\/sFWmhgueXR0im6tLjZuY=");
    assert_eq!(check(&packed(&zlib(&escaped)), APP, "用户7", MADE), Ok(()));
}

#[test]
fn an_expired_signature_is_refused() {
    for text in SPELLINGS {
        assert_eq!(admin(text, MADE + 86_400), Err(InvalidUserSig::Expired));
        assert_eq!(admin(text, MADE + 8_640_000), Err(InvalidUserSig::Expired));
    }
}

#[test]
fn a_signature_from_the_future_is_refused_but_for_clocks_that_differ_a_little() {
    assert_eq!(admin(SPELLINGS[0], MADE - 300), Ok(()));
    assert_eq!(admin(SPELLINGS[0], MADE - 301), Err(InvalidUserSig::Undecodable));
}

#[test]
fn a_signature_of_another_user_or_app_is_refused() {
    assert_eq!(check(SPELLINGS[0], APP, "admin-02", MADE), Err(InvalidUserSig::OtherUser));
    assert_eq!(check(SPELLINGS[0], APP + 1, "admin-01", MADE), Err(InvalidUserSig::OtherApp));
    let other = UserSig::sign(APP, "admin-01", &Secret::new("fedcba9876543210".repeat(4)), MADE, 86_400);
    assert_eq!(admin(&other.encode(), MADE), Err(InvalidUserSig::Forged));
}

#[test]
fn any_member_that_is_changed_is_noticed() {
    for (from, to) in [
        ("\"TLS.expire\":86400", "\"TLS.expire\":864000"),
        ("\"TLS.time\":1767225600", "\"TLS.time\":1767225601"),
        ("\"TLS.sig\":\"E8", "\"TLS.sig\":\"F8"),
        ("\"TLS.sig\":\"E8Gf5lPF+0pxYk101INNNPGPzf4GEaVy4Ra4miLqtnE=\"", "\"TLS.sig\":\"\""),
        ("\"TLS.sig\":\"E8", "\"TLS.userbuf\":\"YWJj\",\"TLS.sig\":\"E8"),
        ("\"TLS.sig\":\"E8", "\"TLS.userbuf\":\"\",\"TLS.sig\":\"E8"),
    ] {
        let bent = json().replace(from, to);
        assert_ne!(bent, json(), "{from}");
        assert_eq!(admin(&packed(&zlib(&bent)), MADE), Err(InvalidUserSig::Forged), "{to}");
    }
    let swapped = json().replace("admin-01", "admin-02");
    assert_eq!(check(&packed(&zlib(&swapped)), APP, "admin-02", MADE), Err(InvalidUserSig::Forged));
}

/// A user whose name holds lines of the signed text must not be able to pass for the administrator.
#[test]
fn a_line_end_inside_a_member_does_not_make_another_signature_of_it() {
    let lines = format!("TLS.sdkappid:{APP}\nTLS.time:{MADE}\nTLS.expire:86400\n");
    let name = format!("admin-01\n{lines}TLS.userbuf:x");
    let signed = UserSig::sign(APP, &name, &Secret::new(KEY), MADE, 86_400).encode();
    assert_eq!(check(&signed, APP, &name, MADE), Err(InvalidUserSig::Undecodable));
    let signature = format!("TLS.identifier:{name}\n{lines}");
    let signature = STANDARD.encode(omnipush::sign::hmac_sha256(&Secret::new(KEY), signature.as_bytes()));
    let bent = serde_json::json!({
        "TLS.ver": "2.0", "TLS.identifier": "admin-01", "TLS.sdkappid": APP, "TLS.time": MADE, "TLS.expire": 86_400,
        "TLS.userbuf": format!("x\n{}", lines.trim_end()), "TLS.sig": signature,
    });
    assert_eq!(admin(&packed(&zlib(&bent.to_string())), MADE), Err(InvalidUserSig::Undecodable));
}

#[test]
fn what_is_no_signature_is_refused() {
    let good = SPELLINGS[1];
    let cut = &good[..good.len() - 10];
    let mut changed = good.to_owned();
    changed.replace_range(100..101, if &good[100..101] == "A" { "B" } else { "A" });
    let raw = miniz_oxide::deflate::compress_to_vec(json().as_bytes(), 6);
    let bomb = vec![b' '; 1 << 20];
    let bomb = [bomb, json().into_bytes()].concat();
    for text in [
        "".to_owned(),
        "_".to_owned(),
        "eJ".to_owned(),
        "not a signature".to_owned(),
        cut.to_owned(),
        changed,
        format!("{good}___"),
        packed(&raw),
        packed(&miniz_oxide::deflate::compress_to_vec_zlib(&bomb, 9)),
        packed(json().as_bytes()),
        packed(&zlib("[]")),
        packed(&zlib(&json().replace("\"2.0\"", "\"1.0\""))),
        packed(&zlib(&json().replace("1400000123", "\"1400000123\""))),
        packed(&zlib(&json().replace(",\"TLS.time\":1767225600", ""))),
        STANDARD.encode(zlib(&json())),
        URL_SAFE.encode([zlib(&json()), vec![0xff, 0xfb]].concat()),
    ] {
        assert_eq!(admin(&text, MADE), Err(InvalidUserSig::Undecodable), "{text}");
    }
}

#[test]
fn what_is_made_here_holds_and_shows_no_key() {
    let made = UserSig::sign(APP, "admin-01", &Secret::new(KEY), MADE, 86_400);
    assert_eq!(admin(&made.encode(), MADE), Ok(()));
    assert!(!format!("{made:?}").contains(KEY));
}

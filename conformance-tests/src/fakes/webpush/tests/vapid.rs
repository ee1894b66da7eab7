//! VAPID: the worked examples, and every way to get a token wrong.

use super::super::vapid::Tokens;
use super::sender::{base64url, signed};
use super::*;

/// The example of RFC 8292.
const RFC_TOKEN: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA";
const RFC_KEY: &str = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
const RFC_EXPIRY: u64 = 1_453_523_768;

/// One by the fake's own sender, good until [`OWN_EXPIRY`].
const OWN_TOKEN: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE3MDAwNDMyMDAsInN1YiI6Im1haWx0bzpvcHNAZXhhbXBsZS5jb20ifQ.MlxRdlSgrudKbcQctRHKmWWMnCCq2ItlLClCCoYTzjA0_e4hdbGN-wZngOmxoIX5A7FlcSQIA0MoqEg22kswhg";
const OWN_EXPIRY: u64 = 1_700_043_200;

/// A message with this `Authorization`.
fn authorized(value: &str) -> Call {
    with(call(), "authorization", value)
}

fn bearing(token: &str) -> Call {
    authorized(&format!("vapid t={token}, k={PUBLIC_KEY}"))
}

fn claiming(claims: &Value) -> Call {
    bearing(&jwt(claims))
}

#[test]
fn the_worked_examples_are_good() {
    let call = Call { now_ms: (RFC_EXPIRY - 60) * 1000, ..authorized(&format!("vapid t={RFC_TOKEN}, k={RFC_KEY}")) };
    let key = Tokens::default().check(&call, &World::default(), BASE).unwrap();
    assert_eq!(key, base64url(RFC_KEY));
    // The subscriptions are another key's, though.
    refuses(&fake(), &call, 401, 109);
    accepts(&fake(), &bearing(OWN_TOKEN));
}

#[test]
fn forms_of_the_header() {
    for good in [
        format!("vapid t={OWN_TOKEN},k={PUBLIC_KEY}"),
        format!("VAPID k={PUBLIC_KEY}, t={OWN_TOKEN}"),
        format!("vapid t={OWN_TOKEN}, later=on, k={PUBLIC_KEY}"),
    ] {
        accepts(&fake(), &authorized(&good));
    }
    refuses(&fake(), &without(call(), "authorization"), 401, 109);
    for bad in [
        String::new(),
        "vapid".into(),
        "vapid ".into(),
        OWN_TOKEN.into(),
        format!("vapid t={OWN_TOKEN}"),
        format!("vapid k={PUBLIC_KEY}"),
        format!("vapid t={OWN_TOKEN}; k={PUBLIC_KEY}"),
        format!("vapid t={OWN_TOKEN}, k={PUBLIC_KEY}, k={PUBLIC_KEY}"),
        format!("vapid t={OWN_TOKEN}, t={OWN_TOKEN}, k={PUBLIC_KEY}"),
        format!("vapid t=\"{OWN_TOKEN}\", k=\"{PUBLIC_KEY}\""),
        format!("WebPush {OWN_TOKEN}"),
        format!("Bearer {OWN_TOKEN}"),
    ] {
        refuses(&fake(), &authorized(&bad), 401, 109);
    }
    refuses(&fake(), &also(call(), "authorization", "vapid t=a, k=b"), 401, 109);
}

#[test]
fn keys() {
    // Padded, in the other alphabet, cut off, compressed, off the curve, another's.
    let octets = base64url(PUBLIC_KEY);
    let mut off = octets.clone();
    off[64] ^= 1;
    let standard = base64::engine::general_purpose::STANDARD_NO_PAD;
    let compressed = [&[2 + octets[64] % 2], &octets[1..33]].concat();
    for bad in [
        format!("{PUBLIC_KEY}="),
        standard.encode(base64url(RFC_KEY)),
        URL_SAFE_NO_PAD.encode(&octets[..64]),
        URL_SAFE_NO_PAD.encode(&octets[1..]),
        URL_SAFE_NO_PAD.encode(compressed),
        URL_SAFE_NO_PAD.encode(off),
        RFC_KEY.into(),
    ] {
        refuses(&fake(), &authorized(&format!("vapid t={OWN_TOKEN}, k={bad}")), 401, 109);
    }
}

#[test]
fn signatures() {
    let (text, signature) = OWN_TOKEN.rsplit_once('.').unwrap();
    let octets = base64url(signature);
    // DER: two integers, with a zero before those whose first bit is set.
    let integer = |part: &[u8]| {
        let zero: &[u8] = if part[0] > 127 { &[0] } else { &[] };
        [&[2, (part.len() + zero.len()) as u8], zero, part].concat()
    };
    let pair = [integer(&octets[..32]), integer(&octets[32..])].concat();
    let der = [&[0x30, pair.len() as u8], &pair[..]].concat();
    let swapped = [&octets[32..], &octets[..32]].concat();
    for bad in [
        text.to_owned(),
        format!("{text}."),
        format!("{text}.{signature}=="),
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(der)),
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(swapped)),
        format!("{text}.{}", hex::encode(&octets)),
        // Of other claims.
        format!("{}.{signature}", jwt(&json!({"a": 1})).rsplit_once('.').unwrap().0),
        format!("{text}.{}", RFC_TOKEN.rsplit_once('.').unwrap().1),
    ] {
        refuses(&fake(), &bearing(&bad), 401, 109);
    }
    let claims = json!({"aud": BASE, "exp": OWN_EXPIRY, "sub": SUBJECT});
    let header = |header: Value| bearing(&signed(&header, &claims, PRIVATE_KEY, PUBLIC_KEY));
    accepts(&fake(), &header(json!({"alg": "ES256"})));
    for bad in [
        json!({"typ": "JWT"}),
        json!({"typ": "JWT", "alg": "none"}),
        json!({"typ": "JWT", "alg": "HS256"}),
        json!({"typ": "JWS", "alg": "ES256"}),
    ] {
        refuses(&fake(), &header(bad), 401, 109);
    }
}

#[test]
fn claims() {
    let good = json!({"aud": BASE, "exp": OWN_EXPIRY, "sub": SUBJECT});
    let but = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claiming(&claims)
    };
    let lacking = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        claiming(&claims)
    };
    accepts(&fake(), &claiming(&good));
    // The standard allows more claims.
    accepts(&fake(), &but("iat", json!(NOW)));
    for name in ["aud", "exp", "sub"] {
        refuses(&fake(), &lacking(name), 401, 109);
        refuses(&fake(), &but(name, Value::Null), 401, 109);
    }
    for bad in [
        format!("{BASE}/"),
        format!("{BASE}:443"),
        format!("{BASE}/wpush/v2"),
        "http://push.example.net".into(),
        "push.example.net".into(),
        "https://example.net".into(),
    ] {
        refuses(&fake(), &but("aud", json!(bad)), 401, 109);
    }
    refuses(&fake(), &but("aud", json!([BASE])), 401, 109);
    for expiry in [NOW + 1, NOW + 86_400] {
        accepts(&fake(), &but("exp", json!(expiry)));
    }
    let wrong = [json!(NOW), json!(0), json!(NOW + 86_401), json!(OWN_EXPIRY * 1000), json!(u64::MAX)];
    for bad in wrong.into_iter().chain([json!(OWN_EXPIRY.to_string()), json!(OWN_EXPIRY as f64 + 0.5), json!(-1)]) {
        refuses(&fake(), &but("exp", bad), 401, 109);
    }
    for contact in ["mailto:ops@example.com", "https://example.com", "https://example.com:8443/contact"] {
        accepts(&fake(), &but("sub", json!(contact)));
    }
    for bad in [
        "",
        "ops@example.com",
        "mailto:",
        "mailto:ops",
        "mailto: ops@example.com",
        "mailto:<ops@example.com>",
        "mailto:ops@localhost",
        "https://localhost/contact",
        "https://",
        "http://example.com",
        "tel:+1",
    ] {
        refuses(&fake(), &but("sub", json!(bad)), 401, 109);
    }
    refuses(&fake(), &but("sub", json!(17)), 401, 109);
}

#[test]
fn the_audience_is_where_the_fake_lives() {
    let fake = WebPush::new();
    let to = |aud: &str| claiming(&json!({"aud": aud, "exp": OWN_EXPIRY, "sub": SUBJECT}));
    accepts(&fake, &to("http://127.0.0.1"));
    fake.config("http://127.0.0.1:4321");
    accepts(&fake, &to("http://127.0.0.1:4321"));
    refuses(&fake, &to("http://127.0.0.1"), 401, 109);
    fake.config("http://127.0.0.1:4321/below");
    accepts(&fake, &to("http://127.0.0.1:4321"));
}

#[test]
fn tokens_grow_old_and_a_test_can_end_them() {
    let fake = fake();
    let at = |seconds: u64| Call { now_ms: seconds * 1000, ..bearing(OWN_TOKEN) };
    accepts(&fake, &at(NOW));
    accepts(&fake, &at(OWN_EXPIRY - 1));
    refuses(&fake, &at(OWN_EXPIRY), 401, 109);
    fake.world().expire_tokens();
    refuses(&fake, &at(NOW), 401, 109);
    let other = |exp: u64| claiming(&json!({"aud": BASE, "exp": exp, "sub": SUBJECT}));
    accepts(&fake, &other(NOW + 600));
    fake.world().refuse_tokens(true);
    refuses(&fake, &other(NOW + 600), 401, 109);
    refuses(&fake, &other(NOW + 601), 401, 109);
    fake.world().calm();
    accepts(&fake, &other(NOW + 602));
}

//! Signatures and Basic pairs, right and wrong.

use super::*;

/// The document's example: a push to an account.
const EXAMPLE: &str = r#"{"audience_type": "account","platform": "android","message": {"title": "test title","content": "test content","android": { "action": {"action_type": 3,"intent": "xgscheme://com.xg.push/notify_detail?param1=xg"}}},"message_type": "notify","account_list": ["5822f0eee44c3625ef0000bb"] }"#;
const EXAMPLE_SIGN: &str = "Y2QyMDc3NDY4MmJmNzhiZmRiNDNlMTdkMWQ1ZDU2YjNlNWI3ODlhMTY3MGZjMTUyN2VmNTRjNjVkMmQ3Yjc2ZA==";
/// One with a text that is not ASCII.
const OWN: &str = r#"{"audience_type":"token","token_list":["0123456789abcdef0123456789abcdef0123"],"message_type":"notify","message":{"title":"Hi","content":"你好"}}"#;
const OWN_SECRET: &str = "0123456789abcdef0123456789abcdef";
const OWN_SIGN: &str = "N2UwN2U2ZDRkZGU0Yjk0Yjc2MDE3MjkyNDE0MTczNGZhYTI0MTExN2UwN2FjNjgzODNmMjhjN2EwN2JmZmEzZg==";

fn headers(call: &mut Call, changes: &[(&'static str, &str)]) {
    for (name, value) in changes {
        call.headers.insert(*name, value.parse().unwrap());
    }
}

#[test]
fn signature_is_the_documents() {
    assert_eq!((EXAMPLE.len(), OWN.len()), (284, 147));
    assert_eq!(signature("1565314789", ACCESS_ID, EXAMPLE.as_bytes(), SECRET_KEY), EXAMPLE_SIGN);
    assert_eq!(signature("1700000000", ACCESS_ID, OWN.as_bytes(), OWN_SECRET), OWN_SIGN);
    let fake = Tpns::new();
    let mut call = raw(EXAMPLE, &[("AccessId", ACCESS_ID), ("TimeStamp", "1565314789"), ("Sign", EXAMPLE_SIGN)]);
    call.now_ms = 1_565_314_789_999;
    let got = delivered(&fake, &call);
    assert_eq!(got.target, "5822f0eee44c3625ef0000bb");
    assert_eq!(got.click.as_deref(), Some("xgscheme://com.xg.push/notify_detail?param1=xg"));
}

#[test]
fn wrong_signatures_are_refused() {
    let fake = Tpns::new();
    let good = signed_as(&APPS[0], OWN);
    taken(&fake.answer(&good));
    let sign = |key: &[u8], text: String| {
        ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key), text.as_bytes())
    };
    let base64 = |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    let key = SECRET_KEY.as_bytes();
    let right = sign(key, format!("{NOW}{ACCESS_ID}{OWN}"));
    assert_eq!(good.header("sign"), Some(base64(hex::encode(right).as_bytes()).as_str()));
    for wrong in [
        String::new(),
        "garbage".into(),
        hex::encode(right),
        base64(right.as_ref()), // of the bytes, as the formula reads
        base64(hex::encode_upper(right).as_bytes()),
        base64(hex::encode(sign(key, format!("{ACCESS_ID}{NOW}{OWN}"))).as_bytes()),
        base64(hex::encode(sign(key, format!("{NOW}&{ACCESS_ID}&{OWN}"))).as_bytes()),
        base64(hex::encode(sign(&hex::decode(SECRET_KEY).unwrap(), format!("{NOW}{ACCESS_ID}{OWN}"))).as_bytes()),
        base64(hex::encode(sign(IOS_SECRET_KEY.as_bytes(), format!("{NOW}{ACCESS_ID}{OWN}"))).as_bytes()),
        OWN_SIGN.into(),
    ] {
        let mut call = good.clone();
        headers(&mut call, &[("sign", &wrong)]);
        denied(&fake, &call, "1008003");
    }
    // Written anew after signing.
    denied(&fake, &Call { body: OWN.replace(':', ": ").into(), ..good.clone() }, "1008003");
    denied(&fake, &Call { body: format!("{OWN}\n").into(), ..good.clone() }, "1008003");
    for (name, value) in [("accessid", "1500001049"), ("accessid", IOS_ACCESS_ID), ("accessid", "")] {
        let mut call = good.clone();
        headers(&mut call, &[(name, value)]);
        denied(&fake, &call, "1008003");
    }
    for missing in ["accessid", "timestamp", "sign"] {
        let mut call = good.clone();
        call.headers.remove(missing);
        assert!(denied(&fake, &call, "1008003").contains(missing));
        let mut call = good.clone();
        call.headers.append(missing, "1".parse().unwrap());
        denied(&fake, &call, "1008003");
    }
    denied(&fake, &raw(OWN, &[]), "1008003");
    // A wrong body of a caller who is nobody: the caller is what is wrong, and nothing is echoed.
    let answer = fake.answer(&raw(r#"{"seq":5}"#, &[]));
    assert_eq!((&body(&answer)["ret_code"], &body(&answer)["seq"]), (&json!(1008003), &json!(0)));
}

#[test]
fn the_clock_may_be_off_a_little() {
    let at = |time: &str| {
        let sign = signature(time, ACCESS_ID, OWN.as_bytes(), SECRET_KEY);
        raw(OWN, &[("accessid", ACCESS_ID), ("timestamp", time), ("sign", &sign)])
    };
    let fake = Tpns::new();
    for off in [-600, 0, 600] {
        taken(&fake.answer(&at(&(NOW as i64 + off).to_string())));
    }
    for off in [-601, 601] {
        denied(&fake, &at(&(NOW as i64 + off).to_string()), "1008003");
    }
    for time in ["1700000000000", "+1700000000", "1700000000.0", "now", "", "99999999999999999999999"] {
        denied(&fake, &at(time), "1008003");
    }
    denied(&Tpns::new().with_skew(5), &at(&(NOW - 6).to_string()), "1008003");
    taken(&Tpns::new().with_skew(5).answer(&at(&(NOW - 5).to_string())));
}

#[test]
fn basic_does_as_well() {
    let fake = Tpns::new();
    let basic = |pair: &str| {
        let pair = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair);
        raw(OWN, &[("authorization", &format!("Basic {pair}"))])
    };
    let vector = "Basic MTUwMDAwMTA0ODowMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg==";
    assert_eq!(basic(&format!("{ACCESS_ID}:{OWN_SECRET}")).header("authorization"), Some(vector));
    let good = basic(&format!("{ACCESS_ID}:{SECRET_KEY}"));
    taken(&fake.answer(&good));
    for pair in [
        format!("{ACCESS_ID}:{OWN_SECRET}"),
        format!("{SECRET_KEY}:{ACCESS_ID}"),
        format!("{ACCESS_ID}{SECRET_KEY}"),
        format!("{IOS_ACCESS_ID}:{SECRET_KEY}"),
        format!("1:{SECRET_KEY}"),
        String::new(),
    ] {
        denied(&fake, &basic(&pair), "1008003");
    }
    for header in ["Basic", "Basic !!!", "Bearer abc", ""] {
        denied(&fake, &raw(OWN, &[("authorization", header)]), "1008003");
    }
    // Both at once.
    let mut both = signed_as(&APPS[0], OWN);
    both.headers.insert("authorization", good.headers["authorization"].clone());
    denied(&fake, &both, "1008003");
    let mut both = good.clone();
    headers(&mut both, &[("accessid", ACCESS_ID)]);
    denied(&fake, &both, "1008003");
    fake.world().refuse_tokens(true);
    denied(&fake, &good, "1008003");
    denied(&fake, &signed_as(&APPS[0], OWN), "1008003");
}

//! TTL, Urgency, Topic, Content-Encoding and strangers.

use super::*;

#[test]
fn time_to_live() {
    let granted = |ttl: &str| {
        let fake = fake();
        let answer = accepts(&fake, &with(call(), "ttl", ttl));
        let granted: u64 = header(&answer, "ttl").unwrap().parse().unwrap();
        assert_eq!(fake.world().delivered()[0].ttl_seconds, Some(granted));
        granted
    };
    assert_eq!([granted("0"), granted("15"), granted("007")], [0, 15, 7]);
    for long in ["2592000", "2592001", "2147483648", "99999999999999999999999999"] {
        assert_eq!(granted(long), LONGEST_TTL);
    }
    refuses(&fake(), &without(call(), "ttl"), 400, 111);
    for bad in ["", "abc", "1.5", "+1", "1e3", "60s", "-", "--1", "60, 60", "\u{663}"] {
        refuses(&fake(), &with(call(), "ttl", bad), 400, 111);
    }
    refuses(&fake(), &also(call(), "ttl", "60"), 400, 111);
    refuses(&fake(), &with(call(), "ttl", "-1"), 400, 114);
}

#[test]
fn urgency() {
    for good in ["very-low", "low", "normal", "high"] {
        accepts(&fake(), &with(call(), "urgency", good));
    }
    for bad in ["", "verylow", "urgent", "High", "low, high", "5", "n\u{f6}rmal"] {
        refuses(&fake(), &with(call(), "urgency", bad), 400, None);
    }
    refuses(&fake(), &also(with(call(), "urgency", "low"), "urgency", "low"), 400, None);
}

#[test]
fn topics() {
    let longest = "aZ09-_".repeat(5) + "ab";
    for good in ["a", "order", "upd-17_x", &longest] {
        let fake = fake();
        accepts(&fake, &with(call(), "topic", good));
        assert_eq!(fake.world().delivered()[0].collapse.as_deref(), Some(good));
    }
    for bad in ["", "a b", "a+b", "a/b", "YQ==", "a.b", "\u{e9}", &format!("{longest}c")] {
        refuses(&fake(), &with(call(), "topic", bad), 400, 113);
    }
    refuses(&fake(), &also(with(call(), "topic", "a"), "topic", "a"), 400, 113);

    let apple = |topic: &str| with(carrying(Service::Apple, 0, "{}"), "topic", topic);
    for good in ["ab", "abc", "abcd", "abcdefghijkl", &longest] {
        accepts(&of(Service::Apple), &apple(good));
    }
    for bad in ["a", "order", "abcdefghijklm"] {
        let answer = refusal(&of(Service::Apple), &apple(bad), 400);
        assert_eq!(answer.body, json!({"reason": "BadWebPushTopic"}).to_string());
    }
}

#[test]
fn content_encoding_and_the_keys_of_drafts() {
    refuses(&fake(), &without(call(), "content-encoding"), 400, 110);
    for bad in ["aesgcm", "aesgcm128", "AES128GCM", "gzip", "aes128gcm, gzip", "gzip, aes128gcm", ""] {
        refuses(&fake(), &with(call(), "content-encoding", bad), 400, 110);
    }
    refuses(&fake(), &also(call(), "content-encoding", "aes128gcm"), 400, 110);
    refuses(&fake(), &with(call(), "encryption", "salt=DGv6ra1nlYgDCS1FRnbzlw"), 400, 110);
    refuses(&fake(), &with(call(), "crypto-key", "p256ecdsa=BA1H;dh=BP4z"), 400, 110);
    // Without a body there is nothing to decode.
    accepts(&fake(), &bare(Service::Mozilla, 0));
    accepts(&fake(), &with(bare(Service::Mozilla, 0), "content-encoding", "aes128gcm"));
}

#[test]
fn other_headers() {
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("user-agent", "omnipush"),
        ("accept", "*/*"),
        ("content-length", "135"),
        ("host", "push.example.net"),
    ] {
        accepts(&fake(), &with(call(), name, value));
    }
    for (name, value) in [
        ("content-type", "application/json"),
        ("urgancy", "high"),
        ("x-ttl", "60"),
        ("prefer", "respond-async"),
        ("link", "</r/1>; rel=\"urn:ietf:params:push:receipt\""),
        ("crypto-key", "p256ecdsa=BA1H"),
        ("transfer-encoding", "chunked"),
        ("x-wns-cache-policy", "cache"),
    ] {
        refuses(&fake(), &with(call(), name, value), 400, None);
    }
}

#[test]
fn microsofts_cache_policy_must_fit() {
    let call = |policy: &str, ttl: &str| {
        with(with(carrying(Service::Microsoft, 0, "{}"), "x-wns-cache-policy", policy), "ttl", ttl)
    };
    for (policy, ttl) in [("cache", "60"), ("no-cache", "0")] {
        accepts(&of(Service::Microsoft), &call(policy, ttl));
    }
    for (policy, ttl) in [("cache", "0"), ("no-cache", "60"), ("always", "60")] {
        let answer = refusal(&of(Service::Microsoft), &call(policy, ttl), 400);
        assert_eq!(header(&answer, "x-wns-status"), Some("dropped"));
        assert_eq!(header(&answer, "x-wns-error-description"), answer.refused.as_deref());
    }
}

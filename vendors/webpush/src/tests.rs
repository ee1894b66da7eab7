//! The RFCs' worked examples by step, the mapping, the rules for endpoints, and the answers.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use omnipush_core::{Now, Outcome, Overflow, Remedy, Secret, Target, Verdict};
use p256::{PublicKey, SecretKey};
use serde_json::{Value, json};

use super::*;

/// A key made for tests.
const PRIVATE: &str = "WHAbH14SvMs_JkECn5gFe5SYv9216-dpVhgd85gTl3Q";
/// The browser of RFC 8291, section 5.
const UA_PUBLIC: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn config() -> Config {
    Config::new(Secret::new(PRIVATE), "mailto:ops@example.com")
}

fn with(change: impl FnOnce(&mut Config)) -> WebPush {
    let mut config = config();
    change(&mut config);
    WebPush::new(config).unwrap()
}

fn webpush() -> WebPush {
    with(|_| {})
}

fn subscription(endpoint: &str) -> String {
    json!({"endpoint": endpoint, "expirationTime": null, "keys": {"p256dh": UA_PUBLIC, "auth": AUTH}}).to_string()
}

fn cx() -> Cx<'static> {
    Cx {
        now: Now::at(1_700_000_000_000),
        rng: Box::leak(Box::new(|b: &mut [u8]| b.fill(7))),
        overflow: Overflow::Refuse,
    }
}

fn try_encode(webpush: &WebPush, more: Value) -> Result<Encoded, EncodeError> {
    let mut all = json!({"title": "t", "body": "b"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let n: Notification = serde_json::from_value(all).unwrap();
    webpush.encode(&n, Shape::One, &mut cx())
}

fn plaintext(webpush: &WebPush, more: Value) -> Value {
    serde_json::from_slice(try_encode(webpush, more).unwrap().body.literal()).unwrap()
}

fn sent(webpush: &WebPush, target: &str) -> Result<Request, Refusal> {
    let encoded = try_encode(webpush, json!({})).unwrap();
    let target = Target::from(target);
    let items = [Item { encoded: &encoded, target: &target }];
    webpush.request(&Set { shape: Shape::One, items: &items, ticket: "", request_id: "" }, &mut cx())
}

/// RFC 8291, section 5 and appendix A, every value on the way.
#[test]
fn the_rfc_s_encryption_by_step() {
    let own = SecretKey::from_slice(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
    let theirs = PublicKey::from_sec1_bytes(&bytes(UA_PUBLIC)).unwrap();
    let (auth, salt) = (bytes(AUTH), bytes("DGv6ra1nlYgDCS1FRnbzlw"));
    let secret = p256::ecdh::diffie_hellman(own.to_nonzero_scalar(), theirs.as_affine());
    assert_eq!(
        hex::encode(secret.raw_secret_bytes()),
        "932acbd63208387133837b0cd995911c3441eb66000998614a592727aef6912b"
    );
    let shared = encrypt::mac(&auth, &[secret.raw_secret_bytes().as_slice()]);
    assert_eq!(URL_SAFE_NO_PAD.encode(shared), "Snr3JMxaHVDXHWJn5wdC52WjpCtd2EIEGBykDcZW32k");
    let own_public = bytes("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
    let input = encrypt::mac(shared.as_ref(), &[b"WebPush: info\0", &bytes(UA_PUBLIC), &own_public, &[1]]);
    assert_eq!(URL_SAFE_NO_PAD.encode(input), "S4lYMb_L0FxCeq0WhDx813KgSYqU26kOyzWUdsXYyrg");
    let root = encrypt::mac(&salt, &[input.as_ref()]);
    assert_eq!(URL_SAFE_NO_PAD.encode(root), "09_eUZGrsvxChDCGRCdkLiDXrReGOEVeSCdCcPBSJSc");
    let cek = encrypt::mac(root.as_ref(), &[b"Content-Encoding: aes128gcm\0", &[1]]);
    assert_eq!(hex::encode(&cek.as_ref()[..16]), "a088555b4e0c45dcb65cdf4288a2f14e");
    let nonce = encrypt::mac(root.as_ref(), &[b"Content-Encoding: nonce\0", &[1]]);
    assert_eq!(hex::encode(&nonce.as_ref()[..12]), "e21ffde6495727913faa7a0d");

    let (auth, salt) = (auth.try_into().unwrap(), salt.try_into().unwrap());
    let body = encrypt::seal(&own, &theirs, &auth, &salt, b"When I grow up, I want to be a watermelon").unwrap();
    assert_eq!(body.len(), 144);
    assert_eq!(
        URL_SAFE_NO_PAD.encode(body),
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru\
         3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    );
}

/// RFC 8292, section 2.4: its token was signed with a random number, so it is verified.
#[test]
fn the_rfc_s_vapid_token_verifies() {
    use p256::ecdsa::signature::Verifier as _;
    let key = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
    let signed = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3N\
                  jgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0";
    let signature = "i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA";
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&bytes(key)).unwrap();
    let signature = p256::ecdsa::Signature::from_slice(&bytes(signature)).unwrap();
    key.verify(signed.as_bytes(), &signature).unwrap();
}

/// By RFC 6979 a signature can be compared to the letter.
#[test]
fn a_vapid_token_to_the_letter() {
    let webpush = webpush();
    assert_eq!(
        webpush.public_key(),
        "BDJAkX33zWkrjWL2AlW67hLT_zyHNdI0998Su9q8UPPYF38G60LLJlBBYxSi1ptoLdga1CVW4V2Z8w1PXrLAgr0"
    );
    let TokenStep::Minted(grant) = webpush.token("https://push.example.net", &mut cx()).unwrap() else { panic!() };
    assert_eq!(
        grant.value.expose(),
        "t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE3MDAwNDMyMDAsIn\
         N1YiI6Im1haWx0bzpvcHNAZXhhbXBsZS5jb20ifQ.MlxRdlSgrudKbcQctRHKmWWMnCCq2ItlLClCCoYTzjA0_e4hdbGN-wZngOmxoIX5A7FlcS\
         QIA0MoqEg22kswhg, k=BDJAkX33zWkrjWL2AlW67hLT_zyHNdI0998Su9q8UPPYF38G60LLJlBBYxSi1ptoLdga1CVW4V2Z8w1PXrLAgr0"
    );
    assert_eq!(grant.lifetime.as_secs(), 43_200);
}

#[test]
fn a_request_keeps_the_endpoint_to_the_letter() {
    let endpoint = "https://fcm.googleapis.com/fcm/send/a:B%2f?x=1&y=%20";
    let request = sent(&webpush(), &subscription(endpoint)).unwrap();
    assert_eq!(request.url.as_str(), endpoint);
    assert_eq!(request.scope.as_deref(), Some("https://fcm.googleapis.com"));
    assert_eq!(request.lane, "https://fcm.googleapis.com");
    let headers: Vec<_> = request.all_headers().map(|(n, v)| (n.as_str(), v.to_str().unwrap())).collect();
    assert_eq!(
        headers,
        [("ttl", "2419200"), ("content-encoding", "aes128gcm"), ("content-type", "application/octet-stream")]
    );
    let plain = try_encode(&webpush(), json!({})).unwrap().body.len();
    assert_eq!(request.body.len(), 86 + plain + 17);
}

#[test]
fn keys_may_be_padded_or_of_the_standard_alphabet() {
    let standard = UA_PUBLIC.replace('-', "+").replace('_', "/") + "=";
    let target =
        json!({"endpoint": "https://web.push.apple.com/x", "keys": {"p256dh": standard, "auth": format!("{AUTH}==")}});
    assert!((PROFILE.target_ok)(&target.to_string()));
    sent(&webpush(), &target.to_string()).unwrap();
}

#[test]
fn malformed_subscriptions_are_no_targets() {
    let off_curve = URL_SAFE_NO_PAD.encode([&[4_u8][..], &[1; 64]].concat());
    for (p256dh, auth) in [(off_curve.as_str(), AUTH), (UA_PUBLIC, "AAAA"), ("", AUTH), (UA_PUBLIC, "!")] {
        let target = json!({"endpoint": "https://web.push.apple.com/x", "keys": {"p256dh": p256dh, "auth": auth}});
        assert!(!(PROFILE.target_ok)(&target.to_string()), "{target}");
    }
    for text in ["", "token", "{}", r#"{"endpoint":"https://web.push.apple.com/x"}"#] {
        assert!(!(PROFILE.target_ok)(text), "{text}");
    }
}

#[test]
fn only_plain_https_endpoints_on_known_hosts_are_called() {
    let extended = with(|config| config.allowed_hosts = vec!["push.example.com".into(), "*.example.org".into()]);
    for (endpoint, known, more) in [
        ("https://fcm.googleapis.com/fcm/send/x", true, true),
        ("https://updates.push.services.mozilla.com/wpush/v2/x", true, true),
        ("https://web.push.apple.com/x", true, true),
        ("https://db5p.notify.windows.com/w/?token=x", true, true),
        ("https://push.example.com/x", false, true),
        ("https://a.example.org/x", false, true),
        ("https://example.org/x", false, false),
        ("https://evil.com/x", false, false),
        ("https://notify.windows.com.evil.com/x", false, false),
        ("https://evilnotify.windows.com/x", false, false),
        ("http://fcm.googleapis.com/x", false, false),
        ("https://127.0.0.1/x", false, false),
        ("https://[::1]/x", false, false),
        ("https://169.254.169.254/latest", false, false),
        ("https://fcm.googleapis.com@evil.com/x", false, false),
        ("https://evil.com\\@fcm.googleapis.com/x", false, false),
        ("https://fcm.googleapis.com\\.evil.com/x", false, false),
        ("https://FCM.googleapis.com/x", false, false),
        ("https://fcm.googleapis.com:443/x", false, false),
        ("https://fcm.googleapis.com:8443/x", true, true),
        ("https://fcm.googleapis.com/x#y", false, false),
        ("https://fcm.googleapis.com /x", false, false),
        ("file:///etc/passwd", false, false),
        ("ftp://fcm.googleapis.com/x", false, false),
    ] {
        assert_eq!(sent(&webpush(), &subscription(endpoint)).is_ok(), known, "{endpoint}");
        assert_eq!(sent(&extended, &subscription(endpoint)).is_ok(), more, "{endpoint}");
    }
    let refusal = sent(&webpush(), &subscription("https://evil.com/secret-path")).unwrap_err();
    assert_eq!((refusal.class, &*refusal.code), (Class::InvalidRequest, "malformed_target"));
    assert!(refusal.text.contains("allowed_hosts") && !refusal.text.contains("secret-path"));
    let origin = "https://push.example.com:8443";
    assert_eq!(sent(&extended, &subscription(&format!("{origin}/x"))).unwrap().scope.as_deref(), Some(origin));
}

#[test]
fn the_worker_s_json() {
    let more = json!({"image": "https://a.example/i.png", "badge": {"set": 3}, "thread": "orders", "data": {"id": "42"},
                      "click": {"url": "https://a.example/o/42"},
                      "vendors": {"webpush": {"icon": "https://a.example/c.png",
                                              "notification": {"requireInteraction": true}}}});
    assert_eq!(
        plaintext(&webpush(), more),
        json!({"title": "t", "body": "b", "icon": "https://a.example/c.png", "image": "https://a.example/i.png",
               "tag": "orders", "app_badge": 3, "data": {"id": "42", "url": "https://a.example/o/42"},
               "requireInteraction": true})
    );
    let start = with(|config| config.start_url = Some("https://a.example/".to_owned().try_into().unwrap()));
    assert_eq!(plaintext(&start, json!({"click": "app"}))["data"], json!({"url": "https://a.example/"}));
}

#[test]
fn the_declarative_form() {
    let declarative = with(|config| config.declarative = true);
    let more = json!({"click": {"url": "https://a.example/o/42"}, "data": {"id": "42"}, "badge": {"set": 1}});
    assert_eq!(
        plaintext(&declarative, more),
        json!({"web_push": 8030, "notification": {"title": "t", "body": "b", "navigate": "https://a.example/o/42",
               "data": {"id": "42"}}, "app_badge": 1})
    );
    assert!(try_encode(&declarative, json!({})).unwrap_err().to_string().contains("navigate"));
}

#[test]
fn headers() {
    let header = |more: Value, name: &str| {
        let encoded = try_encode(&webpush(), more).unwrap();
        encoded.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.to_str().unwrap().to_owned())
    };
    assert_eq!(header(json!({"ttl_seconds": 0}), "ttl").as_deref(), Some("0"));
    assert_eq!(header(json!({"ttl_seconds": 31_536_000}), "ttl").as_deref(), Some("2592000"));
    assert_eq!(header(json!({"priority": "high"}), "urgency").as_deref(), Some("high"));
    let low = json!({"priority": "high", "vendors": {"webpush": {"urgency": "very-low"}}});
    assert_eq!(header(low, "urgency").as_deref(), Some("very-low"));
    let topic = header(json!({"collapse_key": "订单/42"}), "topic").unwrap();
    assert_eq!(topic.len(), 32);
    assert!(topic.bytes().all(|b| b.is_ascii_alphanumeric()));
    assert_eq!(header(json!({}), "topic"), None);
}

#[test]
fn rules_and_losses() {
    for (more, part) in [
        (json!({"kind": "background"}), "shows something"),
        (json!({"dry_run": true}), "no dry run"),
        (json!({"title": ""}), "title: is missing"),
        (json!({"body": "b".repeat(3993)}), "at most 3993 are allowed"),
        (json!({"data": {"url": "x"}, "click": {"url": "https://a.example/"}}), "the click's place"),
        (json!({"vendors": {"webpush": {"urgency": "now"}}}), "is none of very-low"),
    ] {
        let error = try_encode(&webpush(), more.clone()).unwrap_err().to_string();
        assert!(error.contains(part), "{more}: {error}");
    }
    let lossy = json!({"click": {"activity": "a.b.C"}, "badge": {"add": 1}, "sound": "x", "data": {"k": "v"}});
    let lost = try_encode(&webpush(), lossy).unwrap().losses;
    assert_eq!(lost.iter().map(|l| l.field.as_str()).collect::<Vec<_>>(), ["sound", "badge", "click"]);
}

fn decode(status: u16, body: &str) -> Verdict {
    match response::decode(&Reply::new(status, body.to_owned())) {
        Outcome::Whole(verdict) => verdict,
        Outcome::Each(_) => panic!("one target has one verdict"),
    }
}

#[test]
fn the_location_is_the_message_id() {
    let mut reply = Reply::new(201, "");
    reply.headers.insert("location", "https://push.example.com/m/1".parse().unwrap());
    let Outcome::Whole(verdict) = response::decode(&reply) else { panic!() };
    assert_eq!(verdict.message_id(), Some("https://push.example.com/m/1"));
    assert!(decode(200, "").is_accepted() && decode(202, "").is_accepted());
    assert!(matches!(decode(200, "<html>"), Verdict::Unsure(_)), "somebody else's page");
}

#[test]
fn answers_of_all_services() {
    use Class::*;
    for (status, body, class, code) in [
        (301, "", Unknown, ""),
        (400, r#"{"reason":"BadTtl"}"#, InvalidRequest, "BadTtl"),
        (400, "UnauthorizedRegistration", PermissionDenied, "UnauthorizedRegistration"),
        (400, r#"{"reason":"VapidPkHashMismatch"}"#, PermissionDenied, "VapidPkHashMismatch"),
        (401, r#"{"code":401,"errno":109,"message":"x"}"#, Unauthenticated, "109"),
        (403, r#"{"reason":"BadJwtToken"}"#, Unauthenticated, "BadJwtToken"),
        (403, "the VAPID credentials do not correspond", PermissionDenied, ""),
        (404, "", InvalidToken, ""),
        (410, r#"{"code":410,"errno":106,"message":"gone"}"#, InvalidToken, "106"),
        (406, "", RateLimited, ""),
        (413, "", PayloadTooLarge, ""),
        (429, "", RateLimited, ""),
        (503, r#"{"errno":201}"#, Unavailable, "201"),
        (418, "", Unknown, ""),
    ] {
        let verdict = decode(status, body);
        let refusal = verdict.refusal().unwrap();
        assert_eq!((refusal.class, &*refusal.code), (class, code), "{status} {body}");
        assert!(matches!(verdict, Verdict::Refused(_)), "{status}");
    }
    assert_eq!(decode(401, "").refusal().unwrap().remedy, Remedy::NewToken);
    for status in [500, 502, 504] {
        assert!(matches!(decode(status, ""), Verdict::Unsure(Some(_))), "{status}");
    }
}

#[test]
fn settings_are_checked_by_name_and_never_shown() {
    let wrong = |config: Config| WebPush::new(config).unwrap_err();
    for key in ["", "hunter2", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let error = wrong(Config::new(Secret::new(key), "mailto:a@b.example"));
        assert_eq!(error.key, "private_key");
        assert!(!error.to_string().contains("hunter2"));
    }
    for subject in ["", "ops@example.com", "mailto:a b@c", "mailto:<a@b>", "https://localhost"] {
        assert_eq!(wrong(Config::new(Secret::new(PRIVATE), subject)).key, "subject", "{subject}");
    }
    let mut config = config();
    config.allowed_hosts = vec!["https://a.example/".into()];
    assert_eq!(wrong(config).key, "allowed_hosts");
    assert!(!format!("{:?}", webpush()).contains(PRIVATE));
}

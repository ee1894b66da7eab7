//! The table of failures, and the dialects.

use omnipush_core::Class;

use super::super::codes::{Problem, ROWS, Retry, Shape};
use super::*;

const SERVICES: [Service; 4] = [Service::Mozilla, Service::Google, Service::Apple, Service::Microsoft];

#[test]
fn every_failure_has_the_documented_shape() {
    let fake = fake();
    let mut names = HashSet::new();
    for (row, code) in ROWS.iter().zip(fake.codes()) {
        assert!(names.insert(code.code), "{} is there twice", code.code);
        let answer = fake.coded(&call(), code);
        assert_eq!(answer.status, row.status);
        assert!(answer.refused.is_some());
        let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        match row.shape {
            Shape::Mozilla(errno) => {
                assert_eq!((&json["code"], &json["errno"]), (&json!(row.status), &json!(errno)));
                assert!(json["error"].is_string() && json["more_info"].is_string());
                assert_eq!(json["message"], row.text);
                assert!(errno.is_none_or(|errno| code.code.starts_with(&errno.to_string())));
                assert_eq!(header(&answer, "cache-control").is_some(), row.status == 410);
                assert_eq!(header(&answer, "retry-after"), (row.status == 503).then_some("120"));
            }
            Shape::Apple => assert_eq!(json, json!({ "reason": row.text })),
            Shape::Google => assert_eq!(answer.body, format!("{}\n", row.text)),
            Shape::Microsoft(state) => {
                assert!(answer.body.is_empty());
                assert_eq!(header(&answer, "x-wns-status"), Some(state));
                assert_eq!(header(&answer, "x-wns-notificationstatus"), Some(state));
            }
            Shape::Bare => assert!(answer.body.is_empty() && code.code.starts_with(&row.status.to_string())),
        }
        assert_eq!(header(&answer, "retry-after").is_some(), row.retry != Retry::Unsaid);
        assert_eq!(header(&answer, "location").is_some(), row.status == 301);
    }
    assert!(fake.world().delivered().is_empty());
}

#[test]
fn a_time_to_wait_is_said_in_both_forms() {
    let wait = |name: &str| {
        let code = codes::all().iter().find(|code| code.code == name).unwrap();
        header(&fake().coded(&call(), code), "retry-after").map(str::to_owned)
    };
    assert_eq!(wait("429 seconds").as_deref(), Some("30"));
    assert_eq!(wait("429 date").as_deref(), Some("Tue, 14 Nov 2023 22:13:50 GMT"));
    assert_eq!(wait("429 alone"), None);
    assert_eq!(wait("406 Microsoft").as_deref(), Some("900"));
    assert_eq!(wait("201").as_deref(), Some("120"));
}

#[test]
fn everything_documented_is_listed() {
    const ERRNOS: [u16; 20] =
        [101, 102, 103, 104, 105, 106, 108, 109, 110, 111, 112, 113, 114, 201, 202, 900, 901, 902, 903, 999];
    for errno in ERRNOS {
        assert!(ROWS.iter().any(|row| row.shape == Shape::Mozilla(Some(errno))), "{errno}");
    }
    for reason in [
        "BadTtl",
        "BadUrgency",
        "BadWebPushTopic",
        "BadWebPushRequest",
        "VapidPkHashMismatch",
        "BadJwtToken",
        "BadVapidPublicKey",
        "UnauthorizedRegistration",
    ] {
        assert!(ROWS.iter().any(|row| row.text == reason), "{reason}");
    }
    for status in [301, 400, 401, 403, 404, 406, 410, 413, 429, 500, 502, 503, 504] {
        assert!(ROWS.iter().any(|row| row.status == status), "{status}");
    }
    for row in ROWS {
        let class = match row.status {
            301 => Class::Unknown,
            401 => Class::Unauthenticated,
            403 if row.text == "BadJwtToken" => Class::Unauthenticated,
            403 => Class::PermissionDenied,
            404 | 410 => Class::InvalidToken,
            406 | 429 => Class::RateLimited,
            413 => Class::PayloadTooLarge,
            500.. => Class::Unavailable,
            _ if ["UnauthorizedRegistration", "VapidPkHashMismatch"].contains(&row.text) => Class::PermissionDenied,
            _ => Class::InvalidRequest,
        };
        assert_eq!(row.code.class, class, "{}", row.code.code);
    }
}

#[test]
fn every_service_has_words_for_every_problem() {
    use Problem::*;
    let problems = [
        UnknownEndpoint,
        Gone,
        Method,
        NoToken,
        BadToken,
        BadKey,
        OtherKey,
        NoTtl,
        NegativeTtl,
        Urgency,
        Topic,
        Encryption,
        TooLarge,
        Request,
    ];
    for (problem, service) in problems.into_iter().flat_map(|problem| SERVICES.map(|service| (problem, service))) {
        let row = Fault::new(problem, "why").row(service);
        let own = match row.shape {
            Shape::Mozilla(errno) => service == Service::Mozilla && errno != Some(999),
            Shape::Google => service == Service::Google,
            Shape::Apple => service == Service::Apple,
            Shape::Microsoft(_) => service == Service::Microsoft,
            Shape::Bare => false,
        };
        assert!(own, "{problem:?} {service:?}");
    }
}

#[test]
fn every_service_delivers_and_refuses_in_its_own_way() {
    for service in SERVICES {
        let fake = of(service);
        let call = carrying(service, 5, r#"{"title":"t"}"#);
        assert_eq!(fake.purpose(&call), Purpose::Send);
        let answer = accepts(&fake, &call);
        assert_eq!(header(&answer, "apns-id").is_some(), service == Service::Apple);
        let seen = fake.world().delivered().remove(0);
        assert_eq!((seen.target, seen.title.as_deref()), (fake.target(5), Some("t")));
        fake.world().set_target(fake.target(5), TargetState::Dead);
        refusal(&fake, &call, 410);
    }
    let answer = |service: Service, change: fn(Call) -> Call| {
        let answer = of(service).answer(&change(carrying(service, 0, "{}")));
        (answer.status, String::from_utf8(answer.body.to_vec()).unwrap())
    };
    let nobody = |call| without(call, "authorization");
    let another = |call| {
        let (private, public) = (
            "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
        );
        let claims = json!({"aud": BASE, "exp": NOW + 60, "sub": SUBJECT});
        let token = sender::signed(&json!({"alg": "ES256"}), &claims, private, public);
        with(call, "authorization", &format!("vapid t={token}, k={public}"))
    };
    let hasty = |call| without(call, "ttl");
    assert_eq!(answer(Service::Apple, nobody), (403, r#"{"reason":"BadJwtToken"}"#.into()));
    assert_eq!(answer(Service::Apple, another), (403, r#"{"reason":"VapidPkHashMismatch"}"#.into()));
    assert_eq!(answer(Service::Apple, hasty), (400, r#"{"reason":"BadTtl"}"#.into()));
    assert_eq!(answer(Service::Google, nobody), (400, "UnauthorizedRegistration\n".into()));
    assert!(answer(Service::Google, another).1.starts_with("the VAPID credentials in the authorization header"));
    assert_eq!(answer(Service::Microsoft, nobody), (401, String::new()));
    assert_eq!(answer(Service::Microsoft, another), (401, String::new()));
    refuses(&fake(), &another(call()), 401, 109);
}

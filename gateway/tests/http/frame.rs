use axum::body::Body;
use axum::extract::ConnectInfo;
use omnipush::Secret;
use omnipush::http::{Method, Request, StatusCode};
use omnipush_gateway::http::usersig::UserSig;
use omnipush_gateway::http::{HttpSettings, Network, Peer};
use serde_json::json;

use crate::server::{APP, KEY, Server, query, settings, sign, text};
use crate::world::NOW;

const CALL: &str = "openim/query_online_status";

#[tokio::test]
async fn each_parameter_that_is_missing_or_wrong_has_its_code() {
    let server = Server::new().await;
    let sig = sign("admin-01");
    let expired = UserSig::sign(APP, "admin-01", &Secret::new(KEY), NOW / 1000 - 61, 60).encode();
    let forged = UserSig::sign(APP, "admin-01", &Secret::new("a wrong key"), NOW / 1000, 60).encode();
    let user = sign("bo");
    for (query, code) in [
        (format!("identifier=admin-01&usersig={sig}"), 60012),
        (format!("sdkappid=&identifier=admin-01&usersig={sig}"), 60012),
        (format!("sdkappid=one&identifier=admin-01&usersig={sig}"), 60006),
        (format!("sdkappid=7&identifier=admin-01&usersig={sig}"), 60006),
        (format!("sdkappid={APP}&usersig={sig}"), 60004),
        (format!("sdkappid={APP}&identifier=admin-01"), 60004),
        (format!("sdkappid={APP}&identifier=admin-01&usersig="), 60004),
        (format!("sdkappid={APP}&identifier=admin-01&usersig=garbage"), 70003),
        (format!("sdkappid={}&identifier=admin-01&usersig={sig}", APP + 1), 70014),
        (format!("sdkappid={APP}&identifier=admin-02&usersig={sig}"), 70013),
        (format!("sdkappid={APP}&identifier=admin-01&usersig={forged}"), 70009),
        (format!("sdkappid={APP}&identifier=admin-01&usersig={expired}"), 70001),
        (format!("sdkappid={APP}&identifier=bo&usersig={user}"), 90009),
    ] {
        let answer = server.post(CALL, &query, r#"{"To_Account":["bo"]}"#).await;
        assert_eq!(answer["ErrorCode"], code, "{query}");
        assert!(!answer.to_string().contains(&sig), "{answer}");
    }
}

#[tokio::test]
async fn what_public_callers_leave_out_or_add_does_no_harm() {
    let server = Server::new().await;
    let sig = sign("admin-01");
    for query in [
        format!("usersig={sig}&identifier=admin-01&sdkappid={APP}"),
        format!("usersig={sig}&apn=1&sdkappid={APP}&identifier=admin-01&contenttype=json"),
        format!("sdkappid={APP}&identifier=admin%2D01&usersig={sig}&random=99999999&random=0&contenttype=xml"),
    ] {
        let answer = server.post(CALL, &query, r#"{"To_Account":["bo"],"Surprise":{}}"#).await;
        assert_eq!(answer["ErrorCode"], 0, "{query}: {answer}");
    }
}

#[tokio::test]
async fn unknown_commands_and_methods_have_their_codes() {
    let server = Server::new().await;
    for (path, code) in [
        ("openim/nonsense", 60009),
        ("openim/admin_getroammsg", 60009),
        ("nonsense/sendmsg", 60009),
        ("openim", 60009),
        ("openim/sendmsg/", 60009),
        ("OpenIM/SendMsg", 60009),
        ("group_open_http_svc/nonsense", 10003),
    ] {
        assert_eq!(server.code(path, json!({})).await, code, "{path}");
    }
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let request = Request::builder().method(method).uri(format!("/v4/{CALL}?{}", query()));
        let (status, _, answer) = server.raw(request.body(Body::empty()).unwrap()).await;
        assert_eq!((status, answer["ErrorCode"].as_i64()), (StatusCode::OK, Some(60008)));
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused_in_the_services_own_words() {
    let server = Server::new().await;
    for (path, code) in [
        (CALL, 90001),
        ("openim/sendmsg", 90001),
        ("timpush/batch", 90001),
        ("group_open_http_svc/send_group_msg", 10011),
        ("im_open_login_svc/kick", 60003),
    ] {
        for body in ["", "garbage", "[]", "7", "{", r#"{"a":}"#, "a=b&c=d", "\u{0}", r#""{}""#] {
            let answer = server.post(path, &query(), body).await;
            assert_eq!(answer["ErrorCode"], code, "{path} {body}");
            assert_eq!(answer["ErrorInfo"], "Fail to Parse json data of body, Please check it");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(server.post(path, &query(), deep).await["ErrorCode"], code, "{path}");
        assert_eq!(server.post(path, &query(), vec![0xff; 64]).await["ErrorCode"], code, "{path}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let server = Server::with(HttpSettings { body_bytes: 1000, ..settings() }).await;
    let long = json!({ "UserID": "x".repeat(1000) });
    assert_eq!(server.code("im_open_login_svc/kick", long.clone()).await, 60003);
    assert_eq!(server.code("openim/sendmsg", long.clone()).await, 93000);
    assert_eq!(server.code("group_open_http_svc/send_group_msg", long).await, 80002);
}

#[tokio::test]
async fn the_groups_and_logins_have_codes_of_their_own_for_callers_who_may_not() {
    let server = Server::new().await;
    let query = format!("sdkappid={APP}&identifier=bo&usersig={}", sign("bo"));
    for (path, code) in [
        ("group_open_http_svc/send_group_msg", 10007),
        ("im_open_login_svc/kick", 70403),
        ("timpush/push", 90009),
        ("openim/sendmsg", 90009),
    ] {
        assert_eq!(server.post(path, &query, "{}").await["ErrorCode"], code, "{path}");
    }
}

#[tokio::test]
async fn a_signature_from_before_a_kick_is_void_and_one_from_after_is_not() {
    let server = Server::new().await;
    server.world.log_in("admin-01", "desk", omnipush_gateway::model::Platform::Web).await;
    let old = query();
    server.world.clock.set(NOW + 5000);
    server.good("im_open_login_svc/kick", json!({ "UserID": "admin-01" })).await;
    let body = json!({ "To_Account": ["bo"] }).to_string();
    assert_eq!(server.post(CALL, &old, body.clone()).await["ErrorCode"], 70052);
    let new = UserSig::sign(APP, "admin-01", &Secret::new(KEY), NOW / 1000 + 5, 60).encode();
    let new = format!("sdkappid={APP}&identifier=admin-01&usersig={new}");
    assert_eq!(server.post(CALL, &new, body).await["ErrorCode"], 0);
}

#[tokio::test]
async fn calls_have_the_originals_rates() {
    let server = Server::with(HttpSettings { original_rates: true, pushes_per_day: 1, ..settings() }).await;
    let codes = async |path: &str, body: serde_json::Value| {
        let mut codes = Vec::new();
        for _ in 0..2 {
            codes.push(server.code(path, body.clone()).await);
        }
        codes
    };
    assert_eq!(codes("timpush/revoke", json!({})).await, [90001, 90051]);
    assert_eq!(codes("timpush/normal_push_loss", json!({})).await, [90001, 60007]);
    assert_eq!(codes("timpush/push", json!({})).await, [90005, 90024]);
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    assert_eq!(codes("timpush/push", json!({})).await, [90047, 90024]);
    // A call to many counts as many.
    let many: Vec<String> = (0..500).map(|number| format!("user-{number}")).collect();
    let body = json!({ "To_Account": many, "MsgRandom": 1, "MsgBody": text("x") });
    for round in 0..24 {
        assert_eq!(server.code("openim/batchsendmsg", body.clone()).await, 90012, "{round}");
    }
    assert_eq!(server.code("openim/batchsendmsg", body).await, 60007);
}

#[tokio::test]
async fn calls_from_elsewhere_are_refused_where_an_app_names_its_sources() {
    let mut settings = settings();
    settings.apps[0].sources =
        ["10.0.0.0/8", "2001:db8::1"].map(|text| Network::try_from(text.to_owned()).unwrap()).into();
    let server = Server::with(settings).await;
    let code = async |query: &str, from: Option<&str>| {
        let mut request =
            Request::post(format!("/v4/{CALL}?{query}")).body(Body::from(r#"{"To_Account":["bo"]}"#)).unwrap();
        if let Some(from) = from {
            request.extensions_mut().insert(ConnectInfo(Peer(from.parse().unwrap())));
        }
        server.raw(request).await.2["ErrorCode"].as_i64().unwrap()
    };
    for (from, expected) in [
        (Some("10.1.2.3:999"), 0),
        (Some("[::ffff:10.1.2.3]:999"), 0),
        (Some("[2001:db8::1]:999"), 0),
        (Some("11.1.2.3:999"), 60021),
        (Some("[2001:db8::2]:999"), 60021),
        // Who cannot be seen may be anybody.
        (None, 60021),
    ] {
        assert_eq!(code(&query(), from).await, expected, "{from:?}");
    }
    // It is the caller's right that is looked at first.
    assert_eq!(code(&query().replace("admin-01", "admin-02"), None).await, 70013);
    // The other app takes calls from anywhere.
    let other = UserSig::sign(APP + 1, "admin-01", &Secret::new("another key"), NOW / 1000, 60).encode();
    assert_eq!(code(&format!("sdkappid={}&identifier=admin-01&usersig={other}", APP + 1), None).await, 0);
}

#[tokio::test]
async fn an_administrator_whose_signatures_fail_must_wait_where_the_settings_say_so() {
    let server = Server::with(HttpSettings { lock_out_after: 2, ..settings() }).await;
    let body = r#"{"To_Account":["bo"]}"#;
    let bad = format!("sdkappid={APP}&identifier=admin-01&usersig=garbage");
    let code = async |query: &str| server.post(CALL, query, body).await["ErrorCode"].as_i64().unwrap();
    assert_eq!((code(&bad).await, code(&query()).await), (70003, 0));
    assert_eq!((code(&bad).await, code(&bad).await, code(&query()).await), (70003, 70003, 70050));
    server.world.clock.set(NOW + 59_999);
    assert_eq!(code(&query()).await, 70050);
    server.world.clock.set(NOW + 60_000);
    assert_eq!(code(&query()).await, 0);
    // By default nobody ever has to.
    let server = Server::new().await;
    for _ in 0..20 {
        assert_eq!(server.post(CALL, &bad, body).await["ErrorCode"], 70003);
    }
    assert_eq!(server.post(CALL, &query(), body).await["ErrorCode"], 0);
}

//! The table of documented failures, and the facts that a fake tells about itself.

use super::*;

#[test]
fn every_failure_has_the_documented_shape() {
    let (fake, token) = fake();
    let mut names = HashSet::new();
    for code in fake.codes() {
        assert!(names.insert((code.at, code.code)), "{} stands there twice", code.code);
        let answer = fake.coded(&send_call(&token, &json!({})), code);
        assert!((400..600).contains(&answer.status), "{}", code.code);
        assert_eq!(answer.refused.as_deref(), Some(code.code));
        let mime = &answer.headers.iter().find(|(name, _)| *name == "content-type").unwrap().1;
        if mime.starts_with("text/html") {
            assert!(answer.body.starts_with(b"<!DOCTYPE html>"));
            continue;
        }
        let body = body(&answer);
        if code.at == At::Auth {
            let error = body["error"].as_str().unwrap();
            assert!(code.code.starts_with(error) && body["error_description"].is_string());
            continue;
        }
        let error = &body["error"];
        assert_eq!(error["code"], answer.status);
        assert!(error["message"].is_string() && error["status"].is_string());
        for detail in error["details"].as_array().into_iter().flatten() {
            assert!(detail["@type"].as_str().unwrap().starts_with("type.googleapis.com/google."));
        }
        let challenged = answer.headers.iter().any(|(name, _)| *name == "www-authenticate");
        assert_eq!(challenged, answer.status == 401);
    }
}

#[test]
fn every_documented_word_is_there() {
    let (fake, token) = fake();
    let call = send_call(&token, &json!({}));
    let all: String = fake
        .codes()
        .iter()
        .map(|code| {
            let answer = fake.coded(&call, code);
            format!("{} {} {}\n", code.code, answer.status, String::from_utf8_lossy(&answer.body))
        })
        .collect();
    for word in [
        "invalid_grant",
        "invalid_scope",
        "unauthorized_client",
        "access_denied",
        "invalid_client",
        "disabled_client",
        "deleted_client",
        "unsupported_grant_type",
        "invalid_request",
        "internal_failure",
        "server_error",
        "temporarily_unavailable",
        "HTTP 408 408",
        "HTTP 429 429",
        "HTTP 500 500",
        "HTTP 503 503",
        "HTTP 504 504",
        "CREDENTIALS_MISSING",
        "ACCESS_TOKEN_EXPIRED",
        "PERMISSION_DENIED",
        "IAM_PERMISSION_DENIED",
        "SERVICE_DISABLED",
        "INVALID_ARGUMENT",
        "Unregistered",
        "BadDeviceToken",
        "ExpiredToken",
        "DeviceTokenNotForTopic",
        "PayloadTooLarge",
        "BadTopic",
        "BadPriority",
        "InvalidPushType",
        "BadCollapseId",
        "BadExpirationDate",
        "THIRD_PARTY_AUTH_ERROR",
        "APNS_AUTH_ERROR",
        "InvalidProviderToken",
        "BadEnvironmentKeyInToken",
        "SENDER_ID_MISMATCH",
        "UNREGISTERED",
        "NOT_FOUND",
        "RESOURCE_EXHAUSTED",
        "QUOTA_EXCEEDED",
        "QuotaFailure",
        "INTERNAL",
        "UNAVAILABLE",
        "DEADLINE_EXCEEDED",
        "UNSPECIFIED_ERROR",
        "502 page 502",
        "504 page 504",
    ] {
        assert!(all.contains(word), "{word} is missing");
    }
}

#[test]
fn refused_targets_answer_with_their_failure() {
    let (fake, token) = fake();
    let call = send_call(&token, &json!({ "message": { "token": fake.target(1) } }));
    for code in fake.codes().iter().filter(|code| code.at == At::Target) {
        fake.world().set_target(fake.target(1), TargetState::Refused(*code));
        let (answer, coded) = (fake.answer(&call), fake.coded(&call, code));
        assert_eq!((answer.status, &answer.body), (coded.status, &coded.body), "{}", code.code);
    }
}

#[test]
fn a_failure_that_is_not_in_the_table_is_noticed() {
    let (fake, token) = fake();
    let stranger = DocumentedCode { code: "no such", class: omnipush_core::Class::Unknown, at: At::Send };
    assert_eq!(fake.coded(&send_call(&token, &json!({})), &stranger).status, 500);
}

#[test]
fn targets_are_many_and_well_formed() {
    let fake = Fcm::new();
    let targets: HashSet<_> = (0..1000).map(|n| fake.target(n)).collect();
    assert_eq!(targets.len(), 1000);
    assert!(targets.iter().all(|target| target.len() == 163 && check_target("token", target).is_ok()));
}

#[test]
fn the_configuration_is_that_of_a_key_file() {
    let config = Fcm::new().config(BASE);
    let account = config["service_account"].as_object().unwrap();
    let keys: Vec<_> = account.keys().map(String::as_str).collect();
    assert_eq!(keys, ["type", "project_id", "private_key_id", "private_key", "client_email", "token_uri"]);
    assert_eq!((&config["vendor"], &config["endpoint"]), (&json!("fcm"), &json!(BASE)));
    assert_eq!(account["token_uri"], format!("{BASE}/token"));
}

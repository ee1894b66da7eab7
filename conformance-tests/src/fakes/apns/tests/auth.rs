//! Provider tokens: the worked example in both forms, and every way to get one wrong.

use base64::engine::general_purpose::STANDARD;
use ring::signature::ECDSA_P256_SHA256_ASN1_SIGNING;

use super::*;

const DER_SIGNATURE: &str =
    "MEUCIG-JS6_bISzPnBi7Wb_7G3H97dDGb7theP-6HrnM58eTAiEAo74bFIrRanEj8lTBw2WPUMTDz3rjRMDcDmzDDUn2l8w";

fn bearing(token: &str) -> Call {
    with(call(), "authorization", &format!("bearer {token}"))
}

fn minted(header: &Value, claims: &Value) -> Call {
    bearing(&sign(&ECDSA_P256_SHA256_FIXED_SIGNING, header, claims))
}

#[test]
fn the_worked_example_in_both_forms_and_any_case_of_bearer() {
    let fake = Apns::new();
    accepts(&fake, &call());
    accepts(&fake, &bearing(&format!("{HEADER_AND_CLAIMS}.{DER_SIGNATURE}")));
    for scheme in ["Bearer", "BEARER"] {
        accepts(&fake, &with(call(), "authorization", &format!("{scheme} {}", token(NOW))));
    }
    let header = json!({"alg": "ES256", "kid": KEY_ID, "typ": "JWT"});
    let claims = json!({"iss": TEAM_ID, "iat": NOW});
    accepts(&fake, &minted(&header, &claims));
    accepts(&fake, &bearing(&sign(&ECDSA_P256_SHA256_ASN1_SIGNING, &header, &claims)));
}

#[test]
fn no_token_or_no_token_of_ours() {
    let fake = Apns::new();
    refuses(&fake, &without(call(), "authorization"), 403, "MissingProviderToken");
    let garbled = SIGNATURE.replacen('b', "c", 1);
    let wrong = [
        String::new(),
        "abc".into(),
        "a.b.c".into(),
        HEADER_AND_CLAIMS.into(),
        format!("{HEADER_AND_CLAIMS}."),
        format!("{HEADER_AND_CLAIMS}.{garbled}"),
        // With padding, and twice encoded.
        format!("{HEADER_AND_CLAIMS}.{SIGNATURE}=="),
        format!("{HEADER_AND_CLAIMS}.{}", URL_SAFE_NO_PAD.encode(SIGNATURE)),
        // The signature in hexadecimal, and of other claims.
        format!("{HEADER_AND_CLAIMS}.{}", hex::encode(URL_SAFE_NO_PAD.decode(SIGNATURE).unwrap())),
        format!("{}.{SIGNATURE}", token(NOW).rsplit_once('.').unwrap().0),
    ];
    for token in wrong {
        refuses(&fake, &bearing(&token), 403, "InvalidProviderToken");
    }
    for value in [SIGNATURE.to_owned(), format!("Basic {HEADER_AND_CLAIMS}.{SIGNATURE}"), "bearer".into()] {
        refuses(&fake, &with(call(), "authorization", &value), 403, "InvalidProviderToken");
    }
}

#[test]
fn header_and_claims_that_are_wrong() {
    let fake = Apns::new();
    let header = json!({"alg": "ES256", "kid": KEY_ID});
    let claims = json!({"iss": TEAM_ID, "iat": NOW});
    for bad in [
        json!({"alg": "HS256", "kid": KEY_ID}),
        json!({"alg": "none", "kid": KEY_ID}),
        json!({"kid": KEY_ID}),
        json!({"alg": "ES256"}),
        json!({"alg": "ES256", "kid": "ZZZZZZZZZZ"}),
        json!({"alg": "ES256", "kid": KEY_ID, "typ": "JWS"}),
        json!({"alg": "ES256", "kid": KEY_ID, "x5c": []}),
    ] {
        refuses(&fake, &minted(&bad, &claims), 403, "InvalidProviderToken");
    }
    for bad in [
        json!({"iat": NOW}),
        json!({"iss": "ZZZZZZZZZZ", "iat": NOW}),
        json!({"iss": TEAM_ID}),
        json!({"iss": TEAM_ID, "iat": NOW.to_string()}),
        json!({"iss": TEAM_ID, "iat": NOW as f64 + 0.5}),
        json!({"iss": TEAM_ID, "iat": NOW * 1000}),
        json!({"iss": TEAM_ID, "iat": NOW, "exp": NOW + 60}),
        json!({"iss": TEAM_ID, "iat": NOW, "kid": KEY_ID}),
        json!([]),
    ] {
        refuses(&fake, &minted(&header, &bad), 403, "InvalidProviderToken");
    }
    // What some clients really send, and Apple takes.
    let claims = json!({"iss": TEAM_ID, "iat": NOW});
    let plain = sign_in(&STANDARD, &ECDSA_P256_SHA256_FIXED_SIGNING, &header, &claims);
    assert!(plain.ends_with("=="), "{plain}");
    accepts(&Apns::new().lenient(), &bearing(&plain));
    refuses(&Apns::new(), &bearing(&plain), 403, "InvalidProviderToken");
    let tolerated = json!({"iss": TEAM_ID, "iat": NOW.to_string(), "kid": KEY_ID});
    accepts(&Apns::new().lenient(), &minted(&header, &tolerated));
}

#[test]
fn an_hour_is_the_life_of_a_token() {
    let fake = Apns::new();
    accepts(&fake, &bearing(&token(NOW - 3590)));
    refuses(&fake, &bearing(&token(NOW - 3601)), 403, "ExpiredProviderToken");
    refuses(&fake, &bearing(&token(0)), 403, "ExpiredProviderToken");
    accepts(&fake, &bearing(&token(NOW + 30)));
    refuses(&fake, &bearing(&token(NOW + 300)), 403, "InvalidProviderToken");
    refuses(&fake, &bearing(&token(u64::MAX)), 403, "InvalidProviderToken");
    // A good token that has been seen grows old all the same.
    accepts(&fake, &call());
    let later = Call { now_ms: (ISSUED_AT + 3601) * 1000, ..call() };
    refuses(&fake, &later, 403, "ExpiredProviderToken");
}

#[test]
fn a_test_can_end_tokens() {
    let fake = Apns::new();
    accepts(&fake, &call());
    fake.world().expire_tokens();
    refuses(&fake, &call(), 403, "ExpiredProviderToken");
    accepts(&fake, &bearing(&token(NOW)));
    fake.world().refuse_tokens(true);
    refuses(&fake, &bearing(&token(NOW)), 403, "ExpiredProviderToken");
    refuses(&fake, &bearing(&token(NOW - 1)), 403, "ExpiredProviderToken");
    fake.world().calm();
    accepts(&fake, &bearing(&token(NOW - 2)));
}

#[test]
fn updates_are_judged_on_wish() {
    let at = |issued_at: u64| Call { now_ms: (NOW + 3000) * 1000, ..bearing(&token(issued_at)) };
    let (first, second) = (at(NOW), at(NOW + 1199));
    let easy = Apns::new();
    accepts(&easy, &first);
    accepts(&easy, &second);

    let fake = Apns::new().judging_token_updates();
    accepts(&fake, &first);
    refuses(&fake, &second, 429, "TooManyProviderTokenUpdates");
    refuses(&fake, &at(NOW - 1), 429, "TooManyProviderTokenUpdates");
    // The same claims with another signature are another token.
    refuses(&fake, &at(NOW), 429, "TooManyProviderTokenUpdates");
    // The one before goes on to be good, until a new one is due.
    accepts(&fake, &first);
    accepts(&fake, &at(NOW + 1200));
    refuses(&fake, &first, 429, "TooManyProviderTokenUpdates");
    accepts(&fake, &at(NOW + 2400));
}

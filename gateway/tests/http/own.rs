use axum::body::Body;
use omnipush::http::{Method, Request, StatusCode};
use omnipush_gateway::http::HttpSettings;
use omnipush_gateway::model::ReceiveOption;
use omnipush_gateway::store::Conversed;
use serde_json::{Value, json};

use crate::server::{API_KEY, Server, seen, settings, text};
use crate::world::NOW;

const PHONE: &str = "/v1/users/dee/devices/phone";

/// A call with the key, its status and its answer.
async fn call(server: &Server, line: &str, body: Value) -> (u16, Value) {
    let (method, path) = line.split_once(' ').unwrap();
    let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {API_KEY}"));
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let (status, headers, answer) = server.raw(request.body(body).unwrap()).await;
    if !status.is_success() {
        assert_eq!(headers["content-type"], "application/problem+json", "{line}");
        assert_eq!(answer["status"], status.as_u16(), "{line}");
        assert!(answer["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{line}: {answer}");
    }
    (status.as_u16(), answer)
}

async fn done(server: &Server, line: &str, body: Value) {
    assert_eq!(call(server, line, body).await, (204, Value::Null), "{line}");
}

/// Dee logs in on a phone of vivo's, binds it, and puts it away.
async fn dee(server: &Server) {
    let events = format!("POST {PHONE}/events");
    let login = json!({ "event": "login", "platform": "android", "connection": 1 });
    assert_eq!(call(server, &events, login).await, (200, json!({ "changed": true })));
    let token = server.world.fake("vivo").target(7);
    done(server, &format!("PUT {PHONE}/push-config"), json!({ "business_id": 7, "token": token })).await;
    let background = json!({ "event": "background", "unread": 3 });
    assert_eq!(call(server, &events, background).await, (200, json!({ "changed": true })));
}

async fn say(server: &Server, words: &str) {
    let random = words.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31) + u32::from(byte));
    let body = json!({ "To_Account": "dee", "MsgRandom": random, "From_Account": "ann", "MsgBody": text(words) });
    server.good("openim/sendmsg", body).await;
}

#[tokio::test]
async fn a_device_is_pushed_to_from_its_background_to_its_logout() {
    let server = Server::new().await;
    dee(&server).await;
    say(&server, "one").await;
    assert_eq!(server.delivered().await, [seen("vivo", "Ann", "one")]);
    let events = format!("POST {PHONE}/events");
    for (event, shown, state) in [
        (json!({ "event": "foreground" }), 1, "foreground"),
        (json!({ "event": "disconnect", "connection": 1 }), 2, "push_online"),
        (json!({ "event": "connect", "connection": 2 }), 2, "foreground"),
        (json!({ "event": "background" }), 3, "background"),
        (json!({ "event": "logout" }), 3, "offline"),
    ] {
        assert_eq!(call(&server, &events, event.clone()).await.0, 200, "{event}");
        say(&server, &event.to_string()).await;
        assert_eq!(server.delivered().await.len(), shown, "{event}");
        assert_eq!(call(&server, &format!("GET {PHONE}"), Value::Null).await.1["state"], state, "{event}");
    }
}

#[tokio::test]
async fn a_device_is_shown_with_its_bindings_and_without_its_tokens() {
    let server = Server::new().await;
    let iphone = json!({ "event": "login", "platform": "iphone", "connection": 1, "heartbeats": true });
    assert_eq!(call(&server, &format!("POST {PHONE}/events"), iphone).await.0, 200);
    let config = json!({ "business_id": 1, "token": "ABCDEF01", "is_tpns": false });
    done(&server, &format!("PUT {PHONE}/push-config"), config).await;
    done(&server, &format!("PUT {PHONE}/voip"), json!({ "certificate": 2, "token": "CAFE" })).await;
    let activity = json!({ "certificate": 3, "token": "FEED" });
    done(&server, &format!("PUT {PHONE}/live-activities/ride-7"), activity).await;
    done(&server, &format!("PUT {PHONE}/language"), json!({ "language": "zh-Hans" })).await;
    let expected = json!({
        "device": "phone", "platform": "iphone", "state": "foreground", "badge": 0, "business_id": 1,
        "voip_certificate": 2, "live_activities": ["ride-7"], "language": "zh-Hans",
    });
    assert_eq!(call(&server, &format!("GET {PHONE}"), Value::Null).await, (200, expected));
    let device = server.world.store().device("dee", "phone").await.unwrap().unwrap();
    assert_eq!(device.config.unwrap().token, "abcdef01");
    assert_eq!(device.voip.unwrap().token, "cafe");
    for part in ["push-config", "voip", "live-activities"] {
        done(&server, &format!("DELETE {PHONE}/{part}"), Value::Null).await;
    }
    done(&server, &format!("PUT {PHONE}/language"), json!({})).await;
    let (_, shown) = call(&server, "GET /v1/users/dee", Value::Null).await;
    let shown = &shown["devices"][0];
    assert_eq!((&shown["business_id"], &shown["voip_certificate"]), (&Value::Null, &Value::Null));
    assert_eq!((&shown["live_activities"], &shown["language"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn mutes_keep_a_phone_silent() {
    let server = Server::new().await;
    dee(&server).await;
    let mute = "PUT /v1/users/dee/mute";
    // From eight to nine in the morning, UTC.
    done(&server, mute, json!({ "opt": 2, "start_hour": 8, "duration": 3600 })).await;
    say(&server, "one").await;
    assert_eq!(call(&server, "GET /v1/users/dee", Value::Null).await.1["muted"], true);
    done(&server, mute, json!({ "opt": 2, "start_hour": 9, "duration": 3600 })).await;
    say(&server, "two").await;
    assert_eq!(server.delivered().await, [seen("vivo", "Ann", "two")]);
    done(&server, mute, json!({ "opt": 2, "start_timestamp": NOW / 1000 - 10, "duration": 60 })).await;
    say(&server, "three").await;
    done(&server, mute, json!({ "opt": 0, "duration": 0 })).await;
    assert_eq!(server.delivered().await.len(), 1);

    done(&server, "PUT /v1/users/dee/options/users", json!({ "users": ["ann", "bo"], "opt": 2 })).await;
    let (_, wish) = call(&server, "GET /v1/users/dee/options/users/bo", Value::Null).await;
    assert_eq!(wish, json!({ "opt": 2 }));
    let option = server.world.store().option("dee", Conversed::Peer("ann")).await.unwrap();
    assert_eq!(option, ReceiveOption::NotNotify);
}

#[tokio::test]
async fn a_group_is_made_and_its_members_are_reached() {
    let server = Server::new().await;
    dee(&server).await;
    let group = "/v1/groups/@TGS%231";
    let members = json!({ "add": ["dee", "bo"], "remove": ["bo"] });
    assert_eq!(call(&server, &format!("POST {group}/members"), members.clone()).await.0, 404);
    done(&server, &format!("PUT {group}"), json!({ "name": "Choir", "kind": "Public" })).await;
    done(&server, &format!("POST {group}/members"), members).await;
    let expected = json!({ "group": "@TGS#1", "name": "Choir", "kind": "Public", "members": 1 });
    assert_eq!(call(&server, &format!("GET {group}"), Value::Null).await, (200, expected));
    let message = json!({ "GroupId": "@TGS#1", "Random": 1, "MsgBody": text("tonight") });
    server.good("group_open_http_svc/send_group_msg", message).await;
    assert_eq!(server.delivered().await.len(), 1);
    done(&server, "PUT /v1/users/dee/options/groups/@TGS%231", json!({ "opt": 3 })).await;
    let (_, wish) = call(&server, "GET /v1/users/dee/options/groups/@TGS%231", Value::Null).await;
    assert_eq!(wish, json!({ "opt": 3 }));
    done(&server, &format!("DELETE {group}"), Value::Null).await;
    assert_eq!(call(&server, &format!("GET {group}"), Value::Null).await.0, 404);
}

#[tokio::test]
async fn a_large_group_is_kept_in_pages() {
    let server = Server::new().await;
    let members = "/v1/groups/large/members";
    let accounts = |from: usize, to: usize| (from..to).map(|n| format!("user-{n:05}")).collect::<Vec<_>>();
    done(&server, "PUT /v1/groups/large", json!({})).await;
    done(&server, &format!("PUT {members}"), json!({ "members": accounts(0, 10_000) })).await;
    done(&server, &format!("POST {members}"), json!({ "add": accounts(9_000, 12_500), "remove": ["user-00000"] }))
        .await;
    let (_, shown) = call(&server, "GET /v1/groups/large", Value::Null).await;
    assert_eq!(shown["members"], 12_499);
    let (mut all, mut after, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let (status, page) = call(&server, &format!("GET {members}{after}"), Value::Null).await;
        assert_eq!(status, 200);
        pages += 1;
        all.extend(page["members"].as_array().unwrap().iter().map(|account| account.as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => after = format!("?after={next}"),
            None => break,
        }
    }
    assert_eq!((all, pages), (accounts(1, 12_500), 13));
    done(&server, &format!("PUT {members}"), json!({ "members": ["bo", "bo"] })).await;
    let last = json!({ "members": ["bo"], "next": null });
    assert_eq!(call(&server, &format!("GET {members}"), Value::Null).await, (200, last));

    let many = accounts(0, 10_001);
    for (method, body, words) in [
        ("PUT", json!({ "members": many }), "members has 10001 accounts; at most 10000 are allowed"),
        ("POST", json!({ "add": many }), "add has 10001 accounts"),
        ("POST", json!({ "remove": many }), "remove has 10001 accounts"),
        ("PUT", json!({ "members": ["bo", ""] }), "members[1] has 0 bytes; 1 to 128"),
        ("POST", json!({ "add": ["x".repeat(129)] }), "add[0] has 129 bytes"),
        ("POST", json!({ "add": ["a\nb"] }), "add[0] has 3 bytes; 1 to 128 without controls"),
    ] {
        let (status, answer) = call(&server, &format!("{method} {members}"), body).await;
        assert_eq!(status, 422, "{answer}");
        assert!(answer["detail"].as_str().unwrap().contains(words), "{answer}");
    }
    for (line, body) in [("GET", Value::Null), ("PUT", json!({ "members": [] })), ("POST", json!({}))] {
        assert_eq!(call(&server, &format!("{line} /v1/groups/none/members"), body).await.0, 404, "{line}");
    }
}

#[tokio::test]
async fn a_user_is_made_known_and_kicked() {
    let server = Server::new().await;
    assert_eq!(call(&server, "POST /v1/users/eve/kick", Value::Null).await.0, 404);
    let profile = json!({ "nickname": "Eve", "language": "en", "utc_offset_minutes": 60 });
    done(&server, "PUT /v1/users/eve", profile).await;
    done(&server, "POST /v1/users/eve/kick", Value::Null).await;
    let expected = json!({
        "account": "eve", "nickname": "Eve", "language": "en", "utc_offset_minutes": 60, "muted": false, "devices": [],
    });
    assert_eq!(call(&server, "GET /v1/users/eve", Value::Null).await, (200, expected));
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_the_member_and_its_limit() {
    let server = Server::new().await;
    dee(&server).await;
    let long = "x".repeat(129);
    for (line, body, status, words) in [
        (format!("POST {PHONE}/events"), json!({}), 422, "event"),
        (format!("POST {PHONE}/events"), json!({ "event": "sneeze" }), 422, "event: unknown variant"),
        (format!("POST {PHONE}/events"), json!({ "event": "login", "connection": 1 }), 422, "platform is missing"),
        (format!("POST {PHONE}/events"), json!({ "event": "login", "platform": "android" }), 422, "connection"),
        (format!("POST {PHONE}/events"), json!({ "event": "background", "unread": -1 }), 422, "unread"),
        (format!("POST {PHONE}/events"), json!(["logout", null, null, null, null]), 422, "not an object"),
        (format!("POST {PHONE}/events"), Value::Null, 400, "not JSON"),
        (format!("PUT {PHONE}/push-config"), json!({ "business_id": 7 }), 422, "token"),
        (format!("PUT {PHONE}/push-config"), json!({ "business_id": 7, "token": "" }), 422, "token is empty"),
        (format!("PUT {PHONE}/push-config"), json!({ "business_id": 7, "token": "x".repeat(4097) }), 422, "4097 bytes"),
        (
            format!("PUT {PHONE}/push-config"),
            json!({ "business_id": 7, "token": "x", "y": 1 }),
            422,
            "unknown field `y`",
        ),
        (format!("PUT {PHONE}/voip"), json!({ "certificate": 1, "token": "xyz" }), 422, "hexadecimal"),
        (format!("PUT {PHONE}/language"), json!({ "language": "../.." }), 422, "language"),
        ("PUT /v1/users/dee/devices/none/language".into(), json!({}), 404, "device"),
        (
            "PUT /v1/users/dee/devices/none/push-config".into(),
            json!({ "business_id": 7, "token": "x" }),
            409,
            "logged in",
        ),
        ("PUT /v1/users/dee/devices/none/voip".into(), json!({ "certificate": 7, "token": "ab" }), 409, "logged in"),
        ("GET /v1/users/dee/devices/none".into(), Value::Null, 404, "device"),
        ("GET /v1/users/ghost".into(), Value::Null, 404, "user"),
        (format!("GET /v1/users/{long}"), Value::Null, 422, "129 bytes"),
        ("GET /v1/users/a%0Ab".into(), Value::Null, 422, "controls"),
        ("PUT /v1/users/dee".into(), json!({ "utc_offset_minutes": 841 }), 422, "841"),
        ("PUT /v1/users/dee/mute".into(), json!({ "opt": 1, "duration": 1 }), 422, "opt is 1"),
        ("PUT /v1/users/dee/mute".into(), json!({ "opt": 2, "duration": 1, "start_hour": 24 }), 422, "startHour is 24"),
        ("PUT /v1/users/dee/options/users".into(), json!({ "users": [], "opt": 1 }), 422, "0 accounts"),
        ("PUT /v1/users/dee/options/users".into(), json!({ "users": ["a"], "opt": 5 }), 422, "opt is 5"),
        ("PUT /v1/users/dee/options/users".into(), json!({ "users": vec!["a"; 31], "opt": 1 }), 422, "31 accounts"),
        ("PUT /v1/groups/g".into(), json!({ "kind": "Secret" }), 422, "kind"),
        ("PATCH /v1/groups/g".into(), json!({}), 405, "other methods"),
        ("GET /v1/nonsense".into(), Value::Null, 404, "path"),
    ] {
        let (got, answer) = call(&server, &line, body.clone()).await;
        assert_eq!(got, status, "{line} {body}: {answer}");
        assert!(answer["detail"].as_str().unwrap().contains(words), "{line} {body}: {answer}");
    }
}

#[tokio::test]
async fn garbage_is_refused_whatever_it_is() {
    let server = Server::new().await;
    for body in ["garbage", "{", "{} {}", "\u{0}", "7", "\"event\"", &"[".repeat(100_000)] {
        let request = Request::post(format!("{PHONE}/events")).header("authorization", format!("Bearer {API_KEY}"));
        let (status, ..) = server.raw(request.body(Body::from(body.to_owned())).unwrap()).await;
        assert!(status == StatusCode::BAD_REQUEST || status == StatusCode::UNPROCESSABLE_ENTITY, "{status}");
    }
}

#[tokio::test]
async fn only_a_known_key_opens() {
    let server = Server::new().await;
    for key in [
        None,
        Some(String::new()),
        Some("Bearer".into()),
        Some("Bearer ".into()),
        Some(API_KEY.into()),
        Some(format!("Basic {API_KEY}")),
        Some(format!("Bearer {API_KEY}x")),
        Some(format!("Bearer {}", &API_KEY[1..])),
        Some(format!("Bearer {}", API_KEY.to_uppercase())),
    ] {
        let mut request = Request::get("/v1/users/bo");
        if let Some(key) = &key {
            request = request.header("authorization", key);
        }
        let (status, headers, answer) = server.raw(request.body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{key:?}");
        assert_eq!(
            (&headers["www-authenticate"], &answer["code"]),
            (&"Bearer".parse().unwrap(), &json!("unauthorized"))
        );
    }
    for key in [format!("bearer {API_KEY}"), "Bearer another-key-of-the-plain-rest".into()] {
        let request = Request::get("/v1/users/bo").header("authorization", key).body(Body::empty()).unwrap();
        assert_eq!(server.raw(request).await.0, StatusCode::OK);
    }
    let closed = Server::with(HttpSettings { keys: Vec::new(), ..settings() }).await;
    assert_eq!(call(&closed, "GET /v1/users/bo", Value::Null).await.0, 401);
    assert!(!format!("{:?}", settings()).contains(API_KEY));
}

#[tokio::test]
async fn a_key_has_its_rate_and_a_body_its_limit() {
    let server = Server::with(HttpSettings { calls_per_second: 2, body_bytes: 100, ..settings() }).await;
    let long = json!({ "event": "logout", "more": "x".repeat(100) });
    assert_eq!(call(&server, &format!("POST {PHONE}/events"), long).await.0, 413);
    assert_eq!(call(&server, "GET /v1/users/bo", Value::Null).await.0, 200);
    let request = Request::get("/v1/users/bo").header("authorization", format!("Bearer {API_KEY}"));
    let (status, headers, answer) = server.raw(request.body(Body::empty()).unwrap()).await;
    assert_eq!((status, &answer["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("too_often")));
    assert_eq!(headers["retry-after"], "1");
    let request = Request::get("/v1/users/bo").header("authorization", "Bearer another-key-of-the-plain-rest");
    assert_eq!(server.raw(request.body(Body::empty()).unwrap()).await.0, StatusCode::OK);
}

/// The description is made of the routes; what it says of one must be so.
#[tokio::test]
async fn the_description_is_served_without_a_key_and_is_true() {
    let server = Server::new().await;
    let (status, _, document) = server.raw(Request::get("/v1/openapi.json").body(Body::empty()).unwrap()).await;
    assert_eq!((status, &document["openapi"]), (StatusCode::OK, &json!("3.1.0")));
    let mut count = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            count += 1;
            let parts = path.matches('{').count();
            let required = operation["parameters"].as_array().unwrap().iter().filter(|part| part["required"] == true);
            assert_eq!(required.count(), parts, "{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|words| words.ends_with('.')), "{method} {path}");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            // Each is there, and asks for a key.
            let request = Request::builder().method(&method).uri(path.replace(['{', '}'], ""));
            let (status, ..) = server.raw(request.body(Body::empty()).unwrap()).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path}");
            // What it requires is required, and nothing else is.
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_null() {
                continue;
            }
            let (code, answer) = call(&server, &format!("{method} {}", path.replace(['{', '}'], "")), json!({})).await;
            let required = schema["required"].as_array().unwrap();
            match required.first() {
                Some(member) => {
                    let missing = format!("missing field `{}`", member.as_str().unwrap());
                    assert_eq!(code, 422, "{method} {path}");
                    assert!(answer["detail"].as_str().unwrap().contains(&missing), "{method} {path}: {answer}");
                }
                None => assert_ne!(code, 422, "{method} {path}: {answer}"),
            }
        }
    }
    assert_eq!(count, 24);
    let platform = &document["paths"]["/v1/users/{account}/devices/{device}/events"]["post"]["requestBody"];
    let member = &platform["content"]["application/json"]["schema"]["properties"]["platform"];
    assert!(member["anyOf"][0]["enum"].as_array().unwrap().contains(&json!("harmony")), "{member}");
    assert_eq!(member["description"], "What the device runs on.");
}

/// Everything of an answer is in its schema, and what the schema requires is there.
fn fits(value: &Value, schema: &Value, at: &str) {
    let schema = schema["anyOf"].get(0).unwrap_or(schema);
    match value {
        Value::Object(members) => {
            let known = schema["properties"].as_object().unwrap_or_else(|| panic!("{at}: {schema}"));
            for (name, member) in members {
                fits(member, known.get(name).unwrap_or_else(|| panic!("no {at}.{name}")), &format!("{at}.{name}"));
            }
            for name in schema["required"].as_array().unwrap() {
                assert!(members.contains_key(name.as_str().unwrap()), "{at} has no {name}");
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fits(item, &schema["items"], at)),
        Value::String(_) => assert_eq!(schema["type"], "string", "{at}"),
        Value::Number(_) => assert_eq!(schema["type"], "integer", "{at}"),
        Value::Bool(_) => assert_eq!(schema["type"], "boolean", "{at}"),
        Value::Null => panic!("{at} is null, and not left out"),
    }
}

#[tokio::test]
async fn a_message_is_explained_as_the_description_says() {
    let server = Server::new().await;
    let body = json!({ "To_Account": ["bo", "cy"], "MsgRandom": 1, "From_Account": "ann", "MsgBody": text("hi") });
    let id = server.good("openim/batchsendmsg", body).await["MsgId"].as_str().unwrap().to_owned();
    assert_eq!(server.delivered().await.len(), 2);
    let path = format!("/v1/messages/{id}/explain");
    let (status, found) = call(&server, &format!("GET {path}"), Value::Null).await;
    assert_eq!((status, &found["id"], found["notifications"].as_array().unwrap().len()), (200, &json!(id), 2));
    let (_, _, document) = server.raw(Request::get("/v1/openapi.json").body(Body::empty()).unwrap()).await;
    let described = &document["paths"]["/v1/messages/{message}/explain"]["get"];
    fits(&found, &described["responses"]["200"]["content"]["application/json"]["schema"], "answer");
    let accounts = |found: &Value| -> Vec<(String, String)> {
        let devices = found["devices"].as_array().unwrap().iter();
        devices
            .map(|d| (d["account"].as_str().unwrap().into(), d["because"]["rule"].as_str().unwrap().into()))
            .collect()
    };
    let of = |account: &str| (account.to_owned(), "R2".to_owned());
    assert_eq!(accounts(&found), [of("bo"), of("cy")]);

    let part = described["parameters"][1].clone();
    assert_eq!((&part["name"], &part["in"], &part["required"]), (&json!("account"), &json!("query"), &json!(false)));
    let (status, of_cy) = call(&server, &format!("GET {path}?account=cy"), Value::Null).await;
    assert_eq!((status, accounts(&of_cy)), (200, vec![of("cy")]));
    assert_eq!(call(&server, &format!("GET {path}?account="), Value::Null).await.0, 422);
    // What other calls answer names a message too.
    let group = json!({ "GroupId": "g_team_7", "Random": 2, "From_Account": "ann", "MsgBody": text("all") });
    let seq = server.good("group_open_http_svc/send_group_msg", group).await["MsgSeq"].clone();
    let words = json!({ "Title": "News", "Desc": "of today" });
    let task = json!({ "From_Account": "ann", "To_Account": ["bo"], "MsgRandom": 3, "OfflinePushInfo": words });
    let task = server.good("timpush/batch", task).await["TaskId"].as_str().unwrap().to_owned();
    for (id, status) in [
        (format!("g_team_7%23{seq}"), 200),
        (task, 200),
        ("unknown".into(), 404),
        ("g%231".into(), 404),
        ("m".repeat(257), 422),
    ] {
        assert_eq!(call(&server, &format!("GET /v1/messages/{id}/explain"), Value::Null).await.0, status, "{id}");
    }
}

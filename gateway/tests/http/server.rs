//! A gateway with its routes, called without a network between.

use axum::Router;
use axum::body::Body;
use omnipush::Secret;
use omnipush::http::{HeaderMap, Request, StatusCode};
use omnipush_conformance::Delivered;
use omnipush_gateway::http::usersig::UserSig;
use omnipush_gateway::http::{ApiKey, App, HttpSettings, router};
use omnipush_gateway::model::GroupKind;
use omnipush_gateway::store::{Group, User};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::world::{NOW, World};

pub(crate) const APP: u64 = 1_400_000_123;
/// A key made for tests.
pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// A key of the plain REST, made for tests.
pub(crate) const API_KEY: &str = "test-key-of-the-plain-rest";

pub(crate) struct Server {
    pub(crate) world: World,
    router: Router,
}

pub(crate) fn settings() -> HttpSettings {
    HttpSettings {
        apps: vec![
            App { sdkappid: APP, key: Secret::new(KEY), admins: vec!["admin-01".into()], sources: Vec::new() },
            App {
                sdkappid: APP + 1,
                key: Secret::new("another key"),
                admins: vec!["admin-01".into()],
                sources: Vec::new(),
            },
        ],
        keys: vec![
            ApiKey { name: "other".into(), key: Secret::new("another-key-of-the-plain-rest") },
            ApiKey { name: "tests".into(), key: Secret::new(API_KEY) },
        ],
        original_rates: false,
        ..HttpSettings::default()
    }
}

pub(crate) fn sign(user: &str) -> String {
    UserSig::sign(APP, user, &Secret::new(KEY), NOW / 1000, 86_400).encode()
}

impl Server {
    /// Ann, who only sends; Bo and Cy with phones of vivo and FCM; and their group.
    pub(crate) async fn new() -> Self {
        Self::with(settings()).await
    }

    pub(crate) async fn with(settings: HttpSettings) -> Self {
        let world = World::new().await;
        world.user("bo", "vivo").await;
        world.user("cy", "fcm").await;
        let ann = User { account: "ann".into(), nickname: "Ann".into(), ..User::default() };
        world.store().put_user(&ann).await.unwrap();
        let group = Group { id: "g_team_7".into(), name: "Team 7".into(), kind: GroupKind::Work };
        world.store().put_group(&group).await.unwrap();
        world.group("g_team_7", &["bo", "cy"]).await;
        let router = router(world.gateway.clone(), settings);
        Self { world, router }
    }

    pub(crate) async fn raw(&self, request: Request<Body>) -> (StatusCode, HeaderMap, Value) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        (head.status, head.headers, body)
    }

    /// A call with this path, query and body. The HTTP status is 200 whatever comes of it.
    pub(crate) async fn post(&self, path: &str, query: &str, body: impl Into<Body>) -> Value {
        let uri = format!("/v4/{path}?{query}");
        let (status, headers, answer) = self.raw(Request::post(uri).body(body.into()).unwrap()).await;
        assert_eq!((status, &headers["content-type"]), (StatusCode::OK, &"application/json".parse().unwrap()));
        assert!(answer["ErrorInfo"].is_string(), "{answer}");
        assert_eq!(answer["ActionStatus"], if answer["ErrorCode"] == 0 { "OK" } else { "FAIL" }, "{answer}");
        answer
    }

    /// A call of the administrator, as public callers make it.
    pub(crate) async fn call(&self, path: &str, body: Value) -> Value {
        self.post(path, &query(), body.to_string()).await
    }

    /// The same, which must go well.
    pub(crate) async fn good(&self, path: &str, body: Value) -> Value {
        let answer = self.call(path, body).await;
        assert_eq!(answer["ErrorCode"], 0, "{answer}");
        answer
    }

    /// The same, and the code under which it is refused.
    pub(crate) async fn code(&self, path: &str, body: Value) -> i64 {
        self.call(path, body).await["ErrorCode"].as_i64().unwrap()
    }

    /// The codes of a request with one member bent at a time; `null` takes it away.
    pub(crate) async fn refuses(&self, path: &str, good: &Value, bent: &[(&str, Value, i64)]) {
        for (name, value, code) in bent {
            let mut body = good.clone();
            body[*name] = value.clone();
            let answer = self.call(path, body).await;
            assert_eq!(answer["ErrorCode"], *code, "{path} with {name} {value}: {answer}");
        }
        assert_eq!(self.delivered().await, [], "{path}");
    }

    /// What reached the phones of vivo and FCM, once everything is sent.
    pub(crate) async fn delivered(&self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let all = self.phones().await;
        all.into_iter().map(|(vendor, found)| (vendor, found.title, found.body)).collect()
    }

    pub(crate) async fn phones(&self) -> Vec<(&'static str, Delivered)> {
        self.world.gateway.drained().await.unwrap();
        let of = |vendor| self.world.fake(vendor).world().delivered().into_iter().map(move |found| (vendor, found));
        ["vivo", "fcm"].into_iter().flat_map(of).collect()
    }

    pub(crate) fn forget(&self) {
        for vendor in ["vivo", "fcm"] {
            self.world.fake(vendor).world().forget();
        }
    }
}

pub(crate) fn query() -> String {
    format!("sdkappid={APP}&identifier=admin-01&usersig={}&random=99999999&contenttype=json", sign("admin-01"))
}

pub(crate) fn text(text: &str) -> Value {
    json!([{ "MsgType": "TIMTextElem", "MsgContent": { "Text": text } }])
}

pub(crate) fn seen(vendor: &'static str, title: &str, body: &str) -> (&'static str, Option<String>, Option<String>) {
    (vendor, Some(title.into()), Some(body.into()))
}

//! Other Rust clients with the same message, as their users call them. `a2`: its builder of
//! payloads and its versions of hyper and rustls, around which its client is a loop; the client
//! itself can be led to no other server, as its hosts and roots are compiled in.

use std::sync::Arc;

use a2::request::payload::PayloadLike as _;
use a2::{CollapseId, DefaultNotificationBuilder, NotificationBuilder as _, NotificationOptions, Priority, PushType};
use bytes::Bytes;
use google_fcm1::FirebaseCloudMessaging;
use google_fcm1::api::{AndroidConfig, AndroidNotification, Message as FcmMessage, Notification, SendMessageRequest};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use omnipush::Target;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use crate::bare::pump;
use crate::messages::{EXT, INTENT, Message};
use crate::sink::ROOT;

/// a2's stack.
pub(crate) struct A2 {
    url: String,
    client: Client<hyper_rustls_026::HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl A2 {
    pub(crate) fn new(url: &str) -> Self {
        let mut roots = rustls_022::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ROOT).unwrap()).unwrap();
        let tls = rustls_022::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let connector =
            hyper_rustls_026::HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http2().build();
        Self { url: url.into(), client: Client::builder(TokioExecutor::new()).http2_only(true).build(connector) }
    }

    /// Sends in a loop.
    pub(crate) async fn send(&self, message: &Message, targets: &[Target], in_flight: usize, count: usize) {
        let token = format!("bearer {}", "eyJhbGciOiJFUzI1NiIs".repeat(9));
        pump(in_flight, count, |number| {
            let (target, token) = (&targets[number % targets.len()], &token);
            async move {
                let options = NotificationOptions {
                    apns_topic: Some("com.example.app"),
                    apns_priority: Some(Priority::High),
                    apns_push_type: Some(PushType::Alert),
                    apns_expiration: Some(4_000_000_000),
                    apns_collapse_id: Some(CollapseId::new("chat-42").unwrap()),
                    ..Default::default()
                };
                let builder = DefaultNotificationBuilder::new().set_title(&message.title).set_body(&message.body);
                let mut payload = builder.build(target.as_str(), options);
                payload.add_custom_data("ext", &EXT).unwrap();
                payload.add_custom_data("url", &INTENT).unwrap();
                let options = payload.get_options();
                let json = payload.to_json_string().unwrap();
                let request = http::Request::post(format!("{}/3/device/{}", self.url, payload.get_device_token()))
                    .header("content-type", "application/json")
                    .header("content-length", json.len())
                    .header("apns-priority", options.apns_priority.as_ref().unwrap().to_string())
                    .header("apns-push-type", options.apns_push_type.as_ref().unwrap().to_string())
                    .header("apns-expiration", options.apns_expiration.unwrap())
                    .header("apns-collapse-id", options.apns_collapse_id.as_ref().unwrap().value)
                    .header("apns-topic", options.apns_topic.unwrap())
                    .header("authorization", token)
                    .body(Full::from(json));
                let answer = self.client.request(request.unwrap()).await.unwrap();
                assert!(answer.status().is_success());
                drop(answer.into_body().collect().await.unwrap());
            }
        })
        .await;
    }
}

/// google-fcm1 over HTTP/2.
pub(crate) struct GoogleFcm1(FirebaseCloudMessaging<google_fcm1::hyper_rustls::HttpsConnector<HttpConnector>>);

impl GoogleFcm1 {
    pub(crate) fn new(url: &str) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ROOT).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let tls = builder.unwrap().with_root_certificates(roots).with_no_client_auth();
        let builder = google_fcm1::hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(tls);
        let connector = builder.https_only().enable_http2().build();
        let client = Client::builder(TokioExecutor::new()).http2_only(true).build(connector);
        let mut hub = FirebaseCloudMessaging::new(client, format!("ya29.c.{}", "abcdefgh".repeat(120)));
        hub.base_url(format!("{url}/"));
        Self(hub)
    }

    /// Sends in a loop.
    pub(crate) async fn send(&self, message: &Message, targets: &[Target], in_flight: usize, count: usize) {
        pump(in_flight, count, |number| {
            let target = &targets[number % targets.len()];
            async move {
                let words = Notification {
                    title: Some(message.title.clone()),
                    body: Some(message.body.clone()),
                    ..Default::default()
                };
                let shown = AndroidNotification {
                    channel_id: Some("130001".into()),
                    click_action: Some(INTENT.into()),
                    ..Default::default()
                };
                let android = AndroidConfig {
                    collapse_key: Some("chat-42".into()),
                    priority: Some("HIGH".into()),
                    notification: Some(shown),
                    ..Default::default()
                };
                let message = FcmMessage {
                    token: Some(target.as_str().into()),
                    notification: Some(words),
                    data: Some([("ext".to_owned(), EXT.to_owned())].into()),
                    android: Some(android),
                    ..Default::default()
                };
                let request = SendMessageRequest { message: Some(message), ..Default::default() };
                let (_, sent) =
                    self.0.projects().messages_send(request, "projects/omnipush-test").doit().await.unwrap();
                assert!(sent.name.is_some());
            }
        })
        .await;
    }
}

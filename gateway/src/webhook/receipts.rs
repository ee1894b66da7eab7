//! Receipts: what vendors report, at `/receipts/{certificate}/{secret}`.
//!
//! They come from the open internet. What neither the vendor's signature nor the secret in the address
//! proves is not read.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use metrics::counter;
use omnipush::{Callback, Event, HttpUrl, Reason, Receipt, ReceiptRequest, Secret};

use super::event::{Stage, Told};
use super::number;
use crate::dispatch::Gateway;
use crate::store::{ReceiptRecord, StoreError};

/// How long a tag may be that every vendor brings back, in bytes.
const TAG: usize = 64;

/// How long an address may be that every vendor posts to, in bytes: vivo and Meizu take no more.
pub(crate) const ADDRESS: usize = 128;

/// How large a callback may be, in bytes. Vendors gather receipts for about a second.
const BODY: usize = 2 * 1024 * 1024;

/// Where vendors are asked to report to.
#[derive(Clone, Debug)]
pub struct ReceiptsTo {
    url: String,
    secret: Option<Secret>,
}

impl ReceiptsTo {
    /// A gateway that is reached at this address, without a slash at its end.
    pub fn new(url: impl Into<String>, secret: Option<Secret>) -> Self {
        Self { url: url.into(), secret }
    }

    /// What a push asks for. A message whose id is too long to come back is recognised by nothing, and
    /// asks for none. An address that a vendor does not take is not given: receipts then come where the
    /// vendor's console says.
    pub(crate) fn request(&self, certificate: u32, message: &str) -> Option<ReceiptRequest> {
        let secret = self.secret.as_ref().map_or("-", Secret::expose);
        let url = HttpUrl::new(format!("{}/receipts/{certificate}/{secret}", self.url)).ok();
        let url = url.filter(|url| url.as_str().len() <= ADDRESS);
        (message.len() <= TAG).then(|| ReceiptRequest { url, tag: Some(message.to_owned()) })
    }
}

/// The route of receipts.
pub fn routes(gateway: Gateway) -> Router {
    let route = post(receive).layer(DefaultBodyLimit::max(BODY));
    Router::new().route("/receipts/{certificate}/{secret}", route).with_state(gateway)
}

async fn receive(
    State(gateway): State<Gateway>,
    Path((certificate, secret)): Path<(u32, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(channel) = gateway.certificates().all().get(&certificate).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let vendor = channel.push.profile().id;
    let callback = Callback::new(headers, body).with_secret(secret);
    let read = match channel.push.receipts(&callback) {
        Ok(read) => read,
        Err(error) => {
            tracing::warn!(certificate, vendor, %error, "a callback was not read");
            counter!("omnipush_receipts_total", "vendor" => vendor, "event" => "not_read").increment(1);
            return StatusCode::from_u16(error.status()).unwrap_or(StatusCode::FORBIDDEN).into_response();
        }
    };
    for receipt in &read.receipts {
        counter!("omnipush_receipts_total", "vendor" => vendor, "event" => receipt.event.as_str()).increment(1);
        if let Err(error) = take(&gateway, vendor, receipt).await {
            tracing::error!(certificate, vendor, %error, "a receipt cannot be kept");
            // The vendor posts it again.
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    }
    ([(CONTENT_TYPE, "application/json")], read.answer).into_response()
}

/// Takes a proven receipt in: the registry learns of dead and replaced tokens, the delivery gets its
/// receipt, the backend its event. Says whether it was new and of a known delivery.
///
/// # Errors
/// When the database fails.
pub async fn take(gateway: &Gateway, vendor: &str, receipt: &Receipt) -> Result<bool, StoreError> {
    let (store, now_ms) = (gateway.store(), gateway.now_ms());
    let token = receipt.target.as_str();
    let found = match &receipt.tag {
        Some(tag) => store.delivery_to(tag, token).await?.map(|delivery| (tag, delivery)),
        None => None,
    };
    let mut new = false;
    if let Some((message, delivery)) = found {
        let record = ReceiptRecord {
            message: message.clone(),
            account: delivery.account.clone(),
            device: delivery.device.clone(),
            event: receipt.event.as_str().to_owned(),
            code: receipt.code.clone(),
            at_ms: receipt.at_ms,
            received_ms: now_ms,
        };
        let told = stage(receipt).map(|(stage, code, words)| Told {
            message: message.clone(),
            account: delivery.account,
            device: delivery.device,
            vendor: vendor.to_owned(),
            stage,
            code,
            words,
            at_ms: receipt.at_ms.unwrap_or(now_ms),
        });
        let event = told.filter(|_| gateway.tells()).map(|told| told.record(now_ms));
        new = store.add_receipt(&record, event.as_ref()).await?;
    }
    if let Some(better) = &receipt.replacement {
        store.replace_token(token, better.as_str()).await?;
    } else if receipt.event == Event::Dropped(Reason::InvalidToken) && gateway.settings().drop_dead_tokens {
        store.drop_token(token).await?;
    }
    Ok(new)
}

/// The stage that a receipt tells of, with code and words; `None`: none.
fn stage(receipt: &Receipt) -> Option<(Stage, i64, String)> {
    match receipt.event {
        Event::Delivered => Some((Stage::Reached, 0, String::new())),
        Event::Clicked => Some((Stage::Clicked, 0, String::new())),
        Event::Dropped(_) => {
            let words = [receipt.event.as_str(), receipt.meaning].join("; ");
            Some((Stage::Reached, number(&receipt.code, 0), words.trim_end_matches("; ").to_owned()))
        }
        _ => None,
    }
}

//! What became of an Android app's messages, by day (`fcmdata.googleapis.com`, "deliveryData").

use http::Method;
use serde_json::{Value, json};

use super::subscriptions::page;
use super::{Fcm, check_project, check_query, codes, envelope, token, with};
use crate::fake::{Answer, At, Call};

/// The app that has statistics.
pub(super) const APP_ID: &str = "1:123456789012:android:0a1b2c3d4e5f6071";
const PAGE: usize = 1000;
const PAGE_MOST: usize = 10_000;

/// Whether a path is one of the statistics.
pub(super) fn is_path(path: &str) -> bool {
    parts(path).is_some()
}

/// Project and app.
fn parts(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("/v1beta1/projects/")?.strip_suffix("/deliveryData")?.split_once("/androidApps/")
}

/// Two days.
fn days() -> [Value; 2] {
    [(23, "1200"), (24, "7")].map(|(day, accepted)| {
        json!({
            "appId": APP_ID,
            "date": { "year": 2026, "month": 11, "day": day },
            "analyticsLabel": "orders",
            "data": {
                "countMessagesAccepted": accepted,
                "countNotificationsAccepted": "5",
                "messageOutcomePercents": { "delivered": 93.5, "pending": 1.5, "droppedDeviceInactive": 5 },
                "messageInsightPercents": { "priorityLowered": 0.5 },
            },
        })
    })
}

/// A page of them.
pub(super) fn shown(start: usize, size: usize) -> Value {
    let days = days();
    let some: Vec<&Value> = days.iter().skip(start).take(size).collect();
    let body = json!({ "androidDeliveryData": some });
    match start + size < days.len() {
        true => with(body, "nextPageToken", (start + size).to_string()),
        false => body,
    }
}

impl Fcm {
    /// Serves the statistics of an app. They need the scope of the whole project.
    pub(super) fn statistics(&self, call: &Call) -> Result<Answer, Answer> {
        let failed = |code: &str| codes::answer(At::Operate, code);
        let (project, app) = parts(&call.path).ok_or_else(|| failed("404 page"))?;
        if call.method != Method::GET {
            return Err(failed("404 page").because(format!("{} is not GET", call.method)));
        }
        self.access(call, token::may_read_statistics).map_err(failed)?;
        check_project(project)?;
        check_query(call, &["page_size", "pageSize", "page_token", "pageToken"])?;
        if app.replace("%3A", ":") != APP_ID {
            return Err(failed("404 NOT_FOUND"));
        }
        if !call.body.is_empty() {
            return Err(envelope::invalid("A GET has no body"));
        }
        let (size, start) = page(call, PAGE, PAGE_MOST)?;
        Ok(Answer::json(200, &shown(start, size)))
    }
}

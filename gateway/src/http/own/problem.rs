//! Errors of the plain REST, as problem details (RFC 9457).

use axum::response::{IntoResponse, Response};
use omnipush::http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::http::json_answer;
use crate::model::InvalidOption;
use crate::store::StoreError;

/// Why a call is refused.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    status: StatusCode,
    /// A word that stays, for programs.
    code: &'static str,
    /// What is wrong, for people.
    detail: String,
    /// After how many seconds to come again.
    retry_after: Option<u64>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), retry_after: None }
    }

    pub(super) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}"))
    }

    pub(super) fn too_often(seconds: u64) -> Self {
        let detail = "this key called too often";
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_often", detail) }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotLoggedIn => Self::new(StatusCode::CONFLICT, "not_logged_in", error.to_string()),
            StoreError::EmptyToken => Self::invalid(error.to_string()),
            error => {
                tracing::error!(%error, "a call failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "internal error, try again")
            }
        }
    }
}

impl From<InvalidOption> for Problem {
    fn from(error: InvalidOption) -> Self {
        Self::invalid(error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or_default();
        let body = json!({
            "type": "about:blank", "title": title, "status": self.status.as_u16(), "code": self.code,
            "detail": self.detail,
        });
        let mut response = json_answer(self.status, "application/problem+json", &body);
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

//! Messages: what became of them.

use super::problem::Problem;
use super::{Call, Part};
use crate::explain::{Explanation, explain};

pub(super) async fn explained(call: Call, (): ()) -> Result<Explanation, Problem> {
    let (message, account) = (call.path(Part::Message)?, call.query(Part::Account)?);
    let found = explain(call.gateway().store(), message, account).await?;
    found.ok_or_else(|| Problem::not_found("message, or it is forgotten by now"))
}

//! What Acme offers besides sending.
//!
//! Acme's pages "Revoking" and "Tokens".

use omnipush_core::{Answer, Class, Offer, Operation, OperationKind, Refusal, Reply, Request, Target};
use serde_json::json;

use crate::config::Config;
use crate::response;

pub(crate) const OFFERS: &[Offer] = &[
    Offer::new(OperationKind::Revoke, "`/v1/messages/revoke`"),
    Offer::new(OperationKind::CheckTargets, "`/v1/tokens/check`").max(500),
];

pub(crate) fn request(config: &Config, operation: &Operation) -> Result<Request, Refusal> {
    let (path, body) = match operation {
        Operation::Revoke { message_id } => ("/v1/messages/revoke", json!({"message_id": message_id})),
        Operation::CheckTargets { targets } => {
            let tokens: Vec<&str> = targets.iter().map(Target::as_str).collect();
            ("/v1/tokens/check", json!({"tokens": tokens}))
        }
        _ => return Err(Refusal::new(Class::InvalidRequest).text("Acme has no such operation")),
    };
    Ok(Request::post(config.url(path), body.to_string().into()).json().with_token("app"))
}

pub(crate) fn answer(operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
    let answer = response::check(reply)?;
    Ok(Answer::partial(operation, |at| answer.failure(operation.targets().get(at)?, reply)))
}

//! Serves one call with a fake, whatever the server around it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use crate::fake::{Answer, Call, Fake, Trouble};

/// Serves a call as its fake does, or with the trouble that it is to meet; and after how long.
pub(crate) fn serve(fake: &dyn Fake, call: &Call) -> (Answer, Option<Duration>) {
    let (purpose, world) = (fake.purpose(call), fake.world());
    let mut delay = None;
    let answer = match world.trouble(purpose) {
        None => fake.answer(call),
        Some(Trouble::Code(code)) => fake.coded(call, &code).because(code.code),
        Some(Trouble::Status(status, headers, body)) => {
            let (body, refused) = (Bytes::from_static(body.as_bytes()), Some("scripted status".into()));
            Answer { status, headers, body, refused }
        }
        Some(Trouble::Garbage) => {
            Answer::text(200, "application/json", "\u{0}<{not an answer").because("scripted garbage")
        }
        Some(Trouble::Slow(wait)) => {
            delay = Some(wait);
            fake.answer(call)
        }
        Some(Trouble::Hang(wait)) => {
            delay = Some(wait);
            Answer::empty(200).because("scripted hang")
        }
    };
    world.note(purpose, call, &answer);
    (answer, delay)
}

/// A fake's clock, in milliseconds since the Unix epoch.
#[allow(clippy::disallowed_methods, reason = "the fake is a machine of its own, with a clock of its own")]
pub(crate) fn wall_clock_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64)
}

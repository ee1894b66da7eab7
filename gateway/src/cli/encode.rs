//! `omnipush encode`: the requests that would go out, without sending.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use omnipush::{FixedClock, Overflow, Planned, Purpose, Target};
use serde_json::{Map, Value, json};

use super::output::Out;
use super::{Bad, input, samples};

/// Show the exact HTTP requests that would go out, without sending
///
/// Prints a JSON array in the order of sending: token request (`auth`), saving a message for a
/// list (`stage`), sends. Secrets are shown as `[secret]`; what the vendor would answer stands as
/// ACCESS-TOKEN and TICKET. Without --config the vendor's official hosts and credentials made
/// for tests are used.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  omnipush encode note.json --vendor vivo --to 15554239157700000007919
  omnipush encode note.json --vendor meizu --to A B C --at 2026-11-22T10:00:00Z   # always the same bytes
  echo '{\"title\":\"Hi\",\"body\":\"there\"}' | omnipush encode - --vendor apns --to 00fc13adff785122")]
pub(super) struct Args {
    /// The notification: a JSON file, or - for standard input
    notification: String,
    /// The vendor's id
    #[arg(long, value_name = "ID")]
    vendor: String,
    /// The devices' tokens
    #[arg(long, value_name = "TOKEN", required = true, num_args = 1..)]
    to: Vec<String>,
    /// The file with the vendor's settings and credentials
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Encode as at this time, with fixed random values: same input, same output
    #[arg(long, value_name = "RFC3339", value_parser = input::time)]
    at: Option<u64>,
    /// Cut title and text that are too long, instead of refusing them
    #[arg(long)]
    truncate: bool,
    /// Show secrets too
    #[arg(long)]
    reveal: bool,
}

pub(super) fn run(args: &Args) -> Result<bool, Bad> {
    let vendor = input::vendor(input::vendor_id(&args.vendor)?, args.config.as_deref())?;
    let profile = vendor.profile();
    let malformed = |token: &&String| !(profile.target_ok)(token);
    if let Some(at) = args.to.iter().position(|token| malformed(&token)) {
        let (number, form) = (at + 1, profile.target_form);
        return Err(Bad::new(format!("--to: token {number} is no token of {}: must be {form}", profile.name)));
    }
    let n = input::notification(&args.notification)?;
    let overflow = if args.truncate { Overflow::Truncate } else { Overflow::Refuse };
    let mut client = samples::preview(vendor, overflow);
    if let Some(at) = args.at {
        let random = Mutex::new(fastrand::Rng::with_seed(at));
        let fill = move |bytes: &mut [u8]| random.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
        client = client.clock(FixedClock(at)).random(fill);
    }
    let client = client.build();
    let prepared = client.prepare(&n).map_err(|error| Bad::new(format!("{}: {error}", args.notification)))?;
    let targets: Vec<Target> = args.to.iter().map(|token| Target::from(token.as_str())).collect();
    let planned = client.plan(&prepared, &targets).map_err(|refusal| Bad::new(format!("{}: {refusal}", profile.id)))?;

    let requests: Vec<Value> = planned.iter().map(|request| shown(request, args.reveal)).collect();
    let mut out = Out::new();
    out.line(serde_json::to_string_pretty(&requests).map_err(Bad::new)?)?;
    out.flush()?;
    Ok(true)
}

fn shown(request: &Planned, reveal: bool) -> Value {
    const SECRET: &str = "[secret]";
    let mut headers = Map::new();
    for (name, value) in &request.headers {
        let text = match value.is_sensitive() && !reveal {
            true => SECRET.to_owned(),
            false => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        };
        match headers.get_mut(name.as_str()) {
            Some(Value::String(before)) => *before = format!("{before}, {text}"),
            _ => drop(headers.insert(name.as_str().to_owned(), text.into())),
        }
    }
    let mut shown = json!({
        "purpose": request.purpose.as_str(),
        "method": request.method.as_str(),
        "url": request.url,
        "headers": headers,
    });
    let (body, encoding) = match std::str::from_utf8(&request.body) {
        _ if request.purpose == Purpose::Auth && !reveal => (SECRET.to_owned(), None),
        Ok(text) => (text.to_owned(), None),
        Err(_) => (base64::engine::general_purpose::STANDARD.encode(&request.body), Some("base64")),
    };
    if let Some(members) = shown.as_object_mut() {
        members.insert("body".into(), body.into());
        members.extend(encoding.map(|encoding| ("body_encoding".into(), encoding.into())));
    }
    shown
}

//! Tries a certificate: does the vendor know the app, and are its keys right?
//!
//! A notification goes to a device that does not exist, as a dry run where the vendor has one. It asks
//! for an access token first where the vendor has those, and reaches nobody. A vendor that complains of
//! the device has let the app in.

use omnipush::{Audience, Class, Notification, Refusal, Target, Verdict};

use super::Channel;

/// No device has one of these: of the shape of an Apple token, and short enough for the others.
const NOBODY: [&str; 2] =
    ["0000000000000000000000000000000000000000000000000000000000000000", "00000000000000000000000000000000"];

/// What a trial found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trial {
    /// The vendor let the app in.
    Good(String),
    /// The vendor refused the app, or its keys.
    Bad(String),
    /// Nothing was found out: the vendor was not reached, or its answer tells nothing.
    Unknown(String),
    /// It is switched off, and was not tried.
    Off,
}

impl Trial {
    /// The word for tables and JSON.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Good(_) => "good",
            Self::Bad(_) => "bad",
            Self::Unknown(_) => "unknown",
            Self::Off => "off",
        }
    }

    /// What the vendor said.
    pub fn words(&self) -> &str {
        match self {
            Self::Good(words) | Self::Bad(words) | Self::Unknown(words) => words,
            Self::Off => "",
        }
    }
}

/// Tries a certificate over the network.
pub async fn try_out(channel: &Channel) -> Trial {
    if !channel.certificate.enabled {
        return Trial::Off;
    }
    let mut probe = Notification::new("omnipush", "certificates check");
    probe.click = Some(channel.certificate.click.clone());
    probe.channel = channel.certificate.channel.clone();
    probe.category = channel.certificate.category.clone();
    probe.dry_run = true;
    if channel.push.prepare(&probe).is_err() {
        probe.dry_run = false;
    }
    let mut found = Trial::Unknown("the vendor said nothing".into());
    for token in NOBODY {
        let report = match channel.push.send(&probe, Audience::Targets(vec![Target::from(token)])).await {
            Ok(report) => report,
            Err(error) => return Trial::Unknown(format!("nothing was sent: {error}")),
        };
        let Some((_, verdict)) = report.verdicts.first() else { break };
        found = judged(verdict);
        if !is_malformed_here(verdict) {
            break;
        }
    }
    found
}

/// Whether the target did not have the vendor's form, so that nothing was sent.
fn is_malformed_here(verdict: &Verdict) -> bool {
    let here = |refusal: &Refusal| refusal.status == 0 && refusal.class == Class::InvalidRequest;
    matches!(verdict, Verdict::Refused(refusal) if here(refusal))
}

fn judged(verdict: &Verdict) -> Trial {
    let refusal = match verdict {
        Verdict::Accepted { .. } => return Trial::Good("accepted".into()),
        Verdict::Refused(refusal) => refusal,
        Verdict::Unsure(Some(heard)) => return Trial::Unknown(heard.to_string()),
        Verdict::Unsure(None) => return Trial::Unknown("the answer was lost".into()),
    };
    match refusal.class {
        Class::Unauthenticated | Class::PermissionDenied => Trial::Bad(refusal.to_string()),
        // Nobody but the vendor says so: it has looked at the device, and so let the app in.
        Class::InvalidToken | Class::InvalidRequest | Class::QuotaExceeded | Class::PayloadTooLarge
            if refusal.status != 0 =>
        {
            Trial::Good(refusal.to_string())
        }
        _ => Trial::Unknown(refusal.to_string()),
    }
}

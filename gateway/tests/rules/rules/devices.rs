//! R1 to R13, R23: whether a device is there.

use omnipush_gateway::decide::Decision;
use omnipush_gateway::model::{Platform, PresenceEvent, State};
use omnipush_gateway::rules::Rule;

use super::support::{Case, DAY, NOW, login};

#[test]
fn r1_a_foreground_device_is_not_pushed_to() {
    let mut case = Case::new("vivo");
    case.event(login(1));
    assert_eq!(case.device.presence.state(&case.settings, NOW), State::Foreground);
    assert_eq!(case.silent(), Rule::R1);
}

#[test]
fn r2_a_killed_app_is_pushed_to_at_once() {
    let mut case = Case::new("vivo");
    case.event(login(1));
    case.event(PresenceEvent::Disconnect { connection: 1 });
    assert_eq!(case.device.presence.state(&case.settings, NOW), State::PushOnline);
    assert_eq!(case.pushed().rule, Rule::R2);
}

#[test]
fn r3_a_vanished_network_counts_as_online_for_400_seconds() {
    let mut case = Case::new("vivo");
    case.event(login(1));
    case.event(PresenceEvent::Silent);
    case.now_ms += 399_999;
    assert_eq!(case.silent(), Rule::R1);
    case.now_ms += 1;
    assert_eq!(case.pushed().rule, Rule::R3);

    // The same where the client's heartbeats are reported, and stop.
    let mut case = Case::new("vivo");
    case.event(PresenceEvent::Login { connection: 1, heartbeats: true });
    case.now_ms += 120_000;
    case.event(PresenceEvent::Heartbeat);
    case.now_ms += 399_999;
    assert_eq!(case.silent(), Rule::R1);
    case.now_ms += 1;
    assert_eq!(case.pushed().rule, Rule::R3);

    // The break seen earlier ends it earlier.
    let mut case = Case::new("vivo");
    case.event(login(1));
    case.event(PresenceEvent::Silent);
    case.now_ms += 10_000;
    case.event(PresenceEvent::Disconnect { connection: 1 });
    assert_eq!(case.pushed().rule, Rule::R2);
}

#[test]
fn r4_the_end_of_a_replaced_connection_is_ignored() {
    let mut case = Case::new("vivo");
    case.event(login(1));
    case.event(PresenceEvent::Silent);
    case.event(PresenceEvent::Connect { connection: 2, heartbeats: false });
    assert!(!case.device.presence.apply(PresenceEvent::Disconnect { connection: 1 }, NOW + 1));
    case.now_ms += 500_000;
    assert_eq!(case.silent(), Rule::R1);
}

#[test]
fn r5_computers_browsers_and_mini_programs_are_never_pushed_to() {
    let mut case = Case::new("vivo");
    for platform in [Platform::Windows, Platform::Linux, Platform::Web, Platform::MiniProgram, Platform::Mac] {
        case.device.platform = platform;
        assert_eq!(case.silent(), Rule::R5, "{platform}");
    }
    case.settings.mac_is_mobile = true;
    case.device.platform = Platform::Mac;
    assert_eq!(case.pushed().rule, Rule::R2);
}

#[test]
fn r6_pushes_end_seven_days_after_the_login() {
    let mut case = Case::new("vivo");
    case.device.presence.login_ms = NOW;
    case.now_ms = NOW + 7 * DAY - 1;
    assert_eq!(case.pushed().rule, Rule::R2);
    case.now_ms += 1;
    assert_eq!(case.silent(), Rule::R6);
    case.settings.login_lapse_days = 30;
    assert_eq!(case.pushed().rule, Rule::R2);
}

#[test]
fn r7_a_logged_out_device_is_not_pushed_to() {
    let mut case = Case::new("vivo");
    case.event(login(1));
    case.event(PresenceEvent::Logout);
    assert_eq!(case.silent(), Rule::R7);
    // Nothing but a login brings it back.
    for event in [PresenceEvent::Connect { connection: 2, heartbeats: true }, PresenceEvent::Background { unread: 1 }] {
        case.event(event);
        assert_eq!(case.silent(), Rule::R7);
    }
    case.event(login(3));
    case.event(PresenceEvent::Disconnect { connection: 3 });
    assert_eq!(case.pushed().rule, Rule::R2);
}

#[test]
fn r8_a_kicked_device_is_not_pushed_to() {
    let mut case = Case::new("vivo");
    case.event(login(1));
    case.event(PresenceEvent::Kick);
    assert_eq!(case.silent(), Rule::R8);
}

#[test]
fn r10_an_expired_signature_leaves_the_binding_alone() {
    // The setting is applied where events are taken in; the decision follows the state.
    let mut case = Case::new("vivo");
    assert!(!case.settings.signature_expiry_ends_pushes);
    case.event(PresenceEvent::SignatureExpired);
    assert_eq!(case.silent(), Rule::R10);
}

#[test]
fn r11_an_app_kept_alive_without_a_word_is_not_pushed_to() {
    let mut case = Case::new("vivo");
    case.event(PresenceEvent::Login { connection: 1, heartbeats: true });
    for _ in 0..10 {
        case.now_ms += 120_000;
        case.event(PresenceEvent::Heartbeat);
    }
    assert_eq!(case.silent(), Rule::R1);
}

#[test]
fn r12_a_background_app_is_pushed_to_though_it_is_connected() {
    let mut case = Case::new("vivo");
    case.event(login(1));
    case.event(PresenceEvent::Background { unread: 3 });
    assert_eq!(case.device.presence.state(&case.settings, NOW), State::Background);
    assert_eq!(case.pushed().rule, Rule::R12);
    case.event(PresenceEvent::Foreground);
    assert_eq!(case.silent(), Rule::R1);
}

#[test]
fn r13_quick_pairs_hold_in_their_order() {
    let mut case = Case::new("vivo");
    case.event(login(1));
    case.event(PresenceEvent::Background { unread: 3 });
    case.event(PresenceEvent::Foreground);
    assert!(matches!(case.decide(), Decision::Silent(_)));
    case.event(PresenceEvent::Foreground);
    case.event(PresenceEvent::Background { unread: 3 });
    assert!(matches!(case.decide(), Decision::Push(_)));
}

#[test]
fn r23_each_device_is_judged_by_its_own_state() {
    let mut case = Case::new("vivo");
    // A computer in the foreground changes nothing, unless the settings say so.
    case.recipient.present_elsewhere = true;
    assert_eq!(case.pushed().rule, Rule::R2);
    case.settings.only_when_all_away = true;
    assert_eq!(case.silent(), Rule::R23);
}

//! No sequence of events makes a foreground device ring, and every other one that should, does.

use omnipush_gateway::decide::Decision;
use omnipush_gateway::model::PresenceEvent;
use proptest::prelude::*;

use super::support::{Case, DAY, NOW, VENDORS};

fn event() -> impl Strategy<Value = PresenceEvent> {
    let connection = 1..4_u64;
    prop_oneof![
        2 => (connection.clone(), any::<bool>())
            .prop_map(|(connection, heartbeats)| PresenceEvent::Login { connection, heartbeats }),
        3 => (connection.clone(), any::<bool>())
            .prop_map(|(connection, heartbeats)| PresenceEvent::Connect { connection, heartbeats }),
        3 => connection.prop_map(|connection| PresenceEvent::Disconnect { connection }),
        2 => Just(PresenceEvent::Heartbeat),
        2 => Just(PresenceEvent::Silent),
        3 => (0..9_u32).prop_map(|unread| PresenceEvent::Background { unread }),
        3 => Just(PresenceEvent::Foreground),
        1 => Just(PresenceEvent::Logout),
        1 => Just(PresenceEvent::Kick),
        1 => Just(PresenceEvent::SignatureExpired),
    ]
}

/// Pauses about the length of everything that time does by itself.
fn pause() -> impl Strategy<Value = u64> {
    prop_oneof![5 => 0..1000_u64, 3 => 1000..399_999_u64, 2 => 400_000..900_000_u64, 1 => DAY..8 * DAY]
}

#[derive(Debug, PartialEq)]
enum Expected {
    Foreground,
    Away,
    Gone,
}

/// What the rules say, found by looking back over the whole history, with no state kept.
fn expected(history: &[(u64, PresenceEvent)], now_ms: u64) -> Expected {
    use PresenceEvent as E;
    let last =
        |from: usize, wanted: &dyn Fn(&E) -> bool| (from..history.len()).rev().find(|at| wanted(&history[*at].1));
    let ended = |e: &E| matches!(e, E::Logout | E::Kick | E::SignatureExpired);
    let login = last(0, &|e| matches!(e, E::Login { .. }));
    let Some(login) = login.filter(|login| last(*login, &ended).is_none()) else { return Expected::Gone };
    let connected = last(login, &|e| matches!(e, E::Login { .. } | E::Connect { .. })).unwrap();
    let (E::Login { connection, heartbeats } | E::Connect { connection, heartbeats }) = history[connected].1 else {
        unreachable!("only those were looked for")
    };
    let seen_to_end = last(connected, &|e| *e == E::Disconnect { connection }).is_some();
    let heard = last(connected, &|e| matches!(e, E::Heartbeat | E::Silent)).or(heartbeats.then_some(connected));
    let silent = heard.is_some_and(|at| now_ms - history[at].0 >= 400_000);
    if seen_to_end || silent {
        return if now_ms - history[login].0 >= 7 * DAY { Expected::Gone } else { Expected::Away };
    }
    let said = last(login + 1, &|e| matches!(e, E::Background { .. } | E::Foreground));
    match said.map(|at| history[at].1) {
        Some(E::Background { .. }) => Expected::Away,
        _ => Expected::Foreground,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_events_makes_a_foreground_device_ring(
        steps in proptest::collection::vec((pause(), event()), 0..24),
        then in pause(),
        vendor in 0..VENDORS.len(),
    ) {
        let mut case = Case::new(VENDORS[vendor].1);
        case.event(PresenceEvent::Login { connection: 1, heartbeats: false });
        let mut history = vec![(NOW, PresenceEvent::Login { connection: 1, heartbeats: false })];
        for (wait, event) in steps {
            case.now_ms += wait;
            case.event(event);
            history.push((case.now_ms, event));
        }
        case.now_ms += then;
        let pushed = matches!(case.decide(), Decision::Push(_));
        let expected = expected(&history, case.now_ms);
        prop_assert_eq!(pushed, expected == Expected::Away, "{:?}", expected);
    }
}

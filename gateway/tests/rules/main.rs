//! Every rule R1 to R80 that concerns the server has a test of its name here, `r27_…`.
//! `cargo test -p omnipush-gateway rules` lists them with their results.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unreachable,
    reason = "what fails here fails a test"
)]

mod rules {
    mod devices;
    mod foreground;
    mod messages;
    #[allow(dead_code, reason = "these tests use some of it")]
    #[path = "../../serve/receiver.rs"]
    mod receiver;
    mod support;
    mod tokens;
    mod vendors;
    mod webhooks;
    mod words;

    /// The tests are found in the sources, so that a rule without one cannot be forgotten.
    #[test]
    fn every_rule_of_the_server_has_a_test() {
        use omnipush_gateway::rules::{Rule, Side};
        let sources = [
            include_str!("rules/devices.rs"),
            include_str!("rules/messages.rs"),
            include_str!("rules/tokens.rs"),
            include_str!("rules/vendors.rs"),
            include_str!("rules/webhooks.rs"),
            include_str!("rules/words.rs"),
        ];
        let missing: Vec<_> = Rule::ALL
            .iter()
            .filter(|rule| rule.side() == Side::Server)
            .filter(|rule| {
                let name = format!("fn {}_", rule.as_str().to_lowercase());
                !sources.iter().any(|source| source.contains(&name))
            })
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}

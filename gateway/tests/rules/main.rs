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
    mod support;
    mod tokens;
    mod vendors;
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
            include_str!("rules/words.rs"),
        ];
        let missing: Vec<_> = Rule::ALL
            .iter()
            .filter(|rule| rule.side() == Side::Server && !ELSEWHERE.contains(rule))
            .filter(|rule| {
                let name = format!("fn {}_", rule.as_str().to_lowercase());
                !sources.iter().any(|source| source.contains(&name))
            })
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    /// Rules of the webhooks, whose tests stand with them.
    const ELSEWHERE: [omnipush_gateway::rules::Rule; 3] = {
        use omnipush_gateway::rules::Rule;
        [Rule::R78, Rule::R79, Rule::R80]
    };
}

//! Tokens shared through a store.

use async_trait::async_trait;

use super::*;
use crate::engine::{MemoryTokenStore, StoredToken, TokenStore};

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn sharing(store: Arc<dyn TokenStore>, script: &Arc<Script>) -> Client {
    let transport = Arc::clone(script);
    let builder = Client::builder(Arc::new(Toy::one().exchanges()), transport);
    builder.clock(FollowingClock(Instant::now())).token_store(store, "app").build()
}

fn good_tokens() -> Arc<Script> {
    Script::new(|seen| match seen.is("auth") {
        true => Answer::token(format!("token{}", seen.nth), 1000),
        false => Answer::ok(),
    })
}

#[tokio::test(start_paused = true)]
async fn two_clients_with_one_store_make_one_token_request_in_all() {
    let (store, script) = (Arc::new(MemoryTokenStore::default()), good_tokens());
    let (one, two) = (sharing(store.clone(), &script), sharing(store, &script));
    assert!(send(&one, "a").await.is_accepted());
    assert!(send(&two, "b").await.is_accepted());
    assert_eq!(script.count("auth"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_is_not_served_with_the_token_that_is_about_to_end() {
    let (store, script) = (Arc::new(MemoryTokenStore::default()), good_tokens());
    let (one, two) = (sharing(store.clone(), &script), sharing(store, &script));
    for _ in 0..12 {
        for client in [&one, &two] {
            assert!(send(client, "a").await.is_accepted());
        }
        pass(ms(73_100)).await;
    }
    // The renewal is due 300 to 330 s before the end.
    let asked = script.seen("auth");
    assert_eq!(asked.len(), 2, "one of the two renews, the other takes it over");
    assert!(asked[1].at <= secs(670 + 74), "{:?}", asked[1].at);
    assert!(script.seen("send").iter().rev().take(2).all(|seen| seen.token() == Some("token1")));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_token_is_not_taken_back_from_the_store() {
    let store = Arc::new(MemoryTokenStore::default());
    let script = Script::new(|seen| match seen.token() {
        None => Answer::token(format!("token{}", seen.nth), 3600),
        Some("token0") if seen.at > secs(1) => Answer::code("token"),
        Some(_) => Answer::ok(),
    });
    let (one, two) = (sharing(store.clone(), &script), sharing(store, &script));
    assert!(send(&one, "a").await.is_accepted());
    assert!(send(&two, "a").await.is_accepted());
    pass(secs(60)).await;
    assert!(send(&one, "a").await.is_accepted());
    assert!(send(&two, "a").await.is_accepted(), "it takes over what the first renewed");
    assert_eq!(script.count("auth"), 2);
}

#[tokio::test(start_paused = true)]
async fn short_lived_tokens_are_shared_as_well() {
    let script = Script::new(|seen| match seen.is("auth") {
        true => Answer::token(format!("token{}", seen.nth), 100),
        false => Answer::ok(),
    });
    let store = Arc::new(MemoryTokenStore::default());
    let (one, two) = (sharing(store.clone(), &script), sharing(store, &script));
    assert!(send(&one, "a").await.is_accepted());
    assert!(send(&two, "b").await.is_accepted());
    assert_eq!(script.count("auth"), 1);
}

/// Fails, or never answers.
struct Broken {
    hangs: bool,
}

impl Broken {
    async fn fail<T>(&self) -> Result<T, Failure> {
        if self.hangs { std::future::pending().await } else { Err("the store is down".into()) }
    }
}

#[async_trait]
impl TokenStore for Broken {
    async fn load(&self, _key: &str) -> Result<Option<StoredToken>, Failure> {
        self.fail().await
    }

    async fn save(&self, _key: &str, _token: &StoredToken) -> Result<(), Failure> {
        self.fail().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_costs_nothing_but_a_request() {
    let script = good_tokens();
    let client = sharing(Arc::new(Broken { hangs: false }), &script);
    let began = Instant::now();
    assert!(all(start_many(&client, 100)).await.iter().all(Verdict::is_accepted));
    assert_eq!((script.count("auth"), began.elapsed()), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_holds_up_nobody_for_long() {
    let script = good_tokens();
    let client = sharing(Arc::new(Broken { hangs: true }), &script);
    let sends =
        tokio::time::timeout(secs(21), all(start_many(&client, 100))).await.expect("two attempts' time at most");
    assert!(sends.iter().all(Verdict::is_accepted));
    assert_eq!(script.count("auth"), 1);
}

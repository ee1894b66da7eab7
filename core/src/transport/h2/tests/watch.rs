//! Connections that die, age or are retired.

use super::*;

fn hasty() -> TransportOptions {
    let ms = Duration::from_millis;
    TransportOptions { ping_busy: ms(40), ping_idle: ms(80), ping_timeout: ms(80), ..options() }
}

#[tokio::test]
async fn a_silent_connection_is_probed_and_given_up() {
    let (listener, url) = listen().await;
    let transport = transport(hasty());
    let call = start(&transport, &url, 1).remove(0);
    let mut server = Raw::accept(&listener, 100).await;
    server.request().await;
    server.wait_for(PING).await;
    // No answer to that: whether the request was processed is open.
    assert!(status(call).await.unwrap_err().maybe_sent);
    let call = start(&transport, &url, 1).remove(0);
    tokio::spawn(Raw::accept(&listener, 100).await.serve());
    assert_eq!(status(call).await, Ok(200));
}

#[tokio::test]
async fn a_slow_connection_that_answers_pings_is_kept() {
    let (listener, url) = listen().await;
    let transport = transport(hasty());
    let call = start(&transport, &url, 1).remove(0);
    let mut server = Raw::accept(&listener, 100).await;
    let id = server.request().await;
    for _ in 0..3 {
        let ping = server.wait_for(PING).await;
        server.send(PING, ACK, 0, &ping.payload).await;
    }
    server.answer(id).await;
    assert_eq!(status(call).await, Ok(200));
}

#[tokio::test]
async fn an_idle_connection_is_probed_by_the_longer_rule() {
    let (listener, url) = listen().await;
    let transport = transport(TransportOptions { ping_idle: Duration::from_secs(3600), ..hasty() });
    let call = start(&transport, &url, 1).remove(0);
    let mut server = Raw::accept(&listener, 100).await;
    let id = server.request().await;
    server.answer(id).await;
    assert_eq!(status(call).await, Ok(200));
    let probed = timeout(WHILE * 2, server.wait_for(PING)).await;
    assert!(probed.is_err());
}

#[tokio::test]
async fn a_connection_of_age_takes_no_more_requests() {
    let (listener, url) = listen().await;
    let transport = transport(TransportOptions { max_age: Some(Duration::from_millis(50)), ..hasty() });
    let call = start(&transport, &url, 1).remove(0);
    let mut server = Raw::accept(&listener, 100).await;
    let id = server.request().await;
    let ping = server.wait_for(PING).await;
    server.send(PING, ACK, 0, &ping.payload).await;
    let other = start(&transport, &url, 1).remove(0);
    tokio::spawn(Raw::accept(&listener, 100).await.serve());
    assert_eq!(status(other).await, Ok(200));
    // What was under way ends where it began.
    server.answer(id).await;
    assert_eq!(status(call).await, Ok(200));
}

#[tokio::test]
async fn a_connection_that_nobody_uses_is_closed() {
    let (listener, url) = listen().await;
    let transport = transport(TransportOptions { keep_idle: Duration::from_millis(100), ..hasty() });
    let call = start(&transport, &url, 1).remove(0);
    let server = Raw::accept(&listener, 100).await;
    let served = tokio::spawn(server.serve());
    assert_eq!(status(call).await, Ok(200));
    timeout(SOON, served).await.expect("it is still open").unwrap();
}

#[tokio::test]
async fn a_retired_connection_ends_what_it_has_and_gets_nothing_new() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    let call = start(&transport, &url, 1).remove(0);
    let mut server = Raw::accept(&listener, 100).await;
    let id = server.request().await;
    transport.retire(&url);
    transport.retire("http://other.example");
    let other = start(&transport, &url, 1).remove(0);
    tokio::spawn(Raw::accept(&listener, 100).await.serve());
    assert_eq!(status(other).await, Ok(200));
    server.answer(id).await;
    assert_eq!(status(call).await, Ok(200));
    // Then it is closed.
    timeout(SOON, async { while server.next().await.is_some() {} }).await.expect("it is still open");
}

#[tokio::test]
async fn a_dropped_transport_closes_its_connections() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    let call = start(&transport, &url, 1).remove(0);
    let served = tokio::spawn(Raw::accept(&listener, 100).await.serve());
    assert_eq!(status(call).await, Ok(200));
    drop(transport);
    timeout(SOON, served).await.expect("it is still open").unwrap();
}

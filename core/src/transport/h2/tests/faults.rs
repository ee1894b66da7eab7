//! What goes wrong is told apart: not sent, maybe sent, or sent again at once.

use super::*;

#[tokio::test]
async fn what_a_goaway_leaves_out_goes_again_and_what_it_names_ends() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    let calls = start(&transport, &url, 3);
    let mut server = Raw::accept(&listener, 100).await;
    let ids = server.requests(3).await;
    server.go_away(ids[0]).await;
    let mut next = Raw::accept(&listener, 100).await;
    let again = next.requests(2).await;
    // The old connection serves what it has taken.
    server.answer(ids[0]).await;
    for id in again {
        next.answer(id).await;
    }
    for call in calls {
        assert_eq!(status(call).await, Ok(200));
    }
    next.stays_quiet().await;
}

#[tokio::test]
async fn what_a_goaway_names_and_never_answers_may_have_been_sent() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    let calls = start(&transport, &url, 2);
    let mut server = Raw::accept(&listener, 100).await;
    let ids = server.requests(2).await;
    server.go_away(ids[1]).await;
    drop(server);
    for call in calls {
        assert!(status(call).await.unwrap_err().maybe_sent);
    }
    assert!(timeout(WHILE, listener.accept()).await.is_err(), "it went again");
}

#[tokio::test]
async fn a_server_that_goes_away_in_peace_is_replaced() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    let call = start(&transport, &url, 1).remove(0);
    let mut server = Raw::accept(&listener, 100).await;
    let id = server.request().await;
    server.go_away(0x7fff_ffff).await;
    tokio::time::sleep(WHILE).await;
    let other = start(&transport, &url, 1).remove(0);
    let next = Raw::accept(&listener, 100).await;
    tokio::spawn(next.serve());
    assert_eq!(status(other).await, Ok(200));
    server.answer(id).await;
    assert_eq!(status(call).await, Ok(200));
}

#[tokio::test]
async fn a_refused_stream_goes_again_at_once() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    let call = start(&transport, &url, 1).remove(0);
    let mut server = Raw::accept(&listener, 100).await;
    let id = server.request().await;
    server.reset(id, REFUSED_STREAM).await;
    let id = server.request().await;
    server.answer(id).await;
    assert_eq!(status(call).await, Ok(200));
}

#[tokio::test]
async fn what_is_refused_again_and_again_is_the_engines_to_decide() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    let call = start(&transport, &url, 1).remove(0);
    let mut server = Raw::accept(&listener, 100).await;
    for _ in 0..super::super::GOES {
        let id = server.request().await;
        server.reset(id, REFUSED_STREAM).await;
    }
    assert!(!status(call).await.unwrap_err().maybe_sent);
}

#[tokio::test]
async fn a_stream_that_is_reset_for_another_reason_may_have_been_sent() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    let calls = start(&transport, &url, 2);
    let mut server = Raw::accept(&listener, 100).await;
    let ids = server.requests(2).await;
    server.reset(ids[0], INTERNAL_ERROR).await;
    server.answer(ids[1]).await;
    let mut ends = Vec::new();
    for call in calls {
        ends.push(status(call).await.map_err(|lost| lost.maybe_sent));
    }
    ends.sort_unstable();
    assert_eq!(ends, [Ok(200), Err(true)]);
}

#[tokio::test]
async fn a_stream_that_is_reset_while_its_body_goes_out_may_have_been_sent() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    static BODY: [u8; 200_000] = [0; 200_000];
    let (other, to) = (Arc::clone(&transport), url.clone());
    let call = tokio::spawn(async move { call(&other, &to, &BODY).await });
    let mut server = Raw::accept(&listener, 100).await;
    let id = server.wait_for(HEADERS).await.id;
    server.wait_for(DATA).await;
    server.reset(id, INTERNAL_ERROR).await;
    assert!(status(call).await.unwrap_err().maybe_sent);
}

#[tokio::test]
async fn an_answer_that_breaks_off_keeps_its_status() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    let call = start(&transport, &url, 1).remove(0);
    let mut server = Raw::accept(&listener, 100).await;
    let id = server.request().await;
    server.send(HEADERS, END_HEADERS, id, &[0x88]).await;
    server.send(DATA, 0, id, b"{\"half").await;
    server.reset(id, INTERNAL_ERROR).await;
    let reply = timeout(SOON, call).await.unwrap().unwrap().unwrap();
    assert_eq!(reply.status, 200);
    assert!(reply.body.is_empty() || reply.body.as_ref() == b"{\"half");
}

#[tokio::test]
async fn a_connection_that_is_cut_after_the_request_leaves_it_open_whether_it_was_sent() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    let call = start(&transport, &url, 1).remove(0);
    let mut server = Raw::accept(&listener, 100).await;
    server.request().await;
    drop(server);
    assert!(status(call).await.unwrap_err().maybe_sent);
    // The next gets a connection of its own.
    let call = start(&transport, &url, 1).remove(0);
    tokio::spawn(Raw::accept(&listener, 100).await.serve());
    assert_eq!(status(call).await, Ok(200));
}

#[tokio::test]
async fn where_no_connection_comes_to_be_nothing_was_sent() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    for words in [b"".as_slice(), b"SSH-2.0-OpenSSH_9.6\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"] {
        let calls = start(&transport, &url, 2);
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(words).await.unwrap();
        drop(stream);
        for call in calls {
            assert!(!status(call).await.unwrap_err().maybe_sent);
        }
    }
    drop(listener);
    let lost = status(start(&transport, &url, 1).remove(0)).await.unwrap_err();
    assert!(!lost.maybe_sent && lost.reason.starts_with("cannot connect"), "{lost}");
    assert!(!call(&transport, "nonsense", b"").await.unwrap_err().maybe_sent);
}

#[tokio::test]
async fn a_connection_that_ended_between_requests_costs_nothing() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    for _ in 0..5 {
        let call = start(&transport, &url, 1).remove(0);
        let mut server = Raw::accept(&listener, 100).await;
        let id = server.request().await;
        server.answer(id).await;
        assert_eq!(status(call).await, Ok(200));
        drop(server);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

//! Requests share connections within what the server allows.

use std::sync::atomic::Ordering;

use bytes::Bytes;

use super::*;

#[tokio::test]
async fn nothing_is_sent_before_the_server_says_what_it_allows() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    let calls = start(&transport, &url, 3);
    let (mut stream, _) = listener.accept().await.unwrap();
    tokio::time::sleep(WHILE).await;
    let mut heard = [0; 4096];
    let count = stream.read(&mut heard).await.unwrap();
    // The preface, SETTINGS and WINDOW_UPDATE; no HEADERS frame.
    assert!(count < 100 && heard.starts_with(b"PRI"), "{count} bytes");
    drop(stream);
    drop(calls);
}

#[tokio::test]
async fn as_many_go_at_once_as_the_server_allows_at_the_moment() {
    let (listener, url) = listen().await;
    let transport = transport(TransportOptions { connections: 1, ..options() });
    let calls = start(&transport, &url, 6);
    let mut server = Raw::accept(&listener, 1).await;
    let first = server.request().await;
    server.stays_quiet().await;
    server.allow(3).await;
    let more = server.requests(2).await;
    server.stays_quiet().await;
    server.allow(1).await;
    server.answer(first).await;
    server.answer(more[0]).await;
    server.stays_quiet().await;
    server.answer(more[1]).await;
    for _ in 0..3 {
        let id = server.request().await;
        server.answer(id).await;
    }
    for call in calls {
        assert_eq!(status(call).await, Ok(200));
    }
}

#[tokio::test]
async fn a_connection_is_added_when_all_are_full_and_have_answered() {
    let (listener, url) = listen().await;
    let transport = transport(TransportOptions { connections: 2, streams: 2, ..options() });
    let mut calls = start(&transport, &url, 3);
    let mut first = Raw::accept(&listener, 100).await;
    let ids = first.requests(2).await;
    // Full, but nobody knows yet whether this server answers at all.
    assert!(timeout(WHILE, listener.accept()).await.is_err());
    first.answer(ids[0]).await;
    let id = first.request().await;
    calls.extend(start(&transport, &url, 4));
    let mut second = Raw::accept(&listener, 100).await;
    let others = second.requests(2).await;
    // No third, and the rest waits.
    assert!(timeout(WHILE, listener.accept()).await.is_err());
    for id in others {
        second.answer(id).await;
    }
    for id in [ids[1], id] {
        first.answer(id).await;
    }
    tokio::spawn(first.serve());
    tokio::spawn(second.serve());
    for call in calls {
        assert_eq!(status(call).await, Ok(200));
    }
}

#[tokio::test]
async fn requests_take_the_connection_with_the_least_under_way() {
    let (listener, url) = listen().await;
    let transport = transport(TransportOptions { connections: 2, streams: 4, ..options() });
    let mut calls = start(&transport, &url, 4);
    let mut first = Raw::accept(&listener, 100).await;
    let ids = first.requests(4).await;
    first.answer(ids[0]).await;
    calls.extend(start(&transport, &url, 2));
    first.request().await;
    let mut second = Raw::accept(&listener, 100).await;
    second.request().await;
    // 4 are under way on the first, 1 on the second.
    calls.extend(start(&transport, &url, 3));
    second.requests(3).await;
    drop(calls);
}

#[tokio::test]
async fn a_request_that_waits_for_a_place_is_known_not_to_be_sent() {
    let (listener, url) = listen().await;
    let transport = transport(TransportOptions { connections: 1, ..options() });
    let unsent = [AtomicBool::new(false), AtomicBool::new(false)];
    let [first, second] = &unsent;
    let calls = async {
        tokio::join!(call_watched(&transport, &url, b"{}", first), call_watched(&transport, &url, b"{}", second))
    };
    let server = async {
        let mut server = Raw::accept(&listener, 1).await;
        server.request().await;
        server.stays_quiet().await;
    };
    tokio::select! { _ = calls => panic!("answered"), () = server => () }
    assert_eq!(unsent.iter().filter(|one| one.load(Ordering::Relaxed)).count(), 1);
}

#[tokio::test]
async fn a_dropped_call_is_cancelled_and_its_place_is_free() {
    let (listener, url) = listen().await;
    let transport = transport(TransportOptions { connections: 1, ..options() });
    let dropped = start(&transport, &url, 1);
    let mut server = Raw::accept(&listener, 1).await;
    let id = server.request().await;
    dropped[0].abort();
    let reset = server.wait_for(RESET).await;
    assert_eq!((reset.id, reset.payload.as_slice()), (id, CANCEL.to_be_bytes().as_slice()));
    // Those who waited and were dropped leave nothing behind either.
    let first = start(&transport, &url, 1);
    let id = server.request().await;
    for call in start(&transport, &url, 50) {
        tokio::task::yield_now().await;
        call.abort();
    }
    server.answer(id).await;
    tokio::spawn(server.serve());
    for call in first.into_iter().chain(start(&transport, &url, 20)) {
        assert_eq!(status(call).await, Ok(200));
    }
    let origin = transport.origin(&url).unwrap();
    assert!(origin.is_idle());
}

#[tokio::test]
async fn large_bodies_flow_within_small_windows() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    static BODY: [u8; 300_000] = [b'x'; 300_000];
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut builder = h2::server::Builder::new();
        builder.initial_window_size(1000).initial_connection_window_size(70_000).max_send_buffer_size(1 << 20);
        let mut connection = builder.handshake::<_, Bytes>(stream).await.unwrap();
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            tokio::spawn(async move {
                let mut body = request.into_body();
                let mut heard = 0;
                while let Some(Ok(part)) = body.data().await {
                    heard += part.len();
                    body.flow_control().release_capacity(part.len()).unwrap();
                }
                assert_eq!(heard, BODY.len());
                let mut send = respond.send_response(http::Response::new(()), false).unwrap();
                send.send_data(Bytes::from_static(&BODY), false).unwrap();
                send.send_data(Bytes::from_static(&BODY), true).unwrap();
            });
        }
    });
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let (transport, url) = (Arc::clone(&transport), url.clone());
            tokio::spawn(async move { call(&transport, &url, &BODY).await })
        })
        .collect();
    for call in calls {
        let reply = timeout(SOON, call).await.unwrap().unwrap().unwrap();
        assert_eq!(reply.body.len(), 2 * BODY.len());
    }
}

#[tokio::test]
async fn an_answer_beyond_what_is_read_is_empty_and_the_connection_goes_on() {
    let (listener, url) = listen().await;
    let transport = transport(options());
    let call = {
        let (transport, url) = (Arc::clone(&transport), url.clone());
        tokio::spawn(async move {
            let request = Request::get(&url, &[]);
            let (signature, unsent) = (Signature::default(), AtomicBool::new(false));
            transport.call(Wire { request: &request, signature: &signature, max_reply: 10, unsent: &unsent }).await
        })
    };
    let mut server = Raw::accept(&listener, 1).await;
    let id = server.request().await;
    server.send(HEADERS, END_HEADERS, id, &[0x88]).await;
    server.send(DATA, 0, id, b"eleven byte").await;
    let reply = timeout(SOON, call).await.unwrap().unwrap().unwrap();
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    server.wait_for(RESET).await;
    tokio::spawn(server.serve());
    assert_eq!(status(start(&transport, &url, 1).remove(0)).await, Ok(200));
}

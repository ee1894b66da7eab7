//! Callbacks: which are read.

use super::*;
use crate::receipt::{Callback, CallbackError, Event};
use crate::secret::Secret;

fn callback(body: &str) -> Callback {
    Callback::new(http::HeaderMap::new(), body.to_owned())
}

fn proven(body: &str) -> Callback {
    let mut callback = callback(body);
    callback.headers.insert("x-proof", "good".parse().unwrap());
    callback
}

fn client_of(toy: Toy, secret: Option<&str>) -> Client {
    client_with(toy, Settings { receipt_secret: secret.map(Secret::new), ..Settings::default() }, |_| Answer::ok()).0
}

#[tokio::test]
async fn a_vendor_without_receipts_reads_none() {
    assert_eq!(client_of(Toy::one(), None).receipts(&proven("\"t1\"")), Err(CallbackError::NotOffered));
}

#[tokio::test]
async fn a_callback_is_read_when_the_vendor_proves_it() {
    let client = client_of(Toy::one().receipts(), None);
    let receipts = client.receipts(&proven("\"t1\"")).unwrap();
    assert_eq!((receipts.receipts[0].event, receipts.receipts[0].target.as_str()), (Event::Delivered, "t1"));
    assert_eq!(client.receipts(&callback("\"t1\"")), Err(CallbackError::Unproven));
}

#[tokio::test]
async fn a_callback_is_read_when_its_address_holds_the_secret_and_never_without() {
    let client = client_of(Toy::one().receipts(), Some("planted"));
    assert!(client.receipts(&callback("\"t1\"").with_secret("planted")).is_ok());
    for wrong in [callback("\"t1\""), proven("\"t1\""), callback("\"t1\"").with_secret("plante")] {
        assert_eq!(client.receipts(&wrong), Err(CallbackError::WrongSecret));
    }
    assert_eq!(CallbackError::WrongSecret.status(), 403);
    let empty = client_of(Toy::one().receipts(), Some(""));
    assert_eq!(empty.receipts(&callback("\"t1\"").with_secret("")), Err(CallbackError::Unproven), "no secret at all");
}

#[tokio::test]
async fn a_callback_that_cannot_be_read_says_where_and_not_what() {
    let error = client_of(Toy::one().receipts(), None).receipts(&proven("\"planted")).unwrap_err();
    assert_eq!(error.to_string(), "the callback's body ends too early (line 1, column 8)");
    assert_eq!(error.status(), 400);
}

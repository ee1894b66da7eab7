//! What a delivery costs while it waits, and that its futures can go anywhere.

use futures::{StreamExt as _, stream};

use super::*;
use crate::engine::lot::{Lot, What};
use crate::vendor::Operation;

fn goes_anywhere<T: Send + 'static>(_: &T) {}

fn can_be_sent<T: Send>(_: &T) {}

#[tokio::test(start_paused = true)]
async fn futures_are_send_and_streams_borrow_nothing() {
    let (client, _script) = client(Toy::one(), |_| Answer::ok());
    let n = note();
    let operation = Operation::Revoke { message_id: String::new() };
    can_be_sent(&client.send(&n, target(0)));
    can_be_sent(&client.operate(&operation));
    can_be_sent(&client.stop());
    goes_anywhere(&client.send_many(&n, stream::iter(targets(1))).unwrap());
    goes_anywhere(&client.send_each(stream::iter([(n.clone(), target(0))])));
    goes_anywhere(&client.send_many(&n, stream::iter(targets(1))).unwrap().boxed());
}

/// A stream parks up to 16,384 of them.
#[tokio::test(start_paused = true)]
async fn a_delivery_that_waits_is_small() {
    let (client, _script) = client(Toy::one(), |_| Answer::ok());
    let n = note();
    let targets = smallvec::smallvec![(target(0), None)];
    let mut lot = Lot { what: What::Same(client.prepare(&n).unwrap()), targets, shape: None };
    let delivery = size_of_val(&client.0.deliver(&mut lot));
    let send = size_of_val(&client.send(&n, target(0)));
    println!("bytes of a delivery: {delivery}, of a send: {send}, of a lot: {}", size_of::<Lot>());
    assert!(delivery <= 1600, "{delivery}");
}

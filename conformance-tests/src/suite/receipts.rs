//! Callbacks: each says what the vendor documents, and none is believed without proof.

use anyhow::{Result, bail, ensure};
use bytes::Bytes;
use http::HeaderValue;
use omnipush_core::{
    Callback, CallbackError, Client, Field, FixedClock, HttpUrl, Offline, Receipt, ReceiptRequest, Secret, Settings,
    Shape,
};

use super::ground::{Ground, accepted, leaves, quick, verdict};
use super::{needs, samples};
use crate::fake::{Fake as _, ReceiptTrial};

behaviours![
    every_documented_callback_is_read: needs::receipts,
    every_code_of_receipts_has_a_callback: needs::receipts,
    a_callback_needs_the_secret_of_its_address: needs::receipts,
    a_callback_that_the_vendor_proves_needs_no_secret_and_no_forgery_passes: needs::signed_receipts,
    a_callback_that_is_garbage_is_an_error: needs::receipts,
    a_vendor_without_receipts_says_so,
    receipts_are_asked_for_with_the_notification: needs::asked_receipts,
];

const SECRET: &str = "secret-made-for-tests";

fn reader(ground: &Ground, trial: &ReceiptTrial, secret: Option<&str>) -> Client {
    let mut settings = Settings::default();
    settings.receipt_secret = secret.map(Secret::new);
    let client = Client::builder(std::sync::Arc::clone(&ground.vendor), std::sync::Arc::new(Offline));
    client.settings(settings).clock(FixedClock(trial.now_ms)).build()
}

/// Everything but our own words.
fn bare(receipts: &[Receipt]) -> Vec<Receipt> {
    let without_words = |receipt: &Receipt| {
        let mut receipt = receipt.clone();
        receipt.meaning = "";
        receipt
    };
    receipts.iter().map(without_words).collect()
}

async fn every_documented_callback_is_read(ground: &Ground) -> Result<()> {
    let trials = ground.tap.receipts();
    ensure!(!trials.is_empty(), "the fake has no callbacks");
    for trial in trials {
        let client = reader(ground, &trial, Some(SECRET));
        let read = client.receipts(&trial.callback.clone().with_secret(SECRET));
        let read = read.map_err(|error| anyhow::anyhow!("{}: {error}", trial.name))?;
        ensure!(
            bare(&read.receipts) == bare(&trial.receipts),
            "{}: read {:#?}, not {:#?}",
            trial.name,
            read.receipts,
            trial.receipts
        );
        ensure!(
            trial.answer.is_empty() || read.answer == trial.answer.as_bytes(),
            "{}: answers {:?}, not {:?}",
            trial.name,
            read.answer,
            trial.answer
        );
    }
    Ok(())
}

async fn every_code_of_receipts_has_a_callback(ground: &Ground) -> Result<()> {
    let trials = ground.tap.receipts();
    for row in ground.manual().receipts {
        let mut all = trials.iter().flat_map(|trial| &trial.receipts);
        ensure!(all.any(|receipt| receipt.code == row.code), "no callback holds the code {}", row.code);
    }
    Ok(())
}

async fn a_callback_needs_the_secret_of_its_address(ground: &Ground) -> Result<()> {
    for trial in ground.tap.receipts() {
        let client = reader(ground, &trial, Some(SECRET));
        for wrong in [trial.callback.clone(), trial.callback.clone().with_secret("another")] {
            ensure!(client.receipts(&wrong) == Err(CallbackError::WrongSecret), "{} is read", trial.name);
        }
        let unproven = reader(ground, &trial, None).receipts(&trial.callback);
        ensure!(trial.proven || unproven.is_err(), "{} is read, and nothing proves it", trial.name);
    }
    Ok(())
}

async fn a_callback_that_the_vendor_proves_needs_no_secret_and_no_forgery_passes(ground: &Ground) -> Result<()> {
    let trials: Vec<_> = ground.tap.receipts().into_iter().filter(|trial| trial.proven).collect();
    ensure!(!trials.is_empty(), "no callback is proven");
    for trial in trials {
        let client = reader(ground, &trial, None);
        let read = client.receipts(&trial.callback);
        ensure!(read.as_ref().is_ok_and(|read| read.proven), "{}: {read:?}", trial.name);
        for forged in forgeries(&trial) {
            if let Ok(read) = client.receipts(&forged) {
                bail!("{}: a forgery is read: {read:?}", trial.name);
            }
        }
    }
    Ok(())
}

/// The same callback with its proof gone, empty, or changed in its last letters.
fn forgeries(trial: &ReceiptTrial) -> Vec<Callback> {
    let changed = |text: &str| text.chars().rev().map(|c| if c == 'A' { 'B' } else { 'A' }).collect::<String>();
    let mut forged = Vec::new();
    if let Some(value) = trial.callback.header(trial.proof) {
        let (head, tail) = value.split_at(value.len().saturating_sub(8));
        for text in [format!("{head}{}", changed(tail)), String::new()] {
            let mut callback = trial.callback.clone();
            if let (Ok(name), Ok(text)) =
                (http::HeaderName::from_bytes(trial.proof.as_bytes()), HeaderValue::try_from(text))
            {
                callback.headers.insert(name, text);
            }
            forged.push(callback);
        }
        let mut callback = trial.callback.clone();
        callback.headers.remove(trial.proof);
        forged.push(callback);
    } else {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(&trial.callback.body).into_owned().collect();
        let others = pairs.iter().filter(|(name, _)| name != trial.proof);
        let form = |pairs: Vec<(String, String)>| -> Bytes {
            form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into()
        };
        let proof = pairs.iter().find(|(name, _)| name == trial.proof).map_or("", |(_, value)| value);
        for text in [Some(changed(proof)), Some(String::new()), None] {
            let pair = text.map(|text| (trial.proof.to_owned(), text));
            let mut callback = trial.callback.clone();
            callback.body = form(others.clone().cloned().chain(pair).collect());
            forged.push(callback);
        }
    }
    forged
}

async fn a_callback_that_is_garbage_is_an_error(ground: &Ground) -> Result<()> {
    for trial in ground.tap.receipts() {
        let client = reader(ground, &trial, Some(SECRET));
        let body = &trial.callback.body;
        let mut bodies: Vec<Bytes> = vec![
            Bytes::new(),
            Bytes::from_static(b"\xff\xfe\x00"),
            Bytes::from_static(b"[]"),
            Bytes::from_static(b"null"),
            Bytes::from_static(b"{\"statuses\":{}}"),
            Bytes::from_static(b"data=%7B&cb=%7B"),
        ];
        bodies.extend((1..body.len()).step_by(7).map(|end| body.slice(..end)));
        for garbage in bodies {
            let mut callback = trial.callback.clone().with_secret(SECRET);
            callback.body = garbage.clone();
            if let Ok(read) = client.receipts(&callback) {
                let said = bare(&trial.receipts);
                let known = |receipt: &Receipt| bare(std::slice::from_ref(receipt)).iter().all(|it| said.contains(it));
                ensure!(read.receipts.iter().all(known), "{}: {garbage:?} says {:?}", trial.name, read.receipts);
            }
        }
    }
    Ok(())
}

async fn a_vendor_without_receipts_says_so(ground: &Ground) -> Result<()> {
    let offered = ground.profile().receipts.is_some();
    ensure!(offered != ground.tap.receipts().is_empty(), "the fake and the adapter differ");
    ensure!(offered || ground.manual().receipts.is_empty(), "codes without receipts");
    let read = ground.client(quick()).receipts(&Callback::new(http::HeaderMap::new(), "{}").with_secret("x"));
    ensure!(offered || read == Err(CallbackError::NotOffered), "{read:?}");
    Ok(())
}

async fn receipts_are_asked_for_with_the_notification(ground: &Ground) -> Result<()> {
    let url = "https://receipts.example.com/omnipush?secret=s3";
    let mut n = samples::plain();
    n.receipt = Some(ReceiptRequest { url: Some(HttpUrl::new(url)?), tag: Some("order-42".into()) });
    let report = ground.client(quick()).send(&n, ground.target(0)).await?;
    accepted(verdict(&report)?)?;
    // Only single sends carry it at some vendors.
    let shape = ground.profile().call_for(1).map_or(Shape::One, |call| call.shape);
    let losses = report.prepared.shape(shape).map_or(&[][..], |encoded| &encoded.losses);
    ensure!(losses.iter().all(|loss| loss.field != Field::Receipt), "the receipt is lost");
    let delivered = ground.world().delivered();
    let raw = delivered.iter().flat_map(|delivered| leaves(&delivered.raw));
    let sent: Vec<String> = raw.map(|(_, leaf)| leaf).collect();
    ensure!(sent.iter().any(|leaf| leaf.contains("order-42")), "the tag is not sent: {sent:?}");
    Ok(())
}

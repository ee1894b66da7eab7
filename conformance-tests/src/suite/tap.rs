//! A fake with an ear on its wire, and a hand in its answers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use omnipush_core::{Audience, Shape};
use serde_json::Value;

use crate::fake::{Answer, At, Call, DocumentedCode, Fake, OperationTrial, Purpose, ReceiptTrial, World};

/// A call with its answer.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) purpose: Purpose,
    pub(super) call: Call,
    pub(super) answer: Answer,
}

type Rewrite = Box<dyn Fn(Answer) -> Answer + Send>;

/// See the module.
pub(super) struct Tap {
    fake: Arc<dyn Fake>,
    heard: Mutex<Vec<Heard>>,
    rewrite: Mutex<Option<Rewrite>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tap {
    pub(super) fn new(fake: Arc<dyn Fake>) -> Self {
        Self { fake, heard: Mutex::default(), rewrite: Mutex::default() }
    }

    /// All calls that the fake itself answered, in order.
    pub(super) fn heard(&self) -> Vec<Heard> {
        locked(&self.heard).clone()
    }

    /// The last answer of the fake itself.
    pub(super) fn last_answer(&self) -> Answer {
        locked(&self.heard).last().map(|heard| heard.answer.clone()).unwrap_or_default()
    }

    pub(super) fn forget(&self) {
        locked(&self.heard).clear();
    }

    /// Changes every answer from now on.
    pub(super) fn rewrite(&self, rewrite: impl Fn(Answer) -> Answer + Send + 'static) {
        *locked(&self.rewrite) = Some(Box::new(rewrite));
    }

    /// Changes no answer any more.
    pub(super) fn leave(&self) {
        *locked(&self.rewrite) = None;
    }

    /// The failures that are documented for a place.
    pub(super) fn codes_at(&self, at: At) -> impl Iterator<Item = DocumentedCode> {
        self.fake.codes().iter().copied().filter(move |code| code.at == at)
    }

    fn tapped(&self, call: &Call, answer: Answer) -> Answer {
        let answer = match &*locked(&self.rewrite) {
            Some(rewrite) => rewrite(answer),
            None => answer,
        };
        let heard = Heard { purpose: self.purpose(call), call: call.clone(), answer: answer.clone() };
        locked(&self.heard).push(heard);
        answer
    }
}

impl Fake for Tap {
    fn vendor(&self) -> &'static str {
        self.fake.vendor()
    }

    fn config(&self, base: &str) -> Value {
        self.fake.config(base)
    }

    fn target(&self, number: usize) -> String {
        self.fake.target(number)
    }

    fn purpose(&self, call: &Call) -> Purpose {
        self.fake.purpose(call)
    }

    fn answer(&self, call: &Call) -> Answer {
        self.tapped(call, self.fake.answer(call))
    }

    fn codes(&self) -> &'static [DocumentedCode] {
        self.fake.codes()
    }

    fn coded(&self, call: &Call, code: &DocumentedCode) -> Answer {
        self.tapped(call, self.fake.coded(call, code))
    }

    fn world(&self) -> &World {
        self.fake.world()
    }

    fn audience(&self, shape: Shape) -> Audience {
        self.fake.audience(shape)
    }

    fn options(&self, shape: Shape) -> Option<Value> {
        self.fake.options(shape)
    }

    fn operations(&self) -> Vec<OperationTrial> {
        self.fake.operations()
    }

    fn receipts(&self) -> Vec<ReceiptTrial> {
        self.fake.receipts()
    }
}

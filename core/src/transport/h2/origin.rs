//! The connections to one origin: a request gets a place on the one with the least under way,
//! and waits here, unsent, while all are full. Another is opened when all are.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Uri;
use smallvec::SmallVec;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use super::connection::{Connection, Failed, Load};
use super::dial::{Dialled, Dialler};
use super::head::Heads;
use crate::transport::{TransportOptions, Wire};
use crate::vendor::Reply;

/// How long a failure to open one more connection keeps the next from being tried.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct Origin {
    uri: Uri,
    /// The length of its name, after which paths begin in URLs.
    name: usize,
    dialler: Arc<Dialler>,
    options: Arc<TransportOptions>,
    heads: Heads,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Default)]
struct State {
    connections: SmallVec<[Arc<Connection>; 2]>,
    opening: bool,
    /// The server speaks HTTP/1.1 only.
    one: bool,
    /// How many times connecting has failed, when it did last, and why.
    failures: u64,
    failed: Option<(Instant, Arc<str>)>,
}

/// Why there is no place.
pub(super) enum Nowhere {
    /// The server speaks HTTP/1.1 only.
    One,
    /// It cannot be reached.
    Unreachable(Arc<str>),
}

/// A place on a connection for one request.
pub(super) struct Place<'a> {
    origin: &'a Origin,
    connection: Arc<Connection>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.connection.load.give_back();
        // Who is woken and does not go (he was dropped) hands it on: tokio sees to that.
        self.origin.freed.notify_one();
    }
}

impl Place<'_> {
    /// Sends a request and reads its answer.
    pub(super) async fn exchange(&self, wire: &Wire<'_>) -> Result<Reply, Failed> {
        let head = self.origin.heads.head(wire, &self.origin.uri, self.origin.name).map_err(Failed::Unsendable)?;
        let answer = self.connection.exchange(head, wire).await;
        match &answer {
            // Those who wait may have another connection opened now.
            Ok(_) if self.connection.load.prove() => self.origin.wake(),
            Err(Failed::Gone(_)) => self.origin.lose(&self.connection.load),
            _ => {}
        }
        answer
    }
}

impl Origin {
    pub(super) fn new(uri: Uri, name: usize, dialler: Arc<Dialler>, options: Arc<TransportOptions>) -> Self {
        let (heads, state) = (Heads::new(dialler.speaks_any()), Mutex::default());
        Self { uri, name, dialler, options, heads, state, freed: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// When no connection can be had; nothing was sent.
    pub(super) async fn place(self: &Arc<Self>) -> Result<Place<'_>, Nowhere> {
        let mut failures = None;
        if let Some(found) = self.look(&mut failures) {
            return found;
        }
        // Boxed, as few wait, and what they need would make every call larger.
        Box::pin(async move {
            loop {
                // Enlisted before the look, so that nothing is missed in between.
                let freed = self.freed.notified();
                tokio::pin!(freed);
                freed.as_mut().enable();
                if let Some(found) = self.look(&mut failures) {
                    return found;
                }
                freed.await;
            }
        })
        .await
    }

    /// A place, if there is one. `failures`: how many there had been when this request came.
    fn look(self: &Arc<Self>, failures: &mut Option<u64>) -> Option<Result<Place<'_>, Nowhere>> {
        let mut state = self.state();
        if state.one {
            return Some(Err(Nowhere::One));
        }
        let best = state.connections.iter().filter(|one| one.load.has_room()).min_by_key(|one| one.load.busy());
        if let Some(connection) = best {
            connection.load.take();
            return Some(Ok(Place { origin: self, connection: Arc::clone(connection) }));
        }
        let first = *failures.get_or_insert(state.failures);
        if state.connections.is_empty()
            && state.failures != first
            && let Some((_, why)) = &state.failed
        {
            return Some(Err(Nowhere::Unreachable(Arc::clone(why))));
        }
        if state.grows(self.options.connections) {
            state.opening = true;
            tokio::spawn(Arc::clone(self).open());
        }
        None
    }

    /// Opens a connection. A task of its own, so that it outlives the request that needed it.
    async fn open(self: Arc<Self>) {
        let mut opening =
            Opening { origin: self, failure: Some("the runtime has ended".to_owned()), one: false, opened: None };
        let origin = Arc::clone(&opening.origin);
        match origin.dialler.dial(&origin.uri).await {
            Ok(Dialled::One) => (opening.failure, opening.one) = (None, true),
            Ok(Dialled::Two(line)) => {
                let limit = origin.options.connect_timeout();
                let opened = timeout(limit, Connection::open(line, &origin, &origin.options)).await;
                match opened.unwrap_or_else(|_| Err("the server does not begin to speak HTTP/2".to_owned())) {
                    Ok(connection) => (opening.failure, opening.opened) = (None, Some(connection)),
                    Err(problem) => opening.failure = Some(format!("cannot connect: {problem}")),
                }
            }
            Err(problem) => opening.failure = Some(problem),
        }
    }

    /// Gives no more requests to a connection.
    pub(super) fn lose(&self, load: &Arc<Load>) {
        let mut state = self.state();
        let before = state.connections.len();
        state.connections.retain(|one| !Arc::ptr_eq(&one.load, load));
        let lost = state.connections.len() < before;
        drop(state);
        if lost {
            self.wake();
        }
    }

    /// Lets all who wait look again.
    pub(super) fn wake(&self) {
        self.freed.notify_waiters();
    }

    /// Takes all connections out of use: requests under way may end.
    pub(super) fn retire(&self) {
        let mut state = self.state();
        state.one = false;
        let retired = std::mem::take(&mut state.connections);
        drop(state);
        drop(retired);
        self.wake();
    }

    /// Whether nothing is lost by forgetting it.
    pub(super) fn is_idle(&self) -> bool {
        let state = self.state();
        !state.opening && state.connections.iter().all(|one| one.load.busy() == 0)
    }
}

impl State {
    /// Whether one more connection is to be opened, as all are full. One at a time, and none
    /// while the youngest has answered nothing: Apple allows one request at first, and many after
    /// it.
    fn grows(&self, most: usize) -> bool {
        let rests = match &self.failed {
            Some((when, _)) if !self.connections.is_empty() => when.elapsed() < AFTER_FAILURE,
            _ => false,
        };
        let proven = self.connections.iter().all(|one| one.load.is_proven());
        !self.opening && !rests && proven && self.connections.len() < most.max(1)
    }
}

/// A connection that is being opened; what became of it is told however that ends.
struct Opening {
    origin: Arc<Origin>,
    failure: Option<String>,
    one: bool,
    opened: Option<Arc<Connection>>,
}

impl Drop for Opening {
    fn drop(&mut self) {
        let mut state = self.origin.state();
        state.opening = false;
        state.one |= self.one;
        state.connections.extend(self.opened.take());
        if let Some(failure) = self.failure.take() {
            state.failures += 1;
            state.failed = Some((Instant::now(), failure.into()));
        }
        drop(state);
        self.origin.wake();
    }
}

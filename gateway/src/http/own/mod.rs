//! The plain REST under `/v1/`: what the original does in its client protocol.
//!
//! The backend calls it for its clients, with `Authorization: Bearer KEY`. One table of routes makes the
//! router and the OpenAPI; each body is declared once, and describes itself.

mod devices;
mod groups;
mod messages;
mod openapi;
mod problem;
mod users;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, get, on};
use futures::future::BoxFuture;
use omnipush::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use self::problem::Problem;
use super::limits::Limiter;
use super::{HttpSettings, json_answer};
use crate::described::Described;
use crate::dispatch::Gateway;
use crate::explain::Explanation;

/// A route: a method on a path, what it does, and its bodies.
struct Route {
    method: &'static str,
    filter: MethodFilter,
    path: &'static str,
    /// What may stand in the query.
    query: &'static [Part],
    about: &'static str,
    takes: fn() -> Value,
    gives: fn() -> Value,
    run: fn(Call) -> BoxFuture<'static, Result<Value, Problem>>,
}

macro_rules! routes {
    ($($method:ident $path:literal $(?$query:ident)* $run:path, $takes:ty => $gives:ty, $about:literal;)*) => {
        const ROUTES: &[Route] = &[$(Route {
            method: stringify!($method),
            filter: MethodFilter::$method,
            path: $path,
            query: &[$(Part::$query),*],
            about: $about,
            takes: <$takes as Described>::schema,
            gives: <$gives as Described>::schema,
            run: |call| Box::pin(async move {
                let body = call.body::<$takes>()?;
                let gives: $gives = $run(call, body).await?;
                // Texts, numbers and lists: they can always be written.
                Ok(serde_json::to_value(gives).unwrap_or_default())
            }),
        }),*];
    };
}

routes! {
    PUT "/v1/users/{account}" users::put, users::Profile => (),
        "Makes a user known, or changes what is known.";
    GET "/v1/users/{account}" users::get, () => users::Known,
        "A user and their devices.";
    POST "/v1/users/{account}/kick" users::kick, () => (),
        "Logs a user out on every device, and voids their signatures of before.";
    PUT "/v1/users/{account}/mute" users::put_mute, users::Mute => (),
        "Mutes everything, daily or once (setAllReceiveMessageOpt).";
    PUT "/v1/users/{account}/options/users" users::put_wishes, users::Wishes => (),
        "Sets the option for conversations with others (setC2CReceiveMessageOpt).";
    GET "/v1/users/{account}/options/users/{peer}" users::get_wish, () => users::Wish,
        "The option for the conversation with another.";
    PUT "/v1/users/{account}/options/groups/{group}" users::put_group_wish, users::Wish => (),
        "Sets the option for a group (setGroupReceiveMessageOpt).";
    GET "/v1/users/{account}/options/groups/{group}" users::get_group_wish, () => users::Wish,
        "The option for a group.";
    GET "/v1/users/{account}/devices/{device}" devices::get, () => devices::Seen,
        "A device and its state.";
    POST "/v1/users/{account}/devices/{device}/events" devices::happens, devices::Happened => devices::Changed,
        "Takes in what happened to a device: login, connection, doBackground, doForeground, logout.";
    PUT "/v1/users/{account}/devices/{device}/push-config" devices::put_config, devices::Config => (),
        "Binds a device to a certificate and a token (setOfflinePushConfig, setAPNS).";
    DELETE "/v1/users/{account}/devices/{device}/push-config" devices::delete_config, () => (),
        "Turns push off.";
    PUT "/v1/users/{account}/devices/{device}/voip" devices::put_voip, devices::Voip => (),
        "Binds a device for calls (setVOIP).";
    DELETE "/v1/users/{account}/devices/{device}/voip" devices::delete_voip, () => (),
        "Ends the binding for calls.";
    PUT "/v1/users/{account}/devices/{device}/live-activities/{activity}" devices::put_activity, devices::Activity => (),
        "Binds a device for a Live Activity.";
    DELETE "/v1/users/{account}/devices/{device}/live-activities" devices::delete_activities, () => (),
        "Ends the bindings of all Live Activities.";
    PUT "/v1/users/{account}/devices/{device}/language" devices::put_language, devices::Language => (),
        "Sets the language of a device's system.";
    PUT "/v1/groups/{group}" groups::put, groups::Group => (),
        "Makes a group known, or changes its name and kind.";
    GET "/v1/groups/{group}" groups::get, () => groups::Counted,
        "A group.";
    DELETE "/v1/groups/{group}" groups::delete, () => (),
        "Forgets a group and who its members are.";
    GET "/v1/groups/{group}/members" ?After groups::get_members, () => groups::Page,
        "The members of a group in the order of their accounts, so many after one of them.";
    PUT "/v1/groups/{group}/members" groups::put_members, groups::Everybody => (),
        "Makes these the members of a group, and nobody else.";
    POST "/v1/groups/{group}/members" groups::change_members, groups::Members => (),
        "Adds members to a group, and takes members out.";
    GET "/v1/messages/{message}/explain" ?Account messages::explained, () => Explanation,
        "Why each device of a message, or of one account of its receivers, got a push or none.";
}

/// The parts of paths and queries that have a name.
#[derive(Clone, Copy)]
enum Part {
    Account,
    Device,
    Activity,
    Peer,
    Group,
    Message,
    After,
}

impl Part {
    const ALL: [Self; 7] =
        [Self::Account, Self::Device, Self::Activity, Self::Peer, Self::Group, Self::Message, Self::After];

    const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Device => "device",
            Self::Activity => "activity",
            Self::Peer => "peer",
            Self::Group => "group",
            Self::Message => "message",
            Self::After => "after",
        }
    }

    /// How long it may be, in bytes.
    const fn most(self) -> usize {
        match self {
            Self::Activity => 64,
            // A key in which a group's id stands.
            Self::Message => 256,
            _ => 128,
        }
    }
}

/// Whether a text can name something.
fn check_name(what: &str, text: &str, most: usize) -> Result<(), Problem> {
    let size = text.len();
    if (1..=most).contains(&size) && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(Problem::invalid(format!("{what} has {size} bytes; 1 to {most} without controls are allowed")))
    }
}

struct Own {
    gateway: Gateway,
    settings: Arc<HttpSettings>,
    limiter: Option<Limiter>,
}

/// A call that was let in.
struct Call {
    own: Arc<Own>,
    path: Names,
    query: Names,
    body: Vec<u8>,
}

/// What stands in a path or a query, by name.
type Names = HashMap<String, String>;

impl Call {
    fn gateway(&self) -> &Gateway {
        &self.own.gateway
    }

    /// A part of the path.
    fn path(&self, part: Part) -> Result<&str, Problem> {
        Self::checked(part, self.path.get(part.name()).map_or("", String::as_str))
    }

    /// A part of the query; `None`: it is not there.
    fn query(&self, part: Part) -> Result<Option<&str>, Problem> {
        self.query.get(part.name()).map(|text| Self::checked(part, text)).transpose()
    }

    fn checked(part: Part, text: &str) -> Result<&str, Problem> {
        check_name(part.name(), text, part.most())?;
        Ok(text)
    }

    /// The body. Where none is taken, whatever stands there does not matter.
    fn body<T: DeserializeOwned + Described>(&self) -> Result<T, Problem> {
        let value = if T::schema().is_null() {
            Value::Null
        } else {
            let not_json = |error| {
                let detail = format!("the body is not JSON: {error}");
                Problem::new(StatusCode::BAD_REQUEST, "not_json", detail)
            };
            let value: Value = serde_json::from_slice(&self.body).map_err(not_json)?;
            // A list of the members' values would pass for an object of them.
            if !value.is_object() {
                return Err(Problem::invalid("the body is not an object"));
            }
            value
        };
        serde_path_to_error::deserialize(value).map_err(|error| {
            let path = error.path().to_string();
            let error = error.into_inner();
            Problem::invalid(if path == "." { error.to_string() } else { format!("{path}: {error}") })
        })
    }
}

/// The routes under `/v1/`.
pub(super) fn router(gateway: Gateway, settings: Arc<HttpSettings>) -> Router {
    let limiter = Limiter::new(settings.calls_per_second, Duration::from_secs(1));
    let own = Arc::new(Own { gateway, settings, limiter });
    let mut router = Router::new().route("/v1/openapi.json", get(async || openapi::answer()));
    for route in ROUTES {
        let answer = move |State(own): State<Arc<Own>>,
                           path: Result<Path<Names>, PathRejection>,
                           query: Result<Query<Names>, QueryRejection>,
                           headers: HeaderMap,
                           body: Body| { own.answer(route, path, query, headers, body) };
        router = router.route(route.path, on(route.filter, answer));
    }
    let nowhere = async || Problem::not_found("path").into_response();
    let other =
        async || Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "the path has other methods").into_response();
    router.route("/v1/{*path}", axum::routing::any(nowhere)).method_not_allowed_fallback(other).with_state(own)
}

impl Own {
    async fn answer(
        self: Arc<Self>,
        route: &'static Route,
        path: Result<Path<Names>, PathRejection>,
        query: Result<Query<Names>, QueryRejection>,
        headers: HeaderMap,
        body: Body,
    ) -> Response {
        let answer = async {
            self.check(&headers)?;
            let Path(path) = path.map_err(|_| Problem::invalid("the path is not UTF-8"))?;
            let Query(query) = query.map_err(|_| Problem::invalid("the query cannot be read"))?;
            let most = self.settings.body_bytes;
            let body = axum::body::to_bytes(body, most).await.map_err(|_| {
                let detail = format!("the body cannot be read, or has more than {most} bytes");
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
            })?;
            (route.run)(Call { own: Arc::clone(&self), path, query, body: body.into() }).await
        };
        match answer.await {
            Ok(Value::Null) => StatusCode::NO_CONTENT.into_response(),
            Ok(value) => json_answer(StatusCode::OK, "application/json", &value),
            Err(problem) => {
                tracing::info!(method = route.method, path = route.path, ?problem, "refused");
                problem.into_response()
            }
        }
    }

    /// Whether the key is right, and has not called too often.
    fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.split_once(' '));
        let key = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, key)| key.trim());
        let place = key.and_then(|key| self.settings.key(key)).ok_or_else(|| {
            Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "Authorization: Bearer with a known key is needed")
        })?;
        let key = u64::try_from(place).unwrap_or(u64::MAX);
        let spent = self.limiter.as_ref().map_or(Ok(()), |limiter| limiter.spend(key, 1));
        spent.map_err(|wait| Problem::too_often(wait.as_secs() + 1))
    }
}

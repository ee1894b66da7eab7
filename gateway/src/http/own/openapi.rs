//! The description of the plain REST, made of its routes.

use axum::response::Response;
use omnipush::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Part, ROUTES, Route};
use crate::http::json_answer;

pub(super) fn answer() -> Response {
    json_answer(StatusCode::OK, "application/json", &document())
}

fn document() -> Value {
    let mut paths = Map::new();
    for route in ROUTES {
        let methods = paths.entry(route.path).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(methods) = methods {
            methods.insert(route.method.to_ascii_lowercase(), operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "omnipush",
            "description": "What an IM backend tells the gateway of its clients.",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "paths": paths,
        "security": [{ "key": [] }],
        "components": {
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer" } },
            "schemas": { "Problem": problem() },
            "responses": { "Problem": {
                "description": "Why not.",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
            } },
        },
    })
}

fn operation(route: &Route) -> Value {
    let of_path = Part::ALL.into_iter().filter(|part| route.path.contains(&format!("{{{}}}", part.name())));
    let named = of_path.map(|part| (part, "path")).chain(route.query.iter().map(|part| (*part, "query")));
    let parameter = |(part, place): (Part, &str)| {
        let schema = json!({ "type": "string", "minLength": 1, "maxLength": part.most() });
        json!({ "name": part.name(), "in": place, "required": place == "path", "schema": schema })
    };
    let content = |schema: Value| json!({ "application/json": { "schema": schema } });
    let (takes, gives) = ((route.takes)(), (route.gives)());
    let mut responses = Map::new();
    if gives.is_null() {
        responses.insert("204".into(), json!({ "description": "Done." }));
    } else {
        responses.insert("200".into(), json!({ "description": "Done.", "content": content(gives) }));
    }
    responses.insert("default".into(), json!({ "$ref": "#/components/responses/Problem" }));
    let mut operation = Map::new();
    operation.insert("summary".into(), route.about.into());
    operation.insert("parameters".into(), named.map(parameter).collect());
    if !takes.is_null() {
        operation.insert("requestBody".into(), json!({ "required": true, "content": content(takes) }));
    }
    operation.insert("responses".into(), Value::Object(responses));
    Value::Object(operation)
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "code": { "type": "string", "description": "A word that stays, for programs." },
            "detail": { "type": "string", "description": "What is wrong, for people." },
        },
    })
}

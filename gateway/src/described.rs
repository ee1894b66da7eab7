//! Bodies that describe themselves: one declaration makes the type and its JSON schema.

use serde_json::{Map, Value, json};

use crate::decide::Way;
use crate::model::{GroupKind, Platform};

/// What stands in a body.
pub(crate) trait Described {
    /// Whether it may be left out.
    const OPTIONAL: bool = false;

    /// Its schema; `null`: there is no body.
    fn schema() -> Value;

    /// Whether it is left out, where the body leaves out what is not there.
    fn is_absent(&self) -> bool {
        false
    }
}

impl Described for () {
    fn schema() -> Value {
        Value::Null
    }
}

impl Described for String {
    fn schema() -> Value {
        json!({ "type": "string" })
    }
}

impl Described for &str {
    fn schema() -> Value {
        String::schema()
    }
}

impl Described for bool {
    fn schema() -> Value {
        json!({ "type": "boolean" })
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Described for $number {
            fn schema() -> Value {
                json!({ "type": "integer", "minimum": <$number>::MIN, "maximum": <$number>::MAX })
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, i32);

impl<T: Described> Described for Option<T> {
    const OPTIONAL: bool = true;

    fn schema() -> Value {
        json!({ "anyOf": [T::schema(), { "type": "null" }] })
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Described> Described for Vec<T> {
    fn schema() -> Value {
        json!({ "type": "array", "items": T::schema() })
    }
}

impl Described for Platform {
    fn schema() -> Value {
        json!({ "type": "string", "enum": Platform::ALL.map(Platform::as_str) })
    }
}

impl Described for Way {
    fn schema() -> Value {
        json!({ "type": "string", "enum": [Self::Ordinary, Self::Voip, Self::LiveActivity] })
    }
}

impl Described for GroupKind {
    fn schema() -> Value {
        use GroupKind::{AVChatRoom, Community, Meeting, Public, Work};
        let all = [Work, Public, Meeting, AVChatRoom, Community];
        json!({ "type": "string", "enum": all.map(GroupKind::as_str) })
    }
}

/// The schema of an object of these members: name, schema, whether it may be left out, what it is.
pub(crate) fn object(about: &str, members: &[(&str, Value, bool, &str)]) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for (name, schema, optional, about) in members {
        let mut schema = schema.clone();
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".into(), about.trim().into());
        }
        properties.insert((*name).into(), schema);
        if !optional {
            required.push(*name);
        }
    }
    json!({
        "type": "object", "description": about.trim(), "properties": properties, "required": required,
        "additionalProperties": false,
    })
}

/// The description of an object: its name, what it is, and its members.
macro_rules! described {
    ($name:ident, $about:expr, $($member:ident: $kind:ty, $doc:expr;)*) => {
        impl $crate::described::Described for $name {
            fn schema() -> serde_json::Value {
                use $crate::described::{Described, object};
                object($about, &[$((
                    stringify!($member),
                    <$kind as Described>::schema(),
                    <$kind as Described>::OPTIONAL,
                    $doc,
                )),*])
            }
        }
    };
}

/// Declares objects that callers give, or give and get. Members that are no `Option` are required, and
/// unknown ones refused.
macro_rules! objects {
    ($($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $member:ident: $kind:ty,)* })*) => {$(
        $(#[doc = $about])*
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $($(#[doc = $doc])* pub(super) $member: $kind,)*
        }

        $crate::described::described!($name, concat!($($about),*), $($member: $kind, concat!($($doc),*);)*);
    )*};
}

/// Declares objects that callers get. A member that is `None` is left out.
macro_rules! answers {
    ($($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $member:ident: $kind:ty,)* })*) => {$(
        $(#[doc = $about])*
        #[derive(Clone, Debug, serde::Serialize)]
        pub struct $name {
            $(
                $(#[doc = $doc])*
                #[serde(skip_serializing_if = "crate::described::Described::is_absent")]
                pub $member: $kind,
            )*
        }

        $crate::described::described!($name, concat!($($about),*), $($member: $kind, concat!($($doc),*);)*);
    )*};
}

/// Declares words. In JSON they are written in `snake_case`.
macro_rules! words {
    ($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $variant:ident = $word:literal,)* }) => {
        $(#[doc = $about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub(super) enum $name {
            $($(#[doc = $doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $crate::described::Described for $name {
            fn schema() -> serde_json::Value {
                let words = [$(concat!("`", $word, "`:", $($doc),*)),*].join("\n");
                serde_json::json!({
                    "type": "string", "enum": [$($word),*],
                    "title": concat!($($about),*).trim(), "x-words": words,
                })
            }
        }
    };
}

pub(crate) use {answers, described, objects, words};

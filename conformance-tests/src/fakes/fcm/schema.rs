//! The fields of `messages:send` as data: name, type and single-field rule of each, message by
//! message, after Google's service description of `fcm` v1 (`projects.messages.send`).
//!
//! Names are the proto names; [`super::parse`] accepts their lowerCamelCase too.

use serde_json::Value;

use super::rules;

/// What a single value must satisfy beyond its type; `Err` says what is wrong, for people.
pub(super) type Rule = fn(&Value) -> Result<(), String>;

/// The type of a field in the protobuf JSON mapping.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// `string`.
    Text,
    /// `bool`.
    Flag,
    /// `int32`.
    Int32,
    /// `float`.
    Float,
    /// `google.protobuf.Duration`: seconds with an `s` behind.
    Span,
    /// `google.protobuf.Timestamp`.
    Instant,
    /// An enumeration: its type, its values.
    Enum(&'static str, &'static [&'static str]),
    /// The same for an enumeration of which SDKs write the values in lower case.
    LooseEnum(&'static str, &'static [&'static str]),
    /// `map<string, string>`.
    Texts,
    /// `repeated`.
    List(&'static Kind),
    /// Another message.
    Object(&'static Shape),
    /// `google.protobuf.Struct`: any object, whose names are the app's own.
    Free,
}

/// One field.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) rule: Option<Rule>,
}

/// One message.
pub(super) struct Shape {
    /// Its fields, in groups so that messages can share some.
    pub(super) fields: &'static [&'static [Field]],
    /// Its oneofs: a name, and the fields of which one at most may be set.
    pub(super) one_of: &'static [(&'static str, &'static [&'static str])],
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, rule: None }
}

const fn ruled(name: &'static str, kind: Kind, rule: Rule) -> Field {
    Field { name, kind, rule: Some(rule) }
}

const fn plain(fields: &'static [&'static [Field]]) -> Shape {
    Shape { fields, one_of: &[] }
}

use Kind::{Enum, Flag, Float, Free, Instant, Int32, List, LooseEnum, Object, Span, Text, Texts};

/// The fields that each name one target.
pub(super) const TARGETS: &[&str] = &["token", "fid", "topic", "condition"];

/// The body of the call.
pub(super) static REQUEST: Shape = plain(&[&[field("validate_only", Flag), field("message", Object(&MESSAGE))]]);

static MESSAGE: Shape = Shape {
    fields: &[&[
        ruled("name", Text, rules::output_only),
        // How token and fid look is checked apart, for their refusal has a shape of its own.
        field("token", Text),
        field("fid", Text),
        ruled("topic", Text, rules::topic),
        ruled("condition", Text, rules::condition),
        ruled("data", Texts, rules::data_keys),
        field("notification", Object(&NOTIFICATION)),
        field("android", Object(&ANDROID)),
        field("android_v2", Object(&ANDROID_V2)),
        field("apns", Object(&APNS)),
        field("webpush", Object(&WEBPUSH)),
        field("fcm_options", Object(&LABELLED)),
    ]],
    one_of: &[("target", TARGETS), ("android_config", &["android", "android_v2"])],
};

static NOTIFICATION: Shape = plain(&[&[field("title", Text), field("body", Text), ruled("image", Text, rules::url)]]);

const LABEL: Field = ruled("analytics_label", Text, rules::analytics_label);

static LABELLED: Shape = plain(&[&[LABEL]]);

/// What both generations of the Android block have.
const ANDROID_COMMON: &[Field] = &[
    field("collapse_key", Text),
    ruled("ttl", Span, rules::ttl),
    ruled("restricted_package_name", Text, rules::package),
    ruled("data", Texts, rules::data_keys),
    field("fcm_options", Object(&LABELLED)),
    field("direct_boot_ok", Flag),
    field("bandwidth_constrained_ok", Flag),
    field("restricted_satellite_ok", Flag),
];

static ANDROID: Shape = plain(&[
    ANDROID_COMMON,
    &[
        field("priority", LooseEnum("AndroidMessagePriority", &["NORMAL", "HIGH"])),
        ruled("notification", Object(&ANDROID_NOTIFICATION), rules::localised),
    ],
]);

static ANDROID_V2: Shape = Shape {
    fields: &[
        ANDROID_COMMON,
        &[field("remote_notification", Object(&REMOTE_NOTIFICATION)), field("background_sync", Object(&EMPTY))],
    ],
    one_of: &[("message_type", &["remote_notification", "background_sync"])],
};

static EMPTY: Shape = plain(&[]);

static REMOTE_NOTIFICATION: Shape = plain(&[&[
    ruled("notification", Object(&ANDROID_NOTIFICATION_V2), rules::localised),
    field("mutable_content", Flag),
    field("use_as_v1_data_message", Flag),
]]);

const ANDROID_SHOWN: &[Field] = &[
    field("title", Text),
    field("body", Text),
    field("icon", Text),
    ruled("color", Text, rules::color),
    field("sound", Text),
    field("tag", Text),
    field("click_action", Text),
    field("title_loc_key", Text),
    field("title_loc_args", List(&Text)),
    field("body_loc_key", Text),
    field("body_loc_args", List(&Text)),
    field("channel_id", Text),
    field("ticker", Text),
    field("sticky", Flag),
    field("event_time", Instant),
    field("local_only", Flag),
    field(
        "notification_priority",
        Enum(
            "NotificationPriority",
            &[
                "PRIORITY_UNSPECIFIED",
                "PRIORITY_MIN",
                "PRIORITY_LOW",
                "PRIORITY_DEFAULT",
                "PRIORITY_HIGH",
                "PRIORITY_MAX",
            ],
        ),
    ),
    field("default_sound", Flag),
    field("default_vibrate_timings", Flag),
    field("default_light_settings", Flag),
    ruled("vibrate_timings", List(&Span), rules::not_negative),
    field("visibility", Enum("Visibility", &["VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"])),
    field("notification_count", Int32),
    ruled("light_settings", Object(&LIGHT_SETTINGS), rules::light_settings),
    ruled("image", Text, rules::url),
];

static ANDROID_NOTIFICATION: Shape = plain(&[
    ANDROID_SHOWN,
    &[
        field("proxy", Enum("Proxy", &["PROXY_UNSPECIFIED", "ALLOW", "DENY", "IF_PRIORITY_LOWERED"])),
        field("bypass_proxy_notification", Flag),
    ],
]);

static ANDROID_NOTIFICATION_V2: Shape = plain(&[ANDROID_SHOWN, &[field("id", Int32)]]);

static LIGHT_SETTINGS: Shape = plain(&[&[
    field("color", Object(&COLOR)),
    ruled("light_on_duration", Span, rules::not_negative),
    ruled("light_off_duration", Span, rules::not_negative),
]]);

static COLOR: Shape = plain(&[&[
    ruled("red", Float, rules::unit_interval),
    ruled("green", Float, rules::unit_interval),
    ruled("blue", Float, rules::unit_interval),
    ruled("alpha", Float, rules::unit_interval),
]]);

static APNS: Shape = plain(&[&[
    // Apple judges headers, payload size and Live Activity token: see [`super::apple`].
    field("headers", Texts),
    ruled("payload", Free, super::apple::payload),
    field("fcm_options", Object(&APNS_OPTIONS)),
    field("live_activity_token", Text),
]]);

static APNS_OPTIONS: Shape = plain(&[&[LABEL, ruled("image", Text, rules::url)]]);

static WEBPUSH: Shape = plain(&[&[
    ruled("headers", Texts, rules::web_headers),
    ruled("data", Texts, rules::data_keys),
    ruled("notification", Free, rules::web_notification),
    field("fcm_options", Object(&WEBPUSH_OPTIONS)),
]]);

static WEBPUSH_OPTIONS: Shape = plain(&[&[LABEL, ruled("link", Text, rules::https)]]);

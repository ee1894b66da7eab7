//! What a service author would write by hand for one message to one device: a struct per vendor
//! and serde. The encoders of the vendors must not be slower, and a test sees to it that both
//! write the same fields.

use serde::Serialize;

use crate::chat;

const INTENT: &str = "intent:#Intent;component=com.example.app/.Chat;S.id=42;end";
const EXT: &str = r#"{"chat":"42"}"#;

#[derive(Serialize)]
struct Ext<'a> {
    ext: &'a str,
}

/// FCM's body.
pub fn fcm(token: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        message: Message<'a>,
    }
    #[derive(Serialize)]
    struct Message<'a> {
        token: &'a str,
        data: Ext<'a>,
        notification: Text<'a>,
        android: Android<'a>,
    }
    #[derive(Serialize)]
    struct Text<'a> {
        title: &'a str,
        body: &'a str,
    }
    #[derive(Serialize)]
    struct Android<'a> {
        collapse_key: &'a str,
        priority: &'a str,
        ttl: &'a str,
        notification: Shown<'a>,
    }
    #[derive(Serialize)]
    struct Shown<'a> {
        tag: &'a str,
        channel_id: &'a str,
    }
    let body = Body {
        message: Message {
            token,
            data: Ext { ext: EXT },
            notification: Text { title: chat::TITLE, body: chat::BODY },
            android: Android {
                collapse_key: "chat-42",
                priority: "HIGH",
                ttl: "86400s",
                notification: Shown { tag: "chat-42", channel_id: "130001" },
            },
        },
    };
    json(&body)
}

/// APNs' body; the token stands in the path.
pub fn apns(_token: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        aps: Aps<'a>,
        ext: &'a str,
    }
    #[derive(Serialize)]
    struct Aps<'a> {
        alert: Alert<'a>,
    }
    #[derive(Serialize)]
    struct Alert<'a> {
        title: &'a str,
        body: &'a str,
    }
    json(&Body { aps: Aps { alert: Alert { title: chat::TITLE, body: chat::BODY } }, ext: EXT })
}

/// Xiaomi's form.
pub fn xiaomi(token: &str) -> Vec<u8> {
    let payload = serde_json::to_string(&Ext { ext: EXT }).unwrap_or_default();
    form_urlencoded::Serializer::new(String::new())
        .append_pair("registration_id", token)
        .append_pair("restricted_package_name", "com.example.app")
        .append_pair("title", chat::TITLE)
        .append_pair("description", chat::BODY)
        .append_pair("payload", &payload)
        .append_pair("notify_id", "330396545")
        .append_pair("time_to_live", "86400000")
        .append_pair("extra.channel_id", "130001")
        .append_pair("extra.notify_effect", "2")
        .append_pair("extra.intent_uri", INTENT)
        .append_pair("extra.jobkey", "m-1")
        .finish()
        .into_bytes()
}

/// vivo's body.
pub fn vivo(token: &str) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        app_id: u64,
        reg_id: &'a str,
        request_id: &'a str,
        title: &'a str,
        content: &'a str,
        notify_type: u8,
        time_to_live: u32,
        skip_type: u8,
        skip_content: &'a str,
        classification: u8,
        client_custom_map: Ext<'a>,
        notify_id: u32,
    }
    json(&Body {
        app_id: 100_004,
        reg_id: token,
        request_id: chat::REQUEST_ID,
        title: chat::TITLE,
        content: chat::BODY,
        notify_type: 4,
        time_to_live: 86_400,
        skip_type: 4,
        skip_content: INTENT,
        classification: 0,
        client_custom_map: Ext { ext: EXT },
        notify_id: 330_396_545,
    })
}

/// Meizu's form, but for its signature.
pub fn meizu(token: &str) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Message<'a> {
        notice_bar_info: Bar<'a>,
        click_type_info: Click<'a>,
        push_time_info: Time,
        advance_info: Advance<'a>,
    }
    #[derive(Serialize)]
    struct Bar<'a> {
        title: &'a str,
        content: &'a str,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Click<'a> {
        click_type: u8,
        parameters: Ext<'a>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Time {
        off_line: u8,
        valid_time: u8,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Advance<'a> {
        suspend: u8,
        notify_key: &'a str,
    }
    let message = json(&Message {
        notice_bar_info: Bar { title: chat::TITLE, content: chat::BODY },
        click_type_info: Click { click_type: 0, parameters: Ext { ext: EXT } },
        push_time_info: Time { off_line: 1, valid_time: 24 },
        advance_info: Advance { suspend: 1, notify_key: "chat-42" },
    });
    form_urlencoded::Serializer::new(String::new())
        .append_pair("appId", "100999")
        .append_pair("messageJson", &String::from_utf8_lossy(&message))
        .append_pair("pushIds", token)
        .finish()
        .into_bytes()
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

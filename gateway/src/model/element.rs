//! The elements of a message's body. The gateway needs a text for the notification from each, and
//! from custom ones what their sender wants the app to get; nothing else is kept.

use serde::Deserialize;
use serde_json::Value;

/// An element of a body, cut down to what a push needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// `TIMTextElem`.
    Text(String),
    /// `TIMLocationElem`.
    Location,
    /// `TIMFaceElem`.
    Face,
    /// `TIMCustomElem`.
    Custom {
        /// The text for the notification; empty: none.
        desc: String,
        /// What the app gets with the notification; empty: nothing.
        ext: String,
        /// The sound; empty: the default.
        sound: String,
    },
    /// `TIMSoundElem`.
    Sound,
    /// `TIMImageElem`.
    Image,
    /// `TIMFileElem`.
    File,
    /// `TIMVideoFileElem`.
    Video,
    /// `TIMRelayElem`: merged messages.
    Relay {
        /// The title of the merged messages; empty: none.
        title: String,
    },
}

/// An element that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidElement {
    /// `MsgType` or `MsgContent` is missing, or is not what it must be.
    #[error("MsgBody[{at}].{field} {problem}")]
    Malformed {
        /// Which element, from 0.
        at: usize,
        /// Which member.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// There is no such type.
    #[error("MsgBody[{at}].MsgType is not a known type")]
    UnknownType {
        /// Which element, from 0.
        at: usize,
    },
    /// A body has one custom element at most (R28).
    #[error("MsgBody has {count} TIMCustomElem; at most 1 is allowed")]
    SecondCustom {
        /// How many there are.
        count: usize,
    },
}

#[derive(Deserialize)]
struct Text {
    #[serde(rename = "Text")]
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Custom {
    desc: String,
    ext: String,
    sound: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Relay {
    title: String,
}

impl Element {
    /// Reads the `MsgBody` of a request. Members that a push does not need are not looked at.
    ///
    /// # Errors
    /// Names the element and what is wrong with it.
    pub fn read_body(body: &[Value]) -> Result<Vec<Self>, InvalidElement> {
        let elements =
            body.iter().enumerate().map(|(at, element)| Self::read(at, element)).collect::<Result<Vec<_>, _>>()?;
        let count = elements.iter().filter(|element| matches!(element, Self::Custom { .. })).count();
        if count > 1 { Err(InvalidElement::SecondCustom { count }) } else { Ok(elements) }
    }

    fn read(at: usize, element: &Value) -> Result<Self, InvalidElement> {
        let malformed = |field, problem: &str| InvalidElement::Malformed { at, field, problem: problem.to_owned() };
        let Some(kind) = element.get("MsgType").and_then(Value::as_str) else {
            return Err(malformed("MsgType", "is missing or not a text"));
        };
        let Some(content) = element.get("MsgContent").filter(|content| content.is_object()) else {
            return Err(malformed("MsgContent", "is missing or not an object"));
        };
        Ok(match kind {
            "TIMTextElem" => {
                let text = Text::deserialize(content);
                Self::Text(text.map_err(|_| malformed("MsgContent.Text", "is missing or not a text"))?.text)
            }
            "TIMLocationElem" => Self::Location,
            "TIMFaceElem" => Self::Face,
            "TIMCustomElem" => {
                let custom = Custom::deserialize(content);
                let Custom { desc, ext, sound } =
                    custom.map_err(|_| malformed("MsgContent", "has a Desc, Ext or Sound that is not a text"))?;
                Self::Custom { desc, ext, sound }
            }
            "TIMSoundElem" => Self::Sound,
            "TIMImageElem" => Self::Image,
            "TIMFileElem" => Self::File,
            "TIMVideoFileElem" => Self::Video,
            "TIMRelayElem" => {
                let relay = Relay::deserialize(content);
                Self::Relay { title: relay.map_err(|_| malformed("MsgContent.Title", "is not a text"))?.title }
            }
            _ => return Err(InvalidElement::UnknownType { at }),
        })
    }
}

//! The rules of the original's offline push, R1 to R80, as data: what each says in a sentence, and
//! whose it is. Every decision names the rule that made it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whose behaviour a rule describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The server decides or does something: it has a test of its name.
    Server,
    /// The client's software does; nothing for a server to do.
    Client,
    /// A note about what nobody here can know or change.
    Note,
}

macro_rules! rules {
    ($($name:ident $side:ident $text:literal)*) => {
        /// A rule, by its number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[allow(missing_docs, reason = "each one's text is in the table, and given by `text`")]
        pub enum Rule { $($name),* }

        impl Rule {
            /// Every rule, in order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its number with the letter, such as `R27`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }

            /// What it says, in one sentence.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// Whose behaviour it is.
            pub const fn side(self) -> Side {
                match self { $(Self::$name => Side::$side),* }
            }
        }
    };
}

rules! {
    R1 Server "a device with a live connection is online, and while its app is in the foreground it is not pushed to"
    R2 Server "a killed app's device becomes PushOnline at once when its connection closes, and is pushed to"
    R3 Server "a device whose network vanished stays online until the break is seen, at most 400 seconds, then it is PushOnline"
    R4 Server "a device that reconnects first is online; the end of its old connection is ignored"
    R5 Server "computers, browsers and mini-programs are never pushed to; only phones and tablets are"
    R6 Server "a PushOnline device becomes offline when it has not logged in for 7 days (a setting)"
    R7 Server "a device that logged out is not pushed to, and its binding lapses, until it logs in and registers again"
    R8 Server "a device kicked off by a login elsewhere is not pushed to"
    R9 Server "an administrator's kick kicks all devices of the user"
    R10 Server "a signature that expires while online leaves the binding alone (a setting)"
    R11 Server "an app kept alive in the background that has not said so is online, and is not pushed to"
    R12 Server "a connected device that reported the background is pushed to; after doForeground it is not"
    R13 Server "quick pairs of doForeground and doBackground hold in their order"
    R14 Server "setting a config binds the device to certificate and token, replacing its earlier binding; only after login"
    R15 Server "a TPNS token goes through TPNS whatever the certificate's number"
    R16 Server "a config of null switches push off for the device; an empty token is refused (a setting)"
    R17 Server "a new token replaces the old one"
    R18 Server "VoIP and Live Activity bindings live beside the ordinary one; a nil Live Activity config clears them all"
    R19 Server "without certificate (-1) or token (-2) nothing is sent, and the loss is counted"
    R20 Server "a token that the vendor calls dead is a loss under the vendor's own code, and the binding is dropped (a setting)"
    R21 Server "a changed certificate takes effect at once"
    R22 Server "a token of the wrong APNs environment fails at APNs"
    R23 Server "each device is judged by its own state and pushed to through its own binding"
    R24 Server "an ordinary message without push information is pushed with a default text (a setting)"
    R25 Server "PushFlag 1 keeps the vendor push back"
    R26 Server "a message for online users only is not pushed"
    R27 Server "a custom message without a description is not pushed"
    R28 Server "a custom element without a description adds nothing to the text of the others, and keeps nothing back"
    R29 Server "the receiver's option for the conversation decides"
    R30 Server "a mention of everybody counts as a mention (a setting)"
    R31 Server "inside the window of a global mute nothing is pushed"
    R32 Server "of a global and a conversation's mute the stricter holds; a mention does not pierce the global one (settings)"
    R33 Server "a one-to-one message by REST ignores the receiver's mute unless WithMuteNotifications is given"
    R34 Server "NoUnread leaves the badge alone and still pushes (a setting)"
    R35 Server "the sender is never notified of their own message"
    R36 Server "each member of a group but the sender is judged alone; a targeted message concerns the named ones only"
    R37 Server "an AVChatRoom is not pushed to (a setting)"
    R38 Server "a group's system notice is not pushed"
    R39 Server "a repeat of the same message within the window is not pushed again"
    R40 Server "the vendor keeps a push no longer than the message lives (a setting)"
    R41 Server "the certificate's vendor is the only channel"
    R42 Server "a failed push leaves the message alone"
    R43 Note "the phone's own settings decide what is shown; a server cannot know them"
    R44 Note "vendors sort and cap messages by class; a cap shows as the vendor's error, or as silence"
    R45 Server "the title of ApnsInfo or HarmonyInfo wins on its vendor"
    R46 Server "Desc replaces the texts of all elements"
    R47 Server "without Desc each element gives its text, from a table by language where it has none"
    R48 Server "the texts of several elements are joined with nothing between"
    R49 Server "without a title a fallback text begins with nickname and group name"
    R50 Server "with OfflinePushInfo the push settings inside a custom element are ignored, but for its Desc"
    R51 Server "over-long title and text are cut to the vendor's limit in UTF-16 units and end in ..."
    R52 Server "MultiLanguageContent for the device's language replaces title and text"
    R53 Server "a template's text is used, filled by parameters and by the server"
    R54 Server "ApnsInfo.Sound becomes aps.sound"
    R55 Server "AndroidInfo.Sound goes to Huawei, FCM and Xiaomi; others ignore it"
    R56 Server "HarmonyInfo.SoundDuration counts only with a sound"
    R57 Server "vivo rings and vibrates unless VIVONotifyType says otherwise"
    R58 Server "doBackground's number is the starting value of the badge"
    R59 Server "each counted push sends a badge one higher"
    R60 Server "on Apple devices BadgeSetNum beats BadgeAddNum beats BadgeMode; pure pushes do not count by default"
    R61 Server "on Huawei, Honor and HarmonyOS BadgeSetNum beats BadgeAddNum beats plus one; other vendors ignore both"
    R62 Server "a client's ignoreIOSBadge or ignoreHarmonyBadge leaves the badge alone, as BadgeMode 1 does"
    R63 Client "an iOS client sets its badge to the sum of unread counts when it goes to the background"
    R64 Server "conversations with an option of 1, 2 or 3 do not count for the badge"
    R65 Server "a Huawei badge needs the launcher's class in the certificate"
    R66 Server "ContentAvailable 1 is a silent push on Apple devices"
    R67 Server "IsVoipPush 1 goes to the VoIP token, or becomes an ordinary notification without one"
    R68 Server "LiveActivity updates or ends the device's activity of that id"
    R69 Server "Ext decides FCM's mode for its message"
    R70 Server "a channel or category of the message replaces the certificate's; an empty one does not"
    R71 Server "a certificate's URL must begin with http:// or https://; without a choice a tap opens the app"
    R72 Server "a Xiaomi certificate with open app raises the app's click callback"
    R73 Note "a page opens only if the app's manifest matches the certificate; a server cannot check it"
    R74 Server "an Ext that is no JSON object is wrapped or refused on OPPO (a setting)"
    R75 Server "APNs gets aps and a text ext beside it; Data never leaves the server"
    R76 Server "where text and Ext are too large for APNs the text is cut first, then the push fails"
    R77 Client "a tap opens the chat, or the login page when logged out"
    R78 Server "webhook events over the rate are delayed and retried, not dropped"
    R79 Server "every webhook names the app, for its receiver to compare"
    R80 Server "a webhook's answer changes nothing about the push"
}

impl Rule {
    /// From its number with the letter; `None` for another text.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.as_str() == name)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.as_str(), self.text())
    }
}

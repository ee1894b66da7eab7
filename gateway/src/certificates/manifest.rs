//! The block of an app's `AndroidManifest.xml` that a certificate's click action needs.

use omnipush::Click;

use super::Certificate;
use crate::intent::Intent;

/// Why there is no block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoManifest {
    /// The vendor's phones have no such manifest.
    #[error("{0} is no Android vendor; see docs/client.md for where a tap leads there")]
    NotAndroid(String),
    /// A tap opens the app or a web page, which takes no activity of its own.
    #[error("a tap {0}: the manifest needs nothing for it")]
    Nothing(&'static str),
    /// The intent names no component, so that the class is not known.
    #[error("the intent names no component: write `component=package/class` into it")]
    NoComponent,
    /// The intent's data has no scheme, and a filter matches data by its scheme first.
    #[error("the intent's data has no scheme, so that no filter matches it: write `scheme=` into it")]
    NoScheme,
}

/// The `<activity>` that a tap on a notification of this certificate starts.
///
/// # Errors
/// Where the manifest needs none.
pub fn manifest(certificate: &Certificate) -> Result<String, NoManifest> {
    if ["apns", "harmony", "webpush"].contains(&certificate.vendor.as_str()) {
        return Err(NoManifest::NotAndroid(certificate.vendor.clone()));
    }
    match &certificate.click {
        Click::App => Err(NoManifest::Nothing("opens the app")),
        Click::Url(_) => Err(NoManifest::Nothing("opens a web page")),
        Click::Activity(name) => Ok(activity(name.as_str(), &[])),
        Click::Action(name) => Ok(activity("THE ACTIVITY'S CLASS", &filter(name.as_str(), &[], None))),
        Click::Intent(uri) => {
            // The certificate's reader has parsed it already.
            let intent = Intent::parse(uri.as_str()).unwrap_or_default();
            let Some((_, class)) = &intent.component else { return Err(NoManifest::NoComponent) };
            let data =
                if intent.data.is_empty() { None } else { Some(data(&intent.data).ok_or(NoManifest::NoScheme)?) };
            Ok(activity(class, &filter(&intent.action, &intent.categories, data)))
        }
    }
}

/// Exported, as the vendor's own app starts it.
fn activity(class: &str, filter: &[String]) -> String {
    let class = escaped(class);
    let head = format!("<activity\n    android:name=\"{class}\"\n    android:exported=\"true\"");
    if filter.is_empty() {
        return format!("{head} />\n");
    }
    let lines: String = filter.iter().map(|line| format!("        {line}\n")).collect();
    format!("{head}>\n    <intent-filter>\n{lines}    </intent-filter>\n</activity>\n")
}

/// From Android 13 on, an intent of another app must match a filter even where it names the class.
fn filter(action: &str, categories: &[String], data: Option<String>) -> Vec<String> {
    let mut lines = vec![format!("<action android:name=\"{}\" />", escaped(action))];
    let default = "android.intent.category.DEFAULT";
    let more = categories.iter().map(String::as_str).filter(|category| *category != default);
    lines.extend(
        [default].into_iter().chain(more).map(|name| format!("<category android:name=\"{}\" />", escaped(name))),
    );
    lines.extend(data);
    lines
}

/// Scheme, host and path of an intent's data; `None`: it has no scheme.
fn data(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':').filter(|(scheme, _)| !scheme.contains('/'))?;
    let rest = rest.strip_prefix("//").unwrap_or_default();
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let (host, port) = host.split_once(':').unwrap_or((host, ""));
    let parts = [("scheme", scheme), ("host", host), ("port", port), ("path", path)];
    let parts = parts.iter().filter(|(_, value)| !value.is_empty());
    let parts: Vec<String> = parts.map(|(name, value)| format!("android:{name}=\"{}\"", escaped(value))).collect();
    Some(format!("<data {} />", parts.join(" ")))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use omnipush::{ActivityName, IntentUri};

    use super::*;

    fn of(vendor: &str, click: Click) -> Result<String, NoManifest> {
        manifest(&Certificate { click, ..Certificate::new(1, vendor) })
    }

    #[test]
    fn an_intent_becomes_the_filter_that_it_matches() {
        let uri = "intent://com.example/detail?a=1#Intent;scheme=app;action=com.example.OPEN;launchFlags=0x4000000;\
                   component=com.example/.Detail;end";
        let text = of("huawei", Click::Intent(IntentUri::new(uri).unwrap())).unwrap();
        assert_eq!(
            text,
            "<activity\n    android:name=\"com.example.Detail\"\n    android:exported=\"true\">\n    \
             <intent-filter>\n        <action android:name=\"com.example.OPEN\" />\n        \
             <category android:name=\"android.intent.category.DEFAULT\" />\n        \
             <data android:scheme=\"app\" android:host=\"com.example\" android:path=\"/detail\" />\n    \
             </intent-filter>\n</activity>\n"
        );
    }

    #[test]
    fn an_activity_is_exported_and_an_app_needs_nothing() {
        let text = of("oppo", Click::Activity(ActivityName::new("com.example.Detail").unwrap())).unwrap();
        assert_eq!(text, "<activity\n    android:name=\"com.example.Detail\"\n    android:exported=\"true\" />\n");
        assert_eq!(of("fcm", Click::App), Err(NoManifest::Nothing("opens the app")));
        assert_eq!(of("apns", Click::App), Err(NoManifest::NotAndroid("apns".into())));
    }

    #[test]
    fn data_without_a_scheme_matches_no_filter() {
        for host in ["//com.example/detail", "//com.example:80/detail"] {
            let uri = format!("intent:{host}#Intent;component=com.example/.Detail;end");
            assert_eq!(of("vivo", Click::Intent(IntentUri::new(uri).unwrap())), Err(NoManifest::NoScheme));
        }
        let bare = Click::Intent(IntentUri::new("intent:#Intent;component=com.example/.Detail;end").unwrap());
        assert!(!of("vivo", bare).unwrap().contains("<data"));
    }

    #[test]
    fn what_is_hostile_is_escaped() {
        assert_eq!(
            data("app://h/\"><x>"),
            Some("<data android:scheme=\"app\" android:host=\"h\" android:path=\"/&quot;&gt;&lt;x&gt;\" />".into())
        );
    }
}

//! What the tests of rules are made from: a user with a phone in the pocket, and a message.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use omnipush::{Click, Client, Clock, IntentUri, Notification};
use omnipush_conformance::{Direct, Fake, Purpose, Trouble};
use omnipush_gateway::certificates::{Certificate, Certificates, Channel, engine};
use omnipush_gateway::decide::{Decision, Pushed, Terms, decide};
use omnipush_gateway::dispatch::{Builder, Gateway, To};
use omnipush_gateway::model::{
    Conversation, Device, Element, GroupKind, Message, OfflinePushInfo, Platform, PresenceEvent, PushConfig, Recipient,
    Settings, UnknownFields,
};
use omnipush_gateway::rules::Rule;
use omnipush_gateway::store::{DeliveryState, Store};
use serde_json::Value;

/// 2027-01-15 08:00:00 UTC, a Friday.
pub(crate) const NOW: u64 = 1_800_000_000_000;
pub(crate) const DAY: u64 = 86_400_000;

pub(crate) const INTENT: &str = "intent://com.tencent.qcloud/detail#Intent;scheme=pushscheme;launchFlags=0x4000000;\
                                 component=com.tencent.qcloud.tim.tuikit/com.tencent.qcloud.tim.demo.main.MainActivity;end";

/// Certificate numbers by vendor.
pub(crate) const VENDORS: [(u32, &str); 10] = [
    (1, "apns"),
    (2, "xiaomi"),
    (3, "huawei"),
    (4, "fcm"),
    (5, "meizu"),
    (6, "oppo"),
    (7, "vivo"),
    (8, "honor"),
    (9, "harmony"),
    (10, "tpns"),
];

/// One message to one device, and everything around it. Each test bends what it is about.
pub(crate) struct Case {
    pub(crate) message: Message,
    pub(crate) recipient: Recipient,
    pub(crate) device: Device,
    pub(crate) settings: Settings,
    pub(crate) certificates: BTreeMap<u32, Certificate>,
    pub(crate) now_ms: u64,
}

impl Case {
    /// "hello" from Ann by REST to Bo, whose app was killed on a phone of this vendor.
    pub(crate) fn new(vendor: &str) -> Self {
        let mut message =
            Message::new("77_12_1800000000", "ann", Conversation::OneToOne, vec![Element::Text("hello".into())]);
        message.at_ms = NOW;
        let certificates = VENDORS.map(|(id, vendor)| (id, Certificate::new(id, vendor))).into_iter().collect();
        Self {
            message,
            recipient: Recipient::new("bo"),
            device: phone(vendor),
            settings: Settings::default(),
            certificates,
            now_ms: NOW,
        }
    }

    pub(crate) fn decide(&self) -> Decision {
        let terms = Terms { settings: &self.settings, certificates: &self.certificates };
        decide(&self.message, &self.recipient, &self.device, terms, self.now_ms)
    }

    /// The push that goes out.
    pub(crate) fn pushed(&self) -> Pushed {
        match self.decide() {
            Decision::Push(pushed) => *pushed,
            Decision::Silent(silence) => panic!("no push: {silence:?}"),
        }
    }

    pub(crate) fn notification(&self) -> Notification {
        self.pushed().composed.notification
    }

    /// The text that is shown.
    pub(crate) fn body(&self) -> String {
        self.notification().body.unwrap_or_default()
    }

    pub(crate) fn title(&self) -> String {
        self.notification().title.unwrap_or_default()
    }

    /// The vendor's own options.
    pub(crate) fn options(&self) -> Value {
        let pushed = self.pushed();
        pushed.composed.notification.vendors.get(&pushed.vendor).cloned().unwrap_or_default()
    }

    /// The rule by which no push goes out.
    pub(crate) fn silent(&self) -> Rule {
        match self.decide() {
            Decision::Silent(silence) => silence.rule,
            Decision::Push(pushed) => panic!("pushed by {}", pushed.rule),
        }
    }

    /// With this `OfflinePushInfo`.
    pub(crate) fn info(mut self, json: Value) -> Self {
        self.message.push = Some(info(json));
        self
    }

    pub(crate) fn group(mut self) -> Self {
        let (id, name) = ("g_team_7".to_owned(), "Team 7".to_owned());
        self.message.conversation = Conversation::Group { id, name, kind: GroupKind::Work, notice: false };
        self
    }

    pub(crate) fn body_of(mut self, body: Vec<Element>) -> Self {
        self.message.body = body;
        self
    }

    pub(crate) fn clicks(mut self, click: Click) -> Self {
        for certificate in self.certificates.values_mut() {
            certificate.click = click.clone();
        }
        self
    }

    pub(crate) fn opens_page(self) -> Self {
        self.clicks(Click::Intent(IntentUri::new(INTENT).unwrap()))
    }

    pub(crate) fn event(&mut self, event: PresenceEvent) {
        self.device.presence.apply(event, self.now_ms);
    }
}

/// Bo's phone of a vendor: logged in an hour ago, killed since.
pub(crate) fn phone(vendor: &str) -> Device {
    let platform = match vendor {
        "apns" => Platform::IPhone,
        "harmony" => Platform::Harmony,
        _ => Platform::Android,
    };
    let (business_id, _) = VENDORS.into_iter().find(|(_, id)| *id == vendor).unwrap();
    let mut device = Device::new("bo", format!("bo's {vendor}"), platform, NOW - 3_600_000);
    device.config = Some(PushConfig { business_id, token: format!("token-{vendor}"), is_tpns: vendor == "tpns" });
    device
}

pub(crate) fn info(json: Value) -> OfflinePushInfo {
    OfflinePushInfo::read(&json, UnknownFields::Refuse).unwrap()
}

pub(crate) fn custom(desc: &str) -> Element {
    Element::Custom { desc: desc.into(), ext: String::new(), sound: String::new() }
}

pub(crate) fn login(connection: u64) -> PresenceEvent {
    PresenceEvent::Login { connection, heartbeats: false }
}

/// What stands in the address of a world's receipts, made for tests.
pub(crate) const RECEIPT_SECRET: &str = "receipt-secret-made-for-tests";

/// A clock that the test sets.
#[derive(Clone, Default)]
pub(crate) struct Hand(Arc<AtomicU64>);

impl Hand {
    pub(crate) fn set(&self, now_ms: u64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A whole gateway over the strict fakes of all vendors, without a network between.
pub(crate) struct World {
    pub(crate) gateway: Gateway,
    pub(crate) clock: Hand,
    fakes: BTreeMap<&'static str, Arc<dyn Fake>>,
    /// The database's, kept for as long as the world is.
    _folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        Self::of(Certificate::new, |gateway| gateway.settings(settings)).await
    }

    /// With certificates and a gateway of the test's own making.
    pub(crate) async fn of(
        certify: impl Fn(u32, &'static str) -> Certificate,
        build: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let (clock, folder) = (Hand::default(), tempfile::tempdir().unwrap());
        clock.set(NOW);
        let mut fakes = BTreeMap::new();
        let channels = VENDORS.map(|(id, vendor)| {
            let fake = omnipush_conformance::fakes::by_id(vendor).unwrap();
            let adapter = omnipush::build(&fake.config("http://fake")).unwrap();
            let transport = Direct::new(Arc::clone(&fake), clock.clone());
            let mut engine = engine();
            engine.receipt_secret = Some(RECEIPT_SECRET.into());
            let client = Client::builder(adapter, Arc::new(transport)).settings(engine).clock(clock.clone()).build();
            fakes.insert(vendor, fake);
            Channel::new(certify(id, vendor), Arc::new(client))
        });
        let store = Store::open(&folder.path().join("gateway.db")).await.unwrap();
        let builder = Gateway::builder(store, Certificates::of(channels)).clock(clock.clone());
        let gateway = build(builder).build();
        let running = gateway.clone();
        tokio::spawn(async move { running.run().await.unwrap() });
        Self { gateway, clock, fakes, _folder: folder }
    }

    pub(crate) fn store(&self) -> &Store {
        self.gateway.store()
    }

    pub(crate) fn fake(&self, vendor: &str) -> &dyn Fake {
        self.fakes[vendor].as_ref()
    }

    /// A user with a phone of a vendor in the pocket: logged in, bound, killed since.
    pub(crate) async fn user(&self, account: &str, vendor: &str) {
        let number = self.store().all_seats().await.unwrap().len();
        self.log_in(account, "phone", phone(vendor).platform).await;
        let config = PushConfig { token: self.fake(vendor).target(number), ..phone(vendor).config.unwrap() };
        self.gateway.set_config(account, "phone", Some(&config)).await.unwrap();
        self.happens(account, PresenceEvent::Disconnect { connection: 1 }).await;
    }

    pub(crate) async fn log_in(&self, account: &str, device: &str, platform: Platform) {
        self.gateway.presence(account, device, platform, login(1)).await.unwrap();
    }

    pub(crate) async fn happens(&self, account: &str, event: PresenceEvent) -> bool {
        self.gateway.presence(account, "phone", Platform::Android, event).await.unwrap()
    }

    pub(crate) async fn group(&self, id: &str, members: &[&str]) {
        let members: Vec<String> = members.iter().map(|member| (*member).to_owned()).collect();
        self.store().change_members(id, &members, &[]).await.unwrap();
    }

    /// "hello" from Ann.
    pub(crate) fn message(&self, id: &str) -> Case {
        let mut case = Case::new("vivo");
        id.clone_into(&mut case.message.id);
        case.message.at_ms = self.clock.now_ms();
        // Two messages are not the same because they are about the same.
        case.message.random = id.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        case
    }

    /// Hands a message in, waits until it is sent, and says what became of each account.
    pub(crate) async fn tell(&self, message: &Message, to: To<'_>) -> Vec<(String, Rule, DeliveryState)> {
        self.gateway.accept(message, to).await.unwrap();
        self.gateway.drained().await.unwrap();
        let explained = self.store().explain(&message.id, None).await.unwrap().unwrap();
        explained.deliveries.into_iter().map(|found| (found.account, found.rule, found.state)).collect()
    }

    pub(crate) async fn deliver(&self, message: &Message, to: &str) -> Vec<(String, Rule, DeliveryState)> {
        self.tell(message, To::Users(&[to.to_owned()])).await
    }

    /// Makes a vendor refuse every send for good.
    pub(crate) fn refuse(&self, vendor: &str) {
        let world = self.fake(vendor).world();
        world.always(Purpose::Send, Trouble::Status(400, Vec::new(), "no"));
    }

    pub(crate) fn calm(&self, vendor: &str) {
        self.fake(vendor).world().calm();
    }

    /// How many sends each vendor got.
    pub(crate) fn requests(&self) -> BTreeMap<&'static str, usize> {
        self.fakes.iter().map(|(vendor, fake)| (*vendor, fake.world().count(Purpose::Send))).collect()
    }
}

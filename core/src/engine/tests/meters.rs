//! What is counted.

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};

use super::*;

/// Looks at what was counted so far. A look takes what it shows, so each test looks once.
pub(super) struct Recorder(Snapshotter);

impl Recorder {
    /// Everything counted, as `name{label=value,…}`.
    pub(super) fn all(&self) -> Vec<(String, DebugValue)> {
        let all = self.0.snapshot().into_vec().into_iter().map(|(key, _, _, value)| {
            let labels: Vec<_> = key.key().labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            (format!("{}{{{}}}", key.key().name(), labels.join(",")), value)
        });
        all.collect()
    }

    pub(super) fn gauge(&self, name: &str) -> DebugValue {
        self.all().into_iter().find(|(key, _)| key.starts_with(name)).unwrap().1
    }
}

/// Runs a test on the paused clock with a recorder of its own.
pub(super) fn with_recorder<Fut: Future<Output = ()>>(test: impl FnOnce(Recorder) -> Fut) {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    metrics::with_local_recorder(&recorder, || runtime.block_on(test(Recorder(snapshotter))));
}

#[test]
fn every_target_is_counted_once_by_its_last_verdict() {
    with_recorder(|recorder| async move {
        use futures::{StreamExt as _, stream};
        let (client, _script) = client(Toy::list(), |seen| match seen.nth {
            0 => Answer::partial("t0=again,t1=dead,t2=bad"),
            1 => Answer::ok(),
            2 => Answer::maybe_sent(),
            3 => Answer::status(429).retry_after("5"),
            _ => Answer::ok(),
        });
        client.send(&note(), targets(10)).await.unwrap();
        client.send(&note(), targets(2)).await.unwrap();
        client.send(&note(), vec![target(3), Target::from("a,b")]).await.unwrap();
        let bad = Notification::new("bad", "");
        assert_eq!(client.send_each(stream::iter([(bad, target(1))])).count().await, 1);

        let all: std::collections::HashMap<_, _> = recorder.all().into_iter().collect();
        let counter = |key: &str| match all.get(key) {
            Some(DebugValue::Counter(count)) => *count,
            other => panic!("{key}: {other:?}"),
        };
        let verdicts = |outcome| counter(&format!("omnipush_verdicts_total{{vendor=toy,outcome={outcome}}}"));
        assert_eq!(verdicts("accepted"), 8 + 1);
        assert_eq!(verdicts("unsure"), 2);
        assert_eq!(verdicts("invalid_token"), 1);
        assert_eq!(verdicts("invalid_request"), 1 + 1 + 1, "refused, malformed and not encoded");
        assert_eq!(verdicts("rate_limited"), 0);
        assert_eq!(counter("omnipush_retries_total{vendor=toy}"), 2);
        assert_eq!(counter("omnipush_lost_answers_total{vendor=toy}"), 1);
        assert_eq!(counter("omnipush_lane_pauses_total{vendor=toy}"), 1);
        let seconds = &all["omnipush_request_seconds{vendor=toy,purpose=send}"];
        assert!(matches!(seconds, DebugValue::Histogram(took) if took.len() == 5), "{seconds:?}");
        assert_eq!(all["omnipush_in_flight{vendor=toy}"], DebugValue::Gauge(0.0.into()));
    });
}

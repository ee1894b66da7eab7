//! Clients that are interrupted, stopped, or asked what they would do.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use futures::{StreamExt as _, stream};
use omnipush_core::engine::Purpose as Step;
use omnipush_core::{Client, Clock as _, FixedClock, Planned, SendError, Settings, SystemClock, TokenStore};
use serde_json::{Map, Value};
use tokio::time::{sleep, timeout};

use super::encode::rich;
use super::ground::{Ground, accepted, all_accepted, collect, quick, verdict};
use super::tap::Heard;
use super::{needs, samples};
use crate::fake::{Purpose, Trouble};

behaviours![
    a_send_that_is_cancelled_leaves_the_client_usable,
    a_first_send_that_is_cancelled_takes_nobody_s_token: needs::sign_in,
    a_stream_that_is_dropped_leaves_the_client_usable,
    stopping_waits_for_what_is_under_way,
    a_stopped_client_sends_nothing,
    a_plan_is_what_is_sent,
    a_plan_of_a_list_is_what_is_sent: needs::list,
];

async fn a_send_that_is_cancelled_leaves_the_client_usable(ground: &Ground) -> Result<()> {
    ground.warm().await?;
    let mut settings = quick();
    settings.in_flight = Some(2);
    let client = ground.sharing(settings);
    let n = samples::plain();
    for _ in 0..4 {
        ground.world().script(Purpose::Send, Trouble::Slow(Duration::from_secs(5)));
        let cancelled = timeout(Duration::from_millis(50), client.send(&n, ground.target(0))).await;
        ensure!(cancelled.is_err(), "the fake was not slow");
    }
    ground.world().calm();
    ground.forget();
    // Neither the places on the wire nor anything else is used up.
    let target = ground.target(1);
    let report = timeout(Duration::from_secs(5), client.send(&n, target.clone())).await.context("it hangs")??;
    all_accepted(&report, &[target])
}

async fn a_first_send_that_is_cancelled_takes_nobody_s_token(ground: &Ground) -> Result<()> {
    ground.world().script(Purpose::Auth, Trouble::Slow(Duration::from_millis(400)));
    let client = ground.client(quick());
    let first = tokio::spawn({
        let (client, target) = (client.clone(), ground.target(0));
        async move { client.send(&samples::plain(), target).await }
    });
    sleep(Duration::from_millis(100)).await;
    let others = (1..10).map(|number| {
        let (client, target) = (client.clone(), ground.target(number));
        tokio::spawn(async move { client.send(&samples::plain(), target).await })
    });
    let others: Vec<_> = others.collect();
    sleep(Duration::from_millis(50)).await;
    first.abort();
    for other in others {
        accepted(verdict(&other.await??)?)?;
    }
    let sign_ins = ground.world().count(Purpose::Auth);
    ensure!(sign_ins == 1, "{sign_ins} sign-ins");
    Ok(())
}

async fn a_stream_that_is_dropped_leaves_the_client_usable(ground: &Ground) -> Result<()> {
    let client = ground.client(quick());
    let targets = ground.targets(3 * ground.profile().batch().min(20));
    {
        let verdicts = client.send_many(&samples::plain(), stream::iter(targets))?;
        let mut verdicts = std::pin::pin!(verdicts);
        verdicts.next().await.context("no verdict")?;
    }
    timeout(Duration::from_secs(5), client.stop()).await.context("what was dropped is waited for")?;
    ground.forget();
    let report = ground.send(&samples::plain(), ground.targets(2)).await?;
    all_accepted(&report, &ground.targets(2))
}

async fn stopping_waits_for_what_is_under_way(ground: &Ground) -> Result<()> {
    ground.warm().await?;
    ground.world().always(Purpose::Send, Trouble::Slow(Duration::from_millis(300)));
    let client = ground.sharing(quick());
    let targets = ground.targets(12);
    let source = stream::iter(targets.clone()).chain(stream::pending());
    let reading = tokio::spawn(collect(client.send_many(&samples::plain(), source)?));
    sleep(Duration::from_millis(150)).await;
    timeout(Duration::from_secs(10), client.stop()).await.context("stopping hangs")?;
    let delivered = ground.world().delivered().len();
    let verdicts = timeout(Duration::from_secs(5), reading).await.context("the stream does not end")??;
    ensure!(verdicts.len() == targets.len(), "{} verdicts for {} targets", verdicts.len(), targets.len());
    verdicts.iter().try_for_each(|(_, verdict)| accepted(verdict))?;
    ensure!(delivered == targets.len(), "stopped after {delivered} of {} deliveries", targets.len());
    Ok(())
}

async fn a_stopped_client_sends_nothing(ground: &Ground) -> Result<()> {
    let client = ground.client(quick());
    client.stop().await;
    match client.send(&samples::plain(), ground.target(0)).await {
        Err(SendError::Stopped) => {}
        Err(error) => bail!("another error: {error}"),
        Ok(_) => bail!("a stopped client sent"),
    }
    let refused = client.send_many(&samples::plain(), stream::iter(ground.targets(2))).is_err();
    ensure!(refused, "a stopped client took a stream");
    ensure!(ground.world().log().is_empty(), "something was called");
    Ok(())
}

async fn a_plan_is_what_is_sent(ground: &Ground) -> Result<()> {
    planned(ground, 1).await
}

async fn a_plan_of_a_list_is_what_is_sent(ground: &Ground) -> Result<()> {
    planned(ground, 5).await
}

async fn planned(ground: &Ground, targets: usize) -> Result<()> {
    // Signatures hold the time.
    let client = Client::builder(Arc::clone(&ground.vendor), Arc::clone(&ground.transport))
        .settings(quick())
        .clock(FixedClock(SystemClock.now_ms()))
        .token_store(Arc::clone(&ground.store) as Arc<dyn TokenStore>, "shared")
        .build();
    let mut n = rich(&ground.planner(Settings::default()))?;
    // Or request ids are random.
    n.id = samples::with_id("order-42/7")?.id;
    // What the fake does not know, such as a channel of the app's own, is refused: also an answer.
    let prepared = client.prepare(&n)?;
    let targets = ground.targets(targets);
    let plan = client.plan(&prepared, &targets).map_err(|refusal| anyhow::anyhow!("{refusal}"))?;
    client.send_prepared(&prepared, targets).await?;
    let heard = ground.tap.heard();
    ensure!(plan.len() == heard.len(), "{} requests were planned, and {} made", plan.len(), heard.len());
    for (at, (planned, heard)) in plan.iter().zip(&heard).enumerate() {
        same(planned, heard).with_context(|| format!("request {at}"))?;
    }
    Ok(())
}

fn same(planned: &Planned, heard: &Heard) -> Result<()> {
    let purpose = match planned.purpose {
        Step::Auth => Purpose::Auth,
        Step::Stage => Purpose::Stage,
        Step::Send => Purpose::Send,
        Step::Operate => Purpose::Operate,
    };
    ensure!(heard.purpose == purpose, "planned to {purpose:?}, did {:?}", heard.purpose);
    ensure!(planned.method == heard.call.method, "another method");
    let query = if heard.call.query.is_empty() { String::new() } else { format!("?{}", heard.call.query) };
    let line = format!("{}{query}", heard.call.path);
    ensure!(planned.url.ends_with(&line), "planned {}, called {line}", planned.url);
    for (name, value) in &planned.headers {
        let (planned, sent) = (value.to_str().unwrap_or_default(), heard.call.header(name.as_str()));
        let stands_in = planned.contains("ACCESS-TOKEN");
        let same = sent.is_some_and(|sent| stands_in || alike(planned, sent, false));
        ensure!(same, "the header {name} is {planned:?} in the plan, and was {sent:?}");
    }
    // What is encrypted is another text each time.
    if std::str::from_utf8(&heard.call.body).is_err() {
        ensure!(planned.body.len() == heard.call.body.len(), "another size");
        return Ok(());
    }
    let ticket = planned.body.windows(6).any(|window| window == b"TICKET");
    let (plan, sent) = (fields(&planned.body), fields(&heard.call.body));
    let names = |body: &[(String, String)]| body.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    ensure!(names(&plan) == names(&sent), "{:?} were planned, {:?} sent", names(&plan), names(&sent));
    for ((name, planned), (_, sent)) in plan.iter().zip(&sent) {
        let stands_in = planned == "ACCESS-TOKEN" && !sent.is_empty();
        ensure!(stands_in || alike(planned, sent, ticket), "`{name}` is {planned:?} in the plan, and was {sent:?}");
    }
    Ok(())
}

/// The leaves of a body, JSON or form.
fn fields(body: &[u8]) -> Vec<(String, String)> {
    let value = serde_json::from_slice(body).unwrap_or_else(|_| {
        let pairs = form_urlencoded::parse(body);
        Value::Object(pairs.map(|(name, value)| (name.into_owned(), Value::from(value))).collect::<Map<_, _>>())
    });
    super::ground::leaves(&value)
}

/// Equal, but for what cannot be known before: ids of requests, tickets, and signatures over a
/// ticket.
fn alike(planned: &str, sent: &str, ticket: bool) -> bool {
    let hex = |text: &str| text.len() >= 16 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let id = planned.len() == 36 && planned.matches('-').count() == 4;
    // Some signatures are random: what they sign must be the same.
    let signed = |text: &str| text.rsplit_once('.').map(|(signed, _)| signed.to_owned());
    let token = planned.starts_with("Bearer ey") && signed(planned) == signed(sent);
    planned == sent
        || token
        || planned.contains("TICKET")
        || (planned.len() == sent.len() && hex(planned) && hex(sent) && (ticket || id))
}

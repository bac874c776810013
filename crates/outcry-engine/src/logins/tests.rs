use super::*;
use outcry_integration::{Integration, Params};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Barrier;
use tokio::time::sleep;

/// The key of a contract with this secret.
fn key(secret: &str) -> LoginKey {
    let file = r#"
        schema = "outcry.integration/1"
        label = "Test"
        params = { secret = { kind = "secret", required = true } }
        login.request = { url = "https://buyer.example/login?s={param.secret}" }
        login.answer = { format = "json", keep = { token = "token" } }
        post.request = { url = "https://buyer.example/post", headers = { x-token = "{login.token}" } }
        post.answer = { format = "none", rules = [{ when = { status = 200 }, outcome = "accepted" }] }
    "#;
    let integration = Integration::read(file).unwrap();
    let values = BTreeMap::from([("secret".to_owned(), secret.to_owned())]);
    Params::bind(&integration, &values).unwrap().login().unwrap()
}

/// A buyer whose tokens are numbered, each good for so long, and each given after so many milliseconds.
#[derive(Clone)]
struct Buyer {
    asked: Arc<AtomicU64>,
    good_for: Duration,
    takes_ms: u64,
}

impl Buyer {
    fn giving(good_for_s: u64, takes_ms: u64) -> Self {
        Self {
            asked: Arc::default(),
            good_for: Duration::from_secs(good_for_s),
            takes_ms,
        }
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    async fn give(self) -> Result<Granted, Arc<str>> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        sleep(Duration::from_millis(self.takes_ms)).await;
        Ok(Granted {
            kept: vec![("login.token".into(), format!("t{number}").into())].into(),
            good_for: self.good_for,
        })
    }

    async fn refuse(self) -> Result<Granted, Arc<str>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        sleep(Duration::from_millis(self.takes_ms)).await;
        Err("unknown client".into())
    }
}

fn within(ms: u64) -> Instant {
    Instant::now() + Duration::from_millis(ms)
}

fn shown(got: Got) -> String {
    match got {
        Ok(login) => login.kept.get("login.token").unwrap().to_owned(),
        Err(why) => format!("none: {why}"),
    }
}

async fn get(logins: &Arc<Logins>, buyer: &Buyer, over: Option<u64>) -> String {
    shown(logins.get(key("a"), over, within(10_000), || buyer.clone().give()).await)
}

/// So many callers at one moment; tells how often the buyer was asked and what they all got.
async fn at_once<F>(callers: usize, buyer: &Buyer, call: impl Fn() -> F) -> (u64, Vec<String>)
where
    F: Future<Output = String> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(callers));
    let calls: Vec<_> = (0..callers)
        .map(|_| {
            let (barrier, call) = (barrier.clone(), call());
            tokio::spawn(async move {
                barrier.wait().await;
                call.await
            })
        })
        .collect();
    let mut got = Vec::new();
    for call in calls {
        got.push(call.await.unwrap());
    }
    got.dedup();
    (buyer.asked(), got)
}

#[tokio::test(start_paused = true)]
async fn sixty_four_who_need_a_login_at_once_fetch_it_once() {
    let (logins, buyer) = (Arc::<Logins>::default(), Buyer::giving(600, 50));
    let call = || {
        let (logins, buyer) = (logins.clone(), buyer.clone());
        async move { get(&logins, &buyer, None).await }
    };
    assert_eq!(at_once(64, &buyer, call).await, (1, vec!["t1".to_owned()]));
    let call = || {
        let (logins, buyer) = (logins.clone(), buyer.clone());
        async move {
            sleep(Duration::from_secs(6)).await;
            get(&logins, &buyer, Some(1)).await
        }
    };
    assert_eq!(
        at_once(64, &buyer, call).await,
        (2, vec!["t2".to_owned()]),
        "and when it is over for all of them at once"
    );
}

/// Proof that the test above would notice: a cache that looks first and fetches then.
#[tokio::test(start_paused = true)]
async fn whoever_looks_first_and_fetches_then_starts_a_stampede() {
    let (cache, buyer) = (Arc::<Mutex<Option<String>>>::default(), Buyer::giving(600, 50));
    let call = || {
        let (cache, buyer) = (cache.clone(), buyer.clone());
        async move {
            if let Some(token) = cache.lock().unwrap().clone() {
                return token;
            }
            let token = buyer.give().await.unwrap().kept.get("login.token").unwrap().to_owned();
            *cache.lock().unwrap() = Some(token.clone());
            token
        }
    };
    let (asked, got) = at_once(64, &buyer, call).await;
    assert_eq!((asked, got.len()), (64, 64));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn threads_that_run_at_the_same_time_fetch_it_once_too() {
    let (logins, buyer) = (Arc::<Logins>::default(), Buyer::giving(600, 20));
    let call = || {
        let (logins, buyer) = (logins.clone(), buyer.clone());
        async move { get(&logins, &buyer, None).await }
    };
    assert_eq!(at_once(64, &buyer, call).await, (1, vec!["t1".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_login_is_fetched_anew_before_it_ends_and_nobody_waits_for_that() {
    let (logins, buyer) = (Arc::<Logins>::default(), Buyer::giving(100, 50));
    let begun = Instant::now();
    let mut seen = Vec::new();
    for at in [0, 10, 79, 81, 82, 159] {
        tokio::time::sleep_until(begun + Duration::from_secs(at)).await;
        let asked_at = Instant::now();
        let token = get(&logins, &buyer, None).await;
        seen.push((at, token, asked_at.elapsed().as_millis()));
    }
    let expected = [
        (0, "t1", 50),
        (10, "t1", 0),
        (79, "t1", 0),
        (81, "t1", 0),
        (82, "t2", 0),
        (159, "t2", 0),
    ];
    assert_eq!(seen, expected.map(|(at, token, ms)| (at, token.to_owned(), ms)));
}

#[tokio::test(start_paused = true)]
async fn a_login_is_not_shown_in_the_last_tenth_of_its_life() {
    for (good_for_s, last_shown_s) in [(100, 89), (3_600, 3_569), (1, 0)] {
        let (logins, buyer) = (Arc::<Logins>::default(), Buyer::giving(good_for_s, 50));
        assert_eq!(get(&logins, &buyer, None).await, "t1");
        sleep(Duration::from_secs(last_shown_s)).await;
        assert_eq!(get(&logins, &buyer, None).await, "t1", "{good_for_s}");
        // Whatever was begun in the background has ended, and is not asked for here.
        let (logins, buyer) = (Arc::<Logins>::default(), Buyer::giving(good_for_s, 50));
        assert_eq!(get(&logins, &buyer, None).await, "t1");
        sleep(Duration::from_secs(last_shown_s + 1)).await;
        assert_eq!(get(&logins, &buyer, None).await, "t2", "{good_for_s}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_over_is_fetched_anew_and_one_that_was_replaced_is_not() {
    let (logins, buyer) = (Arc::<Logins>::default(), Buyer::giving(600, 50));
    assert_eq!(get(&logins, &buyer, None).await, "t1");
    sleep(Duration::from_mins(1)).await;
    assert_eq!(get(&logins, &buyer, Some(1)).await, "t2");
    assert_eq!(get(&logins, &buyer, Some(1)).await, "t2", "somebody else was quicker");
    assert_eq!(
        get(&logins, &buyer, Some(2)).await,
        "none: the buyer does not take the login it has only just given"
    );
    assert_eq!(
        (get(&logins, &buyer, None).await, buyer.asked()),
        ("t2".to_owned(), 2),
        "for whoever has had no trouble"
    );
    sleep(Duration::from_secs(5)).await;
    assert_eq!(get(&logins, &buyer, Some(2)).await, "t3");
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_nobody_asks_for_a_while_and_for_longer_each_time() {
    let (logins, buyer) = (Arc::<Logins>::default(), Buyer::giving(600, 0));
    let mut pauses = Vec::new();
    let mut last = Instant::now();
    while pauses.len() < 8 {
        let before = buyer.asked();
        let got = shown(logins.get(key("a"), None, within(500), || buyer.clone().refuse()).await);
        assert_eq!(got, "none: unknown client");
        if before < buyer.asked() {
            pauses.push(last.elapsed().as_secs());
            last = Instant::now();
        }
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(pauses, [0, 1, 2, 4, 8, 16, 30, 30]);
    sleep(Duration::from_secs(30)).await;
    assert_eq!(get(&logins, &buyer, None).await, "t9", "it works again");
    assert_eq!(get(&logins, &buyer, None).await, "t9");
}

#[tokio::test(start_paused = true)]
async fn a_failure_in_the_background_leaves_the_login_that_is_still_good() {
    let (logins, buyer) = (Arc::<Logins>::default(), Buyer::giving(100, 10));
    assert_eq!(get(&logins, &buyer, None).await, "t1");
    sleep(Duration::from_secs(82)).await;
    for _ in 0..3 {
        assert_eq!(
            shown(logins.get(key("a"), None, within(500), || buyer.clone().refuse()).await),
            "t1"
        );
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(buyer.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn each_waits_as_long_as_its_own_time_lasts_and_the_fetch_goes_on() {
    let (logins, buyer) = (Arc::<Logins>::default(), Buyer::giving(600, 1_000));
    let hasty = logins.get(key("a"), None, within(300), || buyer.clone().give());
    let patient = logins.get(key("a"), None, within(2_000), || buyer.clone().give());
    let (hasty, patient) = tokio::join!(hasty, patient);
    assert_eq!(
        (shown(hasty), shown(patient)),
        ("none: there was no answer in time".to_owned(), "t1".to_owned())
    );
    assert_eq!(buyer.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn other_credentials_are_another_login() {
    let (logins, buyer) = (Arc::<Logins>::default(), Buyer::giving(600, 10));
    assert_eq!(get(&logins, &buyer, None).await, "t1");
    let changed = logins.get(key("b"), None, within(500), || buyer.clone().give()).await;
    assert_eq!(shown(changed), "t2", "as after a catalog with a new password");
    assert_eq!(get(&logins, &buyer, None).await, "t1");
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_dies_is_not_waited_for() {
    let (logins, buyer) = (Arc::<Logins>::default(), Buyer::giving(600, 10));
    let dies = || async {
        sleep(Duration::from_millis(10)).await;
        panic!("a bug of the fetch, which this test is about");
    };
    assert_eq!(shown(logins.get(key("a"), None, within(500), dies).await), "none: it broke off");
    assert_eq!(get(&logins, &buyer, None).await, "t1");
}

#[tokio::test(start_paused = true)]
async fn what_is_over_is_forgotten() {
    let (logins, buyer) = (Arc::<Logins>::default(), Buyer::giving(10, 0));
    for n in 0..2_000 {
        shown(logins.get(key(&n.to_string()), None, within(500), || buyer.clone().give()).await);
        sleep(Duration::from_millis(100)).await;
    }
    assert!(logins.entries().len() <= SWEEP_AT);
}

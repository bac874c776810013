//! Caps, throttles and hours as every level may write them, and what is said of wrong ones.

use crate::world::{check, compiled};
use outcry_core::cap::{Cap, Counts, WhenFull, Window};
use outcry_core::pacing::Pacing;
use outcry_core::schedule::{PersonHours, Schedule};
use outcry_core::throttle::Throttle;

const EVERYWHERE: &str = r#"
[supplier.northwind]
caps = [{ count = "payout", per = "month", limit = "9000.00" }]

[source.northwind_auto]
supplier = "northwind"
campaign = "auto"
keys = ["secret:northwind_auto_key"]
zone = "America/Denver"
caps = [{ count = "pings", per = "minute", limit = 600 }]
throttles = [{ count = "pings", limit = 20, per_seconds = 1, burst = 40 }]

[buyer.acme]
label = "Acme Insurance LLC"
caps = [{ count = "price", per = "day", limit = "1500.00", zone = "America/New_York", full = "stop" }]

[campaign.auto]
lead_type = "auto_insurance"
payout = "80%"
zone = "America/Chicago"
caps = [{ count = "sales", per = "day", limit = 900 }]
schedule = { open = "mon-sat 7-22", holidays = "us_federal", closed = ["2026-12-24..2027-01-01"] }
person_hours = "8-21"

[contract.acme_auto]
buyer = "acme"
campaign = "auto"
integration = "acme"
price = "12.00"
zone = "America/New_York"
caps = [
  { count = "sales", per = "day", limit = 50, over = 5, full = "hold", hold_minutes = 600, caps = [
    { name = "california", when = 'state = "CA"', limit = 20, caps = [
      { name = "young", when = 'state = "CA"', per = "hour", limit = 3 },
    ] },
  ] },
  { count = "posts", per = "hour", rolling = true, limit = 40 },
]
throttles = [{ count = "posts", limit = 10, per_seconds = 60 }]
schedule = { open = "mon-fri 9-17:30", special = { "2026-11-27" = "9-12" }, when_closed = "hold" }

[contract.acme_auto.route.northwind_auto]
caps = [{ count = "sales", per = "week", limit = 100 }]
"#;

/// One line for each cap and throttle, and the hours.
fn told(pacing: &Pacing) -> Vec<String> {
    let throttle = |throttle: &Throttle| {
        let (key, rate) = (&throttle.key, throttle.rate);
        format!("{key}: every {} us, {} at once", rate.every_us, rate.burst)
    };
    let schedule = |schedule: &Schedule| {
        let (whose, hours, zone) = (&schedule.whose, &schedule.shown, schedule.zone.tz.iana_name());
        format!(
            "{whose} open {hours} in {}, held for {:?}",
            zone.unwrap_or("?"),
            schedule.hold_minutes
        )
    };
    let person = |hours: &PersonHours| format!("{} persons {} by {} signs", hours.whose, hours.shown, hours.signs.len());
    let throttles = pacing.throttles.iter().map(throttle);
    let hours = pacing.schedules.iter().map(schedule).chain(pacing.person_hours.iter().map(person));
    pacing.caps.iter().map(cap).chain(throttles).chain(hours).collect()
}

fn cap(cap: &Cap) -> String {
    let over = if cap.over > 0 {
        format!(", {} more", cap.over)
    } else {
        String::new()
    };
    let when = if cap.when.is_empty() {
        String::new()
    } else {
        format!(", {} conditions", cap.when.len())
    };
    let full = match cap.full {
        WhenFull::Next => String::new(),
        WhenFull::Hold { minutes } => format!(", held for {minutes}"),
        WhenFull::Stop => ", stops".to_owned(),
    };
    format!("{}: {} a {}{over}{when}{full}", cap.key, cap.shown(cap.limit), cap.clock.shown())
}

#[test]
fn every_level_keeps_to_its_own_and_to_what_stands_above_it() {
    let outcome = compiled(EVERYWHERE);
    let book = outcome.book.unwrap_or_else(|| panic!("{:#?}", outcome.diagnostics));
    let (catalog, campaign) = (&book.catalog, &book.catalog.campaigns[0]);
    let contract = &campaign.contracts[0];
    let table = [
        (
            &catalog.sources[0].pacing,
            "source/northwind_auto/pings/minute: 600 a minute in America/Denver
             supplier/northwind/payout/month: 9000.00 a month
             source/northwind_auto/throttle/pings: every 50000 us, 40 at once",
        ),
        (
            &campaign.pacing,
            "campaign/auto/sales/day: 900 a day in America/Chicago
             campaign/auto open mon-sat 7-22 in America/Chicago, held for None
             campaign/auto persons mon-sun 8-21 by 2 signs",
        ),
        (
            &contract.pacing,
            "contract/acme_auto/sales/day: 50 a day in America/New_York, 5 more, held for 600
             contract/acme_auto/sales/day/california: 20 a day in America/New_York, 1 conditions
             contract/acme_auto/sales/hour/young: 3 a hour in America/New_York, 2 conditions
             contract/acme_auto/posts/rolling_hour: 40 a rolling hour
             buyer/acme/price/day: 1500.00 a day in America/New_York, stops
             contract/acme_auto/throttle/posts: every 6000000 us, 10 at once
             contract/acme_auto open mon-fri 9-17:30 in America/New_York, held for Some(1440)",
        ),
        (
            &contract.routes[0].1.pacing,
            "route/northwind_auto/acme_auto/sales/week: 100 a week in America/New_York",
        ),
    ];
    for (pacing, expected) in table {
        let expected: Vec<&str> = expected.lines().map(str::trim).collect();
        assert_eq!(told(pacing), expected);
    }
}

#[test]
fn what_is_the_same_is_looked_at_once() {
    let book = compiled(EVERYWHERE).book.unwrap();
    let caps: Vec<_> = book.catalog.pacings().flat_map(|pacing| &pacing.caps).collect();
    let mut by_key: Vec<_> = caps.iter().map(|cap| (&*cap.key, cap.index)).collect();
    by_key.sort_unstable();
    by_key.dedup();
    let mut positions: Vec<usize> = by_key.iter().map(|(_, index)| *index).collect();
    positions.sort_unstable();
    assert_eq!(positions, (0..by_key.len()).collect::<Vec<_>>(), "each cap has a place of its own");
    for one in &caps {
        for other in &caps {
            let alike = |cap: &Cap| (cap.clock.window, cap.clock.rolling, cap.clock.zone.iana_name().map(str::to_owned));
            let same = alike(one) == alike(other);
            assert_eq!(one.clock.index == other.clock.index, same, "{} and {}", one.key, other.key);
        }
    }
    let day = caps
        .iter()
        .filter(|cap| cap.clock.window == Window::Day && cap.counts == Counts::Sales);
    assert_eq!(day.count(), 3);
}

const WRONG: &str = r#"
[contract.acme_auto]
buyer = "acme"
campaign = "auto"
integration = "acme"
price = "12.00"
caps = [
  { count = "leads", per = "day", limit = 5 },
  { count = "sales", per = "day", limit = 50, rolling = true, when = 'state = "XX"' },
  { count = "sales", per = "total", limit = 50, full = "hold", hold_minutes = 10 },
  { count = "sales", per = "total", limit = 9, rolling = true },
  { count = "price", per = "week", limit = 5, full = "later", hold_minutes = 5 },
  { count = "posts", per = "hour", limit = 5, caps = [{ name = "all", when = 'present(zip)', limit = 5 }] },
]
throttles = [{ count = "sales", limit = 0 }, { count = "posts", limit = 5, per_seconds = 60, when = 'nothing = 1' }]
schedule = { open = "mon-fri 9am-5pm", holidays = "us", closed = ["2026-13-01", "2026-12-31..2026-12-24"], special = { "27.11." = "9-25" }, hold_minutes = 5 }
person_hours = { open = "8-21", by = "ip", zone = "UTC" }
"#;

const SAID: &str = r#"
spec.toml:7:13: error[OC0304]: `count` cannot be `leads`
  hint: there is `payout`, `pings`, `posts`, `price`, `sales`
spec.toml:8:3: error[OC0920]: cap of contract `acme_auto` counts only some leads and has no `name`
  hint: add `name = "california"`: its counter is kept under it
spec.toml:8:71: error[OC0402]: in the filter, `state = "XX"`: `state` is a state and can never be "XX"; write the two capital letters of a state, such as "CA"
spec.toml:9:49: error[OC0921]: a total never opens again, so nothing can be held for it
  hint: take "next" or "stop"
spec.toml:10:48: error[OC0921]: a total does not roll: nothing ever leaves it
  hint: leave `rolling` out, or take a shorter `per`
spec.toml:11:54: error[OC0304]: `full` cannot be `later`
  hint: there is `hold`, `next`, `stop`
spec.toml:11:63: error[OC0921]: `hold_minutes` says how long a lead is held, and this cap holds none
  hint: add `full = "hold"`
spec.toml:12:94: warning[OC0922]: cap of cap of contract `acme_auto` is never reached: the one around it is full before
  hint: lower its `limit`, or take it out
spec.toml:14:14: error[OC0104]: throttle of contract `acme_auto` has no `per_seconds`
  hint: add `per_seconds = 60`
spec.toml:14:24: error[OC0304]: `count` cannot be `sales`
  hint: there is `pings`, `posts`
spec.toml:14:41: error[OC0303]: `limit` is 0, which is out of its bounds
  hint: it goes from 1 to 1000000
spec.toml:14:46: error[OC0920]: throttle of contract `acme_auto` counts only some leads and has no `name`
  hint: add `name = "california"`: its bucket is kept under it
spec.toml:14:102: error[OC0402]: in the filter, `nothing = 1`: there is no field `nothing`
spec.toml:15:21: error[OC0923]: the hours cannot be read: `9am-5pm` is no span of time: they go from 0 to 24, such as 9-17, 8:30-17:45 or 22-6
  hint: write them like "mon-fri 9-17:30, sat 10-14"
spec.toml:15:51: error[OC0304]: there are no holidays called `us`
  hint: there is "us_federal"; days of your own stand in `closed`
spec.toml:15:67: error[OC0924]: `2026-13-01` is no day and no span of days
  hint: write "2026-12-24", or the first and the last: "2026-12-24..2027-01-01"
spec.toml:15:81: error[OC0924]: `2026-12-31..2026-12-24` is no day and no span of days
  hint: write "2026-12-24", or the first and the last: "2026-12-24..2027-01-01"
spec.toml:15:120: error[OC0924]: `27.11.` is no day
  hint: write `"2026-11-27" = "10-14"`
spec.toml:15:131: error[OC0923]: the hours of that day cannot be read: `9-25` is no span of time: they go from 0 to 24, such as 9-17, 8:30-17:45 or 22-6
  hint: write them like "10-14" or "10-12, 14-16", or "closed"
spec.toml:15:141: error[OC0921]: `hold_minutes` says how long a lead is held, and none is
  hint: add `when_closed = "hold"`
spec.toml:16:38: error[OC0304]: `by` cannot be `ip`
  hint: there is "address", the state and the ZIP code, and "phone", its area code
spec.toml:16:44: error[OC0102]: `person_hours` of contract `acme_auto` has no key `zone`
  hint: there is `by`, `closed`, `hold_minutes`, `holidays`, `open`, `special`, `when_closed`
"#;

#[test]
fn everything_that_is_wrong_with_caps_and_hours_is_told_at_once() {
    check(WRONG, SAID);
}

//! Short runs of the simulator, and the seeds that once found something.

use super::*;

/// A seed in a mode must break nothing.
fn check(seed: u64, mode: Mode) {
    let played = play(seed, mode, None, false).unwrap();
    assert!(played.violations.is_empty(), "seed {seed}, {mode:?}: {:?}", played.violations);
}

#[test]
fn the_same_seed_is_the_same_story() {
    for seed in 1..=4 {
        for mode in Modes::Both.all() {
            let hash = || play(seed, *mode, None, false).unwrap().hash;
            assert_eq!(hash(), hash(), "seed {seed}, {mode:?}");
        }
    }
}

#[test]
fn seeds_that_once_broke_a_promise_break_none() {
    // Outcomes that a store cut off or full did not take were forgotten.
    check(2, Mode::Liveness);
    check(4, Mode::Liveness);
    // A crash between closing a lead and queueing its postback.
    check(8, Mode::Liveness);
    // A disk that was full at T2.
    check(9, Mode::Liveness);
    // A buyer called one node while another was selling the lead.
    check(65, Mode::Safety);
    check(83, Mode::Safety);
    // A post that was sent again to whoever had said no.
    check(2, Mode::Safety);
    check(34, Mode::Liveness);
}

#[test]
fn a_broken_variant_is_caught() {
    for mutant in [
        Mutant::IntentNotAwaited,
        Mutant::UnknownAsRejected,
        Mutant::BudgetsHoldACent,
        Mutant::CallConfirmedUnread,
        Mutant::PingNamesPerson,
    ] {
        let found = catch(mutant, 1, 40, Modes::Both).unwrap();
        assert!(found.failure.is_some(), "{}", found.text());
    }
}

#[test]
fn a_crash_at_any_step_of_a_scenario_breaks_no_promise() {
    let steps = play_plan(Plan::scenario(1, Crash::Never), None, false).unwrap().steps;
    for step in (1..=steps).step_by(7) {
        let played = play_plan(Plan::scenario(1, Crash::At(step)), None, false).unwrap();
        assert!(played.violations.is_empty(), "step {step}: {:?}", played.violations);
    }
}

#[test]
fn a_few_dozen_seeds_break_no_promise() {
    let report = campaign(1, 30, Modes::Both, None).unwrap();
    assert!(report.failures.is_empty(), "{}", report.text());
    assert!(report.crashes > 30, "{} crashes", report.crashes);
}

//! One behaviour suite for every store, in the trade's words.
//!
//! Each behaviour gets an empty store and may do with it what it likes, from as many tasks as it likes.

mod accept;
mod case;
mod consent;
mod crowd;
mod delivery;
mod intent;
mod lists;
mod outcome;
mod pacing;
mod quote;
mod race;
mod recovery;
pub mod sample;
#[cfg(test)]
mod tests;
mod turn;

use outcry_engine::ports::Later;
use outcry_engine::ports::store::Store;
use std::sync::Arc;

/// What every store must do: the name of a behaviour, and its proof.
pub type Behaviour = (&'static str, fn(Arc<dyn Store>) -> Later<'static, ()>);

macro_rules! behaviours {
    ($($topic:ident: $($name:ident)*;)*) => {
        /// All behaviours, in the order of a lead's life.
        pub const BEHAVIOURS: &[Behaviour] = &[
            $($((stringify!($name), |store| Box::pin($topic::$name(store))),)*)*
        ];
    };
}

behaviours! {
    accept:
        a_lead_is_accepted_once_and_stays_accepted
        a_repeat_hears_that_its_lead_is_on_its_way_and_then_the_answer
        a_key_used_for_another_body_is_refused
        two_sources_may_use_the_same_key
        a_request_is_remembered_for_its_time_and_its_key_is_free_after_it
        a_quote_is_redeemed_once
        a_test_lead_is_not_in_the_books
        a_lead_opens_again_as_it_was_sent
        a_lead_that_came_before_is_taken_in_as_a_duplicate
        every_lead_that_counts_lets_the_time_begin_anew;
    intent:
        the_same_intent_twice_takes_once
        an_exclusive_lead_has_one_leg
        a_shared_lead_has_as_many_legs_as_it_was_promised
        nobody_comes_in_beside_an_exclusive_leg
        a_lead_goes_to_one_contract_once
        each_leg_of_a_contract_is_posted_once_and_all_are_one_copy
        an_unknown_post_leaves_room_only_for_those_who_break_the_promise
        a_full_cap_refuses_and_takes_nothing
        a_budget_counts_money
        each_window_of_a_cap_counts_for_itself
        a_person_is_claimed_until_the_claim_ends
        a_rejected_post_frees_what_it_took
        an_accepted_and_an_unknown_post_keep_what_they_took
        a_lead_is_no_duplicate_of_itself
        a_claim_of_two_legs_stays_until_both_have_let_go
        a_kept_claim_stays_when_the_buyer_rejects_and_goes_if_nothing_left
        an_unsold_lead_is_not_for_sale;
    lists:
        a_person_on_a_list_is_not_posted
        only_who_is_on_a_list_of_the_only_ones_allowed_is_posted
        the_word_of_a_person_stands_above_the_file;
    consent:
        a_withdrawal_stops_every_later_post_and_none_before_it
        a_withdrawal_reaches_as_far_as_it_says
        a_post_that_is_sent_again_hears_what_was_said_since
        a_certificate_is_one_persons
        a_proof_of_another_contract_or_another_day_is_none
        a_lead_in_review_is_not_for_sale_until_it_is_taken_out_once;
    pacing:
        what_counts_posts_is_freed_only_by_a_post_that_was_not_sent
        a_rolling_window_counts_what_came_within_its_length
        a_token_comes_back_by_itself_and_not_by_an_outcome
        each_ping_takes_all_of_its_units_or_none
        where_the_lead_has_no_room_no_ping_takes_any
        a_counter_remembers_when_its_first_unit_was_taken
        a_lead_that_waits_is_found_when_its_time_has_come
        a_lead_that_waits_outlives_a_start;
    turn:
        a_turn_is_remembered_and_wheels_do_not_touch_each_other
        looking_at_a_wheel_does_not_turn_it
        outcomes_are_counted_by_route_and_day;
    outcome:
        a_sale_is_booked_once
        a_definite_outcome_stands
        an_unknown_post_may_be_known_later
        a_late_pending_does_not_reopen_a_sold_lead
        a_lead_comes_to_one_end
        news_of_an_attempt_do_not_take_a_lead_back_from_its_end
        what_the_source_was_told_stays_until_it_is_told_more
        the_record_is_the_latest_one_and_the_latest_come_first
        a_sale_that_does_not_add_up_is_refused
        the_books_are_the_sum_of_all_sales;
    case:
        a_case_tells_all_that_is_known_of_a_lead
        what_it_takes_to_come_back_is_kept_until_the_outcome_is_known
        unknown_posts_are_listed_the_oldest_first
        what_is_written_off_keeps_its_leg_and_its_holds
        a_buyer_that_speaks_after_the_write_off_is_heard;
    delivery:
        a_message_with_a_body_keeps_it
        a_message_is_due_until_it_arrives
        a_message_that_is_given_up_is_not_due_again
        the_same_try_counts_once
        messages_come_oldest_first;
    quote:
        a_quote_is_there_as_soon_as_it_is_kept
        a_quote_long_expired_is_forgotten_and_its_record_is_not;
    recovery:
        a_post_of_an_earlier_start_is_unknown_and_keeps_its_holds
        a_lead_left_behind_is_unsold_and_its_source_hears_so
        a_message_about_a_lead_left_behind_can_follow
        the_last_word_on_a_lead_left_behind_is_written_with_its_end
        what_was_told_and_what_is_waiting_survives
        a_shared_lead_that_one_has_and_another_may_have_is_sold
        recovery_twice_finds_nothing_more;
    race:
        of_64_posts_for_the_last_places_of_a_cap_exactly_those_go
        a_budget_is_never_overdrawn_and_never_left_unused
        of_64_posts_in_a_rolling_window_exactly_the_limit_go
        of_64_posts_at_one_moment_as_many_go_as_the_bucket_has_tokens
        of_64_leads_pinging_at_once_exactly_the_limit_of_pings_leave
        of_64_leads_of_one_person_one_is_posted
        of_64_leads_of_one_person_at_once_one_is_no_duplicate
        of_64_posts_of_one_quote_one_is_taken
        of_100_copies_of_a_request_one_becomes_a_lead
        of_64_legs_of_an_exclusive_lead_one_is_taken
        of_64_posts_of_one_leg_one_is_made
        of_64_turns_everybody_has_as_many
        of_64_posts_around_a_withdrawal_none_goes_after_it
        of_64_reviewers_one_takes_the_lead;
    crowd:
        of_64_writers_at_100_caps_none_goes_over_and_none_leaves_room
        of_64_writers_with_any_prices_none_overdraws_by_a_millionth
        of_64_posts_of_one_person_one_is_sold_in_each_window
        of_64_posts_of_one_quote_one_is_taken_each_time;
}

/// Runs every behaviour, each on a store of its own.
///
/// # Panics
/// After all have run, if any failed, with their names.
pub async fn all(make: impl Fn() -> Arc<dyn Store>) {
    let mut broken = Vec::new();
    for (name, behaviour) in BEHAVIOURS {
        // On a task of its own, so that one broken promise does not hide the next.
        if tokio::spawn(behaviour(make())).await.is_err() {
            broken.push(*name);
        }
    }
    assert!(broken.is_empty(), "this store does not keep its promises: {broken:#?}");
}

//! What lies on the disk, changed at random: it is read or refused, and what was read is written as it was read.

#[path = "../../../outcry-integration/tests/fuzz/mutate.rs"]
mod mutate;
#[path = "../../../outcry-integration/tests/fuzz/tries.rs"]
mod tries;

use super::{Contents, Taken, TakenHold, read, write};
use crate::conformance::sample;
use outcry_core::money::Money;
use outcry_core::record::{Door, Record};
use outcry_engine::answer::{Answer, Status};
use tries::run_on;

#[test]
fn stored_records_are_read_or_refused() {
    let samples = [write(&sample::record(1, 3)), write(&sample::record(2, 0))];
    run_on("stored records", &samples, |input, _| {
        if let Ok(record) = read::<Record>(input) {
            let again = write(&record);
            assert_eq!(
                write(&read::<Record>(&again).unwrap()),
                again,
                "it was read as something that cannot be written"
            );
        }
    });
}

#[test]
fn stored_answers_holds_and_contents_are_read_or_refused() {
    let taken = Taken {
        claims: Vec::new(),
        kept: Vec::new(),
        sent: Vec::new(),
        holds: vec![TakenHold {
            cap: 7,
            window: sample::opening(),
            amount: 3,
        }],
    };
    let contents = Contents::of(&sample::contents(1), Door::Lead, sample::opening());
    let samples = [
        write(&sample::answer(1, Status::Sold, Money::from_cents(1_250))),
        write(&taken),
        write(&contents),
    ];
    run_on("stored answers, holds and contents", &samples, |input, _| {
        drop(read::<Answer>(input));
        drop(read::<Taken>(input));
        drop(read::<Contents>(input));
    });
}

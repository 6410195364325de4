//! Prints scenarios with what the model makes of them: `record SEED COUNT SIZE`, an array of vectors.
#![allow(clippy::expect_used)]

use levelkit_tests::model::{record, scenario};

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let [seed, count, size] = numbers[..] else {
        eprintln!("record SEED COUNT SIZE");
        std::process::exit(2);
    };
    let size = usize::try_from(size).expect("a size");
    let recorded = (0..count).map(|number| record(scenario(seed.wrapping_add(number), size)).to_string());
    println!("[{}]", recorded.collect::<Vec<_>>().join(",\n"));
}

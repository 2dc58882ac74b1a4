//! One shard's counts: a table of the functions that were called in it, found by their addresses.
//!
//! Every call looks twice into it, under its shard's lock. The standard map's hash would cost more than all else there.

use std::collections::BTreeMap;

use super::counts::{Counts, FunctionCounts, Tally};
use crate::function::Function;

type Place = Option<(&'static Function, Tally)>;

/// One shard's counts.
#[derive(Default)]
pub(crate) struct Counters {
    /// A power of two of places, a quarter of them free. A function stands at the first free one from where its address
    /// leads.
    places: Vec<Place>,
    functions: usize,
}

impl Counters {
    #[inline]
    pub(crate) fn of(&mut self, function: &'static Function) -> &mut Tally {
        let mut place = self.place_of(function);
        if !matches!(self.places.get(place), Some(Some(_))) {
            place = self.add(function);
        }
        match &mut self.places[place] {
            Some((_, tally)) => tally,
            None => unreachable!("the function has its place by now"),
        }
    }

    /// Where the function stands, or would; beyond the end while there are no places at all.
    #[inline]
    fn place_of(&self, function: &'static Function) -> usize {
        let mask = self.places.len().wrapping_sub(1);
        let mut place = spread(function) & mask;
        while matches!(self.places.get(place), Some(Some((held, _))) if *held != function) {
            place = (place + 1) & mask;
        }
        place
    }

    /// Makes room for one function more, and gives its place.
    #[cold]
    fn add(&mut self, function: &'static Function) -> usize {
        self.functions += 1;
        if 4 * self.functions > 3 * self.places.len() {
            let room = (2 * self.places.len()).max(4);
            let held = std::mem::replace(&mut self.places, (0..room).map(|_| None).collect());
            for (function, tally) in held.into_iter().flatten() {
                let place = self.place_of(function);
                self.places[place] = Some((function, tally));
            }
        }
        let place = self.place_of(function);
        self.places[place] = Some((function, Tally::default()));
        place
    }

    pub(crate) fn add_to(&self, sums: &mut Sums) {
        for (function, tally) in self.places.iter().flatten() {
            *sums.0.entry((function.module, function.name)).or_default() += *tally;
        }
    }
}

/// Spreads the addresses of functions, which lie at like distances, over the low bits.
#[inline]
fn spread(function: &'static Function) -> usize {
    // Fibonacci hashing, by the golden ratio's digits; the low bits of the product are mixed least.
    std::ptr::from_ref(function).addr().wrapping_mul(0x9e37_79b9) >> 16
}

/// The counts of several shards by the functions' modules and names.
#[derive(Default)]
pub(crate) struct Sums(BTreeMap<(&'static str, &'static str), Tally>);

impl From<Sums> for Counts {
    fn from(sums: Sums) -> Self {
        let mut counts = Self::default();
        for ((module, name), tally) in sums.0 {
            counts.sum += tally;
            counts.functions.push(FunctionCounts { name, module, tally });
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function::{Options, Site};

    fn functions(count: usize) -> Vec<&'static Function> {
        let site = Site { name: "function", module: "tests", file: "", line: 0 };
        let function = || &*Box::leak(Box::new(Options::DEFAULT.of(site)));
        (0..count).map(|_| function()).collect()
    }

    #[test]
    fn each_function_has_a_tally_of_its_own() {
        let functions = functions(1000);
        let mut counters = Counters::default();
        for (calls, function) in functions.iter().enumerate() {
            for _ in 0..calls {
                counters.of(function).reject();
            }
        }
        for (calls, function) in functions.iter().enumerate() {
            assert_eq!(counters.of(function).called, calls as u64);
        }
    }

    #[test]
    fn the_room_is_that_of_the_functions_called_here_however_many_the_process_has() {
        let functions = functions(20_000);
        let mut all = Counters::default();
        for function in &functions {
            all.of(function).reject();
        }
        let mut one = Counters::default();
        one.of(functions[19_999]).reject();
        assert!(one.places.len() <= 4, "{} places for one function", one.places.len());
        assert!(all.places.len() <= 4 * functions.len());
    }
}

//! One shard's counts.

use super::counts::{Counts, FunctionCounts, Tally};
use crate::function::Function;

/// One shard's counts, by the functions' numbers.
#[derive(Default)]
pub(crate) struct Counters(Vec<Option<(&'static Function, Tally)>>);

impl Counters {
    #[inline]
    pub(crate) fn of(&mut self, function: &'static Function) -> &mut Tally {
        let index = function.index();
        if index >= self.0.len() {
            self.0.resize_with(index + 1, || None);
        }
        &mut self.0[index].get_or_insert((function, Tally::default())).1
    }

    pub(crate) fn add_to(&self, counts: &mut Counts) {
        for (function, tally) in self.0.iter().flatten() {
            counts.sum += *tally;
            let known = counts.functions.iter_mut().find(|f| f.name == function.name && f.module == function.module);
            match known {
                Some(known) => known.tally += *tally,
                None => counts.functions.push(FunctionCounts {
                    name: function.name,
                    module: function.module,
                    tally: *tally,
                }),
            }
        }
    }
}

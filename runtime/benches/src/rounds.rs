//! Interleaved rounds: what disturbs the machine for a while disturbs all contenders alike.

use std::time::Instant;

/// Times each of `contenders` once a round; gives nanoseconds per unit, by contender and round. A run does `units`.
#[allow(clippy::cast_precision_loss)] // nanoseconds, shown with three digits
pub fn interleaved(rounds: usize, units: usize, contenders: &mut [Box<dyn FnMut() + '_>]) -> Vec<Vec<f64>> {
    let mut times = vec![Vec::with_capacity(rounds); contenders.len()];
    for _ in 0..rounds {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            let start = Instant::now();
            contender();
            times.push(start.elapsed().as_nanos() as f64 / units as f64);
        }
    }
    times
}

/// The median.
#[must_use]
pub fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// The median of the rounds' ratios.
#[must_use]
pub fn ratio(of: &[f64], to: &[f64]) -> f64 {
    let ratios: Vec<f64> = of.iter().zip(to).map(|(of, to)| of / to).collect();
    median(&ratios)
}

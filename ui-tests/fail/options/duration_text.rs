use detached::background;

#[background(timeout = "0s")]
async fn zero() {}

#[background(timeout = "")]
async fn empty() {}

#[background(timeout = "5")]
async fn no_unit() {}

#[background(timeout = "5 parsecs")]
async fn unknown_unit() {}

#[background(timeout = "5S")]
async fn unit_in_capitals() {}

#[background(timeout = "5 sec")]
async fn long_unit() {}

#[background(timeout = "5M")]
async fn month() {}

#[background(timeout = "-5s")]
async fn negative() {}

#[background(timeout = "1e3s")]
async fn exponent() {}

#[background(timeout = "99999999999999999999s")]
async fn too_long() {}

#[background(timeout = "0.5ns")]
async fn too_fine() {}

#[background(timeout = "٥s")]
async fn other_digits() {}

#[background(timeout = "5s!")]
async fn garbage() {}

#[background(timeout = "5.s")]
async fn bare_point() {}

#[background(timeout = "soon")]
async fn word() {}

#[background(timeout = -5)]
async fn negative_number() {}

#[background(timeout = "5с")]
async fn cyrillic() {}

#[background(timeout = "1,5s")]
async fn decimal_comma() {}

#[background(timeout = "1,000ms")]
async fn comma_in_doubt() {}

#[background(timeout = ".5m")]
async fn leading_point() {}

#[background(timeout = "10_000ms")]
async fn underscore() {}

#[background(timeout = "1:30")]
async fn clock_time() {}

#[background(timeout = "00:01:30")]
async fn whole_clock_time() {}

#[background(timeout = "2.5e3ms")]
async fn exponent_of_a_fraction() {}

#[background(timeout = "1 minute and 30 seconds")]
async fn words() {}

#[background(timeout = "5s", grace = "1")]
async fn grace() {}

#[background(timeout = "5s", limit = 1, overflow = "wait", start_timeout = "0s")]
async fn start_timeout() {}

fn main() {}

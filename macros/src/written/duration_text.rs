//! Durations as text: humantime's syntax, with one spelling for each unit, read at compile time.

use std::time::Duration;

const NANOS_PER_SECOND: u128 = 1_000_000_000;

/// Each unit and its length in nanoseconds. A text that is accepted here means the same to humantime; its long names
/// are left out, and with them `M`, a month, which one reads as minutes.
const UNITS: [(&str, u128); 9] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", NANOS_PER_SECOND),
    ("m", 60 * NANOS_PER_SECOND),
    ("h", 3_600 * NANOS_PER_SECOND),
    ("d", 86_400 * NANOS_PER_SECOND),
    ("w", 7 * 86_400 * NANOS_PER_SECOND),
];

/// Reads `text`; the error says what was found and what to write.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    if text.trim().is_empty() {
        return Err("the duration is empty; write a number and a unit, as in `\"5s\"`".to_owned());
    }
    let mut nanos = 0_u128;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (number, after_number) = split_number(rest)?;
        let (unit, after_unit) = split_unit(after_number);
        let part = in_nanos(&number, unit_length(&number, unit, after_unit)?).ok_or_else(|| out_of_range(text))?;
        nanos = nanos.checked_add(part).ok_or_else(|| out_of_range(text))?;
        rest = after_unit.trim_start();
    }
    in_duration(nanos).ok_or_else(|| out_of_range(text))
}

/// A number as written: `1.5` is `whole: "1", fraction: "5"`.
struct Number<'a> {
    written: &'a str,
    whole: &'a str,
    fraction: &'a str,
}

fn split_number(text: &str) -> Result<(Number<'_>, &str), String> {
    let (whole, after_whole) = split_while(text, |c| c.is_ascii_digit());
    if whole.is_empty() {
        return Err(not_a_number(text));
    }
    let (fraction, rest) = match after_whole.strip_prefix('.') {
        Some(after_point) => split_while(after_point, |c| c.is_ascii_digit()),
        None => ("", after_whole),
    };
    let written = &text[..text.len() - rest.len()];
    if written.ends_with('.') {
        return Err(format!(
            "`{written}` has no digit after the point; write `{whole}` or a fraction, as in `{whole}.5`"
        ));
    }
    let number = Number { written, whole, fraction };
    Ok((number, rest.trim_start()))
}

fn split_unit(text: &str) -> (&str, &str) {
    split_while(text, char::is_alphabetic)
}

fn split_while(text: &str, matches: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !matches(c)).unwrap_or(text.len()))
}

fn unit_length(number: &Number<'_>, unit: &str, rest: &str) -> Result<u128, String> {
    let written = number.written;
    if let Some((_, length)) = UNITS.iter().find(|(name, _)| *name == unit) {
        return Ok(*length);
    }
    if unit.is_empty() && !rest.is_empty() {
        return Err(format!("`{rest}` is no unit; write a number and a unit, as in `{written}s`"));
    }
    if unit.is_empty() {
        return Err(format!(
            "`{written}` has no unit; write `{written}s` for seconds or `{written}ms` for milliseconds"
        ));
    }
    let exponent = matches!(unit, "e" | "E") && rest.starts_with(|c: char| "+-0123456789".contains(c));
    if exponent {
        return Err(format!("`{written}{unit}{rest}` has an exponent; write all digits, as in `1000s`"));
    }
    let meant = meant_unit(unit);
    let advice = meant.map_or_else(
        || "write one of `ns`, `us`, `ms`, `s`, `m`, `h`, `d`, `w`".to_owned(),
        |unit| format!("write `{written}{unit}`"),
    );
    Err(format!("unknown unit `{unit}`; {advice}"))
}

/// The unit that a long or miswritten name stands for.
fn meant_unit(unit: &str) -> Option<&'static str> {
    Some(match unit.to_lowercase().as_str() {
        "nanos" | "nsec" | "ns" => "ns",
        "micros" | "usec" | "us" => "us",
        "millis" | "msec" | "ms" => "ms",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "w" | "wk" | "wks" | "week" | "weeks" => "w",
        _ => return None,
    })
}

fn not_a_number(text: &str) -> String {
    let advice = "write a number and a unit, as in `\"5s\"`";
    match text.chars().next() {
        Some('-') => "a duration cannot be negative; write it without the `-`".to_owned(),
        Some(digit) if digit.is_numeric() => {
            format!("`{digit}` is no ASCII digit; write the number with `0` to `9`, as in `\"5s\"`")
        }
        Some(c) if c.is_alphabetic() => format!("`{text}` has no number; {advice}"),
        _ => format!("`{text}` is no duration; {advice}"),
    }
}

fn out_of_range(text: &str) -> String {
    format!(
        "`{text}` cannot be represented; a duration is a whole number of nanoseconds and fits `std::time::Duration`"
    )
}

/// Nothing if the number is too large, or finer than a nanosecond.
fn in_nanos(number: &Number<'_>, unit: u128) -> Option<u128> {
    let whole = number.whole.parse::<u128>().ok()?.checked_mul(unit)?;
    let fraction = number.fraction.trim_end_matches('0');
    if fraction.is_empty() {
        return Some(whole);
    }
    let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let scaled = fraction.parse::<u128>().ok()?.checked_mul(unit)?;
    (scaled % scale == 0).then(|| whole.checked_add(scaled / scale))?
}

fn in_duration(nanos: u128) -> Option<Duration> {
    let seconds = u64::try_from(nanos / NANOS_PER_SECOND).ok()?;
    let rest = u32::try_from(nanos % NANOS_PER_SECOND).ok()?;
    Some(Duration::new(seconds, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_humantime_reads() {
        for text in
            ["5s", "1m 30s", "250ms", "1.5s", "0s", " 2h37m ", "1 d", "3w", "7us", "7µs", "1.000s", "0.25m", "1ns"]
        {
            assert_eq!(parse(text), Ok(humantime::parse_duration(text).unwrap()), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, part) in [
            ("", "is empty"),
            ("  ", "is empty"),
            ("5", "`5` has no unit; write `5s`"),
            ("1m 30", "`30` has no unit"),
            ("5 parsecs", "unknown unit `parsecs`; write one of"),
            ("5S", "unknown unit `S`; write `5s`"),
            ("5 sec", "unknown unit `sec`; write `5s`"),
            ("5M", "unknown unit `M`; write `5m`"),
            ("-5s", "cannot be negative"),
            ("1e3s", "has an exponent"),
            ("99999999999999999999999s", "cannot be represented"),
            ("999999999999999999999999999999999999999999s", "cannot be represented"),
            ("18446744073709551615s 1000ms", "cannot be represented"),
            ("0.5ns", "cannot be represented"),
            ("٥s", "is no ASCII digit"),
            ("5s!", "`!` is no duration"),
            ("5.s", "has no digit after the point"),
            ("5!", "`!` is no unit"),
            ("soon", "`soon` has no number"),
        ] {
            let message = parse(text).expect_err(text);
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}

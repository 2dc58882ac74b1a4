//! Durations as text: humantime's syntax, with one spelling for each unit, read at compile time.

use std::time::Duration;

use super::duration_meant::meant;

const NANOS_PER_SECOND: u128 = 1_000_000_000;

/// Each unit and its length in nanoseconds. A text that is accepted here means the same to humantime (which knows the first
/// of the two micro signs, and not the other that looks the same); its long names are left out, and with them `M`, a month,
/// which one reads as minutes.
const UNITS: [(&str, u128); 10] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", NANOS_PER_SECOND),
    ("m", 60 * NANOS_PER_SECOND),
    ("h", 3_600 * NANOS_PER_SECOND),
    ("d", 86_400 * NANOS_PER_SECOND),
    ("w", 7 * 86_400 * NANOS_PER_SECOND),
];

const EXAMPLE: &str = "write a number and a unit, as in `\"5s\"`";

/// What was found, and what to write if nothing better is known.
struct Problem {
    found: String,
    advice: String,
}

/// Reads `text`; the error says what was found and what to write.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    read(text).map_err(|Problem { found, advice }| {
        let meant = meant(text).filter(|meant| read(meant).is_ok());
        let advice = meant.map_or(advice, |meant| format!("write `{meant}`"));
        format!("{found}; {advice}")
    })
}

fn read(text: &str) -> Result<Duration, Problem> {
    let mut nanos = 0_u128;
    let mut rest = text.trim();
    if rest.is_empty() {
        return problem("the duration is empty", EXAMPLE);
    }
    while !rest.is_empty() {
        let (number, after_number) = split_number(rest)?;
        let (unit, after_unit) = split_while(after_number, char::is_alphabetic);
        let length = unit_length(&number, unit, after_unit)?;
        nanos = nanos.checked_add(in_nanos(&number, unit, length)?).ok_or_else(|| too_long(text.trim()))?;
        rest = after_unit.trim_start();
    }
    in_duration(nanos).ok_or_else(|| too_long(text.trim()))
}

/// A number as written: `1.5` is `whole: "1", fraction: "5"`.
struct Number<'a> {
    written: &'a str,
    whole: &'a str,
    fraction: &'a str,
}

fn split_number(text: &str) -> Result<(Number<'_>, &str), Problem> {
    let (whole, after_whole) = split_while(text, |c| c.is_ascii_digit());
    if whole.is_empty() {
        return Err(no_number(text));
    }
    let (fraction, rest) = match after_whole.strip_prefix('.') {
        Some(after_point) => split_while(after_point, |c| c.is_ascii_digit()),
        None => ("", after_whole),
    };
    let written = &text[..text.len() - rest.len()];
    if written.ends_with('.') {
        return problem(format!("`{written}` has no digit after the point"), EXAMPLE);
    }
    let goes_on =
        |mark| rest.strip_prefix(mark).is_some_and(|rest: &str| rest.starts_with(|c: char| c.is_ascii_digit()));
    let (number, _) = split_while(text, |c| c.is_ascii_digit() || ".,:_".contains(c));
    if goes_on('_') {
        return problem(format!("`{number}` has a `_` in it"), "write the digits without it");
    } else if goes_on(',') {
        let advice = match rest.split_once(',') {
            Some((_, digits)) if split_while(digits, |c| c.is_ascii_digit()).0.len() == 3 => {
                "write a fraction with a point, and thousands without a comma"
            }
            _ => "write a fraction with a point",
        };
        return problem(format!("`{number}` has a comma in it"), advice);
    } else if goes_on(':') {
        let advice = match number.split_once(':') {
            Some((first, second)) if !second.contains(':') => {
                format!("write `{first}h {second}m` or `{first}m {second}s`")
            }
            _ => "write each part with its unit".to_owned(),
        };
        return problem(format!("`{number}` is a clock time"), advice);
    }
    let number = Number { written, whole, fraction };
    Ok((number, rest.trim_start()))
}

fn split_while(text: &str, matches: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !matches(c)).unwrap_or(text.len()))
}

fn unit_length(number: &Number<'_>, unit: &str, rest: &str) -> Result<u128, Problem> {
    let written = number.written;
    if let Some((_, length)) = UNITS.iter().find(|(name, _)| *name == unit) {
        return Ok(*length);
    }
    let units = "write one of `ns`, `us`, `ms`, `s`, `m`, `h`, `d`, `w`";
    if unit.is_empty() && !rest.is_empty() {
        return problem(format!("`{rest}` is no unit"), units);
    }
    if unit.is_empty() {
        let advice = format!("write `{written}s` for seconds or `{written}ms` for milliseconds");
        return problem(format!("`{written}` has no unit"), advice);
    }
    if matches!(unit, "e" | "E") && rest.starts_with(|c: char| "+-0123456789".contains(c)) {
        return problem(format!("`{written}{unit}{rest}` has an exponent"), "write all digits");
    }
    if unit == "M" {
        let advice = format!("write `{written}m` for minutes, or months as days");
        return problem("`M` may be minutes or months", advice);
    }
    match unit.chars().find(|c| !c.is_ascii()) {
        Some(other) => problem(format!("`{other}` (U+{:04X}) in the unit is no Latin letter", u32::from(other)), units),
        None => problem(format!("unknown unit `{unit}`"), units),
    }
}

fn no_number(text: &str) -> Problem {
    let (found, advice) = match text.chars().next() {
        Some('-' | '\u{2212}' | '\u{2013}') => {
            ("a duration cannot be negative".to_owned(), "write it without the sign")
        }
        Some('+') => ("a duration has no sign".to_owned(), "write it without the `+`"),
        Some('.') => (format!("`{text}` has no digit before the point"), EXAMPLE),
        Some(digit) if digit.is_numeric() => {
            (format!("`{digit}` is no ASCII digit"), "write the number with `0` to `9`")
        }
        Some(c) if c.is_alphabetic() => (format!("`{text}` does not begin with a number"), EXAMPLE),
        _ => (format!("`{text}` is no duration"), EXAMPLE),
    };
    Problem { found, advice: advice.to_owned() }
}

fn problem<T>(found: impl Into<String>, advice: impl Into<String>) -> Result<T, Problem> {
    Err(Problem { found: found.into(), advice: advice.into() })
}

fn too_long(text: &str) -> Problem {
    let seconds = u64::MAX;
    Problem { found: format!("`{text}` is too long"), advice: format!("write at most `{seconds}s`") }
}

fn in_nanos(number: &Number<'_>, unit: &str, length: u128) -> Result<u128, Problem> {
    let Number { written, whole, fraction } = number;
    let written = format!("{written}{unit}");
    let whole = whole.parse::<u128>().ok().and_then(|whole| whole.checked_mul(length));
    let whole = whole.ok_or_else(|| too_long(&written))?;
    // The digits of a fraction that is a whole number of nanoseconds are few.
    let fraction = fraction.trim_end_matches('0');
    let scale = u32::try_from(fraction.len()).ok().and_then(|digits| 10_u128.checked_pow(digits));
    let scaled = if fraction.is_empty() { Some(0) } else { fraction.parse::<u128>().ok() };
    match scale.zip(scaled.and_then(|scaled| scaled.checked_mul(length))) {
        Some((scale, scaled)) if scaled % scale == 0 => {
            whole.checked_add(scaled / scale).ok_or_else(|| too_long(&written))
        }
        _ => problem(format!("`{written}` has a fraction of a nanosecond"), "write fewer digits"),
    }
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
            ["5s", "1m 30s", "250ms", "1.5s", "0s", " 2h37m ", "1 d", "3w", "7us", "7\u{b5}s", "1.000s", "0.25m", "1ns"]
        {
            assert_eq!(parse(text), Ok(humantime::parse_duration(text).unwrap()), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, message) in [
            ("", "the duration is empty; write a number and a unit, as in `\"5s\"`"),
            ("  ", "the duration is empty; write a number and a unit, as in `\"5s\"`"),
            ("5", "`5` has no unit; write `5s` for seconds or `5ms` for milliseconds"),
            ("1m 30", "`30` has no unit; write `30s` for seconds or `30ms` for milliseconds"),
            ("5 parsecs", "unknown unit `parsecs`; write one of `ns`, `us`, `ms`, `s`, `m`, `h`, `d`, `w`"),
            ("5S", "unknown unit `S`; write `5s`"),
            ("1 min 30 sec", "unknown unit `min`; write `1m 30s`"),
            ("5M", "`M` may be minutes or months; write `5m` for minutes, or months as days"),
            ("-5s", "a duration cannot be negative; write it without the sign"),
            ("\u{2212}5s", "a duration cannot be negative; write it without the sign"),
            ("+5s", "a duration has no sign; write `5s`"),
            ("1e3s", "`1e3s` has an exponent; write `1000s`"),
            ("1e99s", "`1e99s` has an exponent; write all digits"),
            ("99999999999999999999s", "`99999999999999999999s` is too long; write at most `18446744073709551615s`"),
            (
                "18446744073709551615s 1000ms",
                "`18446744073709551615s 1000ms` is too long; write at most `18446744073709551615s`",
            ),
            (
                "9999999999999999999999999999999999999999w",
                "`9999999999999999999999999999999999999999w` is too long; write at most `18446744073709551615s`",
            ),
            ("0.5ns", "`0.5ns` has a fraction of a nanosecond; write fewer digits"),
            (
                "0.0000000000000000000000000000000000000000001s",
                "`0.0000000000000000000000000000000000000000001s` has a fraction of a nanosecond; write fewer digits",
            ),
            ("\u{665}s", "`\u{665}` is no ASCII digit; write `5s`"),
            ("\u{bd}s", "`\u{bd}` is no ASCII digit; write the number with `0` to `9`"),
            ("5\u{441}", "`\u{441}` (U+0441) in the unit is no Latin letter; write `5s`"),
            ("1,5s", "`1,5` has a comma in it; write `1.5s`"),
            ("1,500s", "`1,500` has a comma in it; write a fraction with a point, and thousands without a comma"),
            (".5s", "`.5s` has no digit before the point; write `0.5s`"),
            ("1_000s", "`1_000` has a `_` in it; write `1000s`"),
            ("1:30", "`1:30` is a clock time; write `1h 30m` or `1m 30s`"),
            ("0:01:30", "`0:01:30` is a clock time; write `1m 30s`"),
            ("5s!", "`!` is no duration; write a number and a unit, as in `\"5s\"`"),
            ("5.s", "`5.` has no digit after the point; write `5s`"),
            ("5!", "`!` is no unit; write one of `ns`, `us`, `ms`, `s`, `m`, `h`, `d`, `w`"),
            ("soon", "`soon` does not begin with a number; write a number and a unit, as in `\"5s\"`"),
        ] {
            assert_eq!(parse(text).as_ref().map_err(String::as_str), Err(message), "{text}");
        }
    }
}

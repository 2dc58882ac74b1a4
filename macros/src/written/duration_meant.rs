//! What a text that is no duration was meant as, where there is no doubt about the amount.

/// The same amount in the words of a duration; whether it is one, the caller looks.
pub(super) fn meant(text: &str) -> Option<String> {
    let text: String = text.chars().map(in_latin).collect();
    let text = text.trim();
    if let Some(parts) = clock_time(text) {
        return Some(parts);
    }
    let mut parts = Vec::new();
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    while !rest.is_empty() {
        let (number, after) = number(rest)?;
        let (unit, after) = split_while(after.trim_start(), char::is_alphabetic);
        parts.push(format!("{number}{}", meant_unit(unit)?));
        let after = after.trim_start();
        let after = after.strip_prefix(',').or_else(|| after.strip_prefix("and ")).unwrap_or(after);
        rest = after.trim_start();
    }
    Some(parts.join(" "))
}

/// A letter or digit for one that looks like it or, of another keyboard, stands for it.
fn in_latin(c: char) -> char {
    const LETTERS: [(&str, char); 5] = [
        ("\u{455}\u{441}", 's'), // Cyrillic, of which the second is that of the word for a second
        ("\u{43c}", 'm'),
        ("\u{4bb}", 'h'),
        ("\u{501}", 'd'),
        ("\u{51d}", 'w'),
    ];
    const ZEROS: [char; 4] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{ff10}'];
    if let Some((_, letter)) = LETTERS.iter().find(|(alike, _)| alike.contains(c)) {
        return *letter;
    }
    let digit = ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(u32::from(*zero)).filter(|digit| *digit < 10));
    digit.and_then(|digit| char::from_digit(digit, 10)).unwrap_or(c)
}

/// `01:30:00`. Of two numbers one does not know whether they are hours and minutes, or minutes and seconds.
fn clock_time(text: &str) -> Option<String> {
    let numbers: Vec<_> = text.split(':').collect();
    let [hours, minutes, seconds] = numbers[..] else { return None };
    let all = [(hours, "h"), (minutes, "m"), (seconds, "s")];
    let parts = all.map(|(number, unit)| (number.trim_start_matches('0'), unit));
    let written = parts.iter().filter(|(number, _)| !number.is_empty()).map(|(number, unit)| format!("{number}{unit}"));
    Some(written.collect::<Vec<_>>().join(" "))
}

/// The number in plain digits, and what comes after it.
fn number(text: &str) -> Option<(String, &str)> {
    let (whole, mut rest) = split_while(text, |c| c.is_ascii_digit() || c == '_');
    let mut fraction = "";
    if let Some(after_mark) = rest.strip_prefix(['.', ',']) {
        let (digits, after) = split_while(after_mark, |c| c.is_ascii_digit() || c == '_');
        // `1,500` is one and a half to some, and a thousand and a half to others.
        let doubtful = rest.starts_with(',') && (digits.len() == 3 || digits.is_empty());
        if doubtful {
            return None;
        }
        (fraction, rest) = (digits, after);
    }
    let (whole, fraction) = (whole.replace('_', ""), fraction.replace('_', ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let (exponent, rest) = exponent(rest);
    Some((shifted(&whole, &fraction, exponent)?, rest))
}

/// The `e3` of `1e3s`, but not the `e` of another word.
fn exponent(text: &str) -> (i32, &str) {
    let read = || {
        let (digits, rest) = split_while(text.strip_prefix(['e', 'E'])?, |c| c.is_ascii_digit() || "+-".contains(c));
        Some((digits.parse().ok()?, rest))
    };
    read().unwrap_or((0, text))
}

/// The number with its point moved. Nobody means one of a hundred digits.
fn shifted(whole: &str, fraction: &str, exponent: i32) -> Option<String> {
    let places = usize::try_from(exponent.unsigned_abs()).ok().filter(|places| *places < 100)?;
    let zeros = "0".repeat(places);
    let (whole, fraction) = if exponent < 0 {
        let whole = format!("{zeros}{whole}");
        let (left, right) = whole.split_at(whole.len() - places);
        (left.to_owned(), format!("{right}{fraction}"))
    } else {
        let fraction = format!("{fraction}{zeros}");
        let (left, right) = fraction.split_at(places);
        (format!("{whole}{left}"), right.to_owned())
    };
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

/// The unit that a long or miswritten name stands for. `M` is a minute to some, and a month to others.
fn meant_unit(unit: &str) -> Option<&'static str> {
    if unit == "M" {
        return None;
    }
    Some(match unit.to_lowercase().as_str() {
        "ns" | "nsec" | "nsecs" | "nano" | "nanos" | "nanosecond" | "nanoseconds" => "ns",
        "us" | "\u{b5}s" | "\u{3bc}s" | "usec" | "usecs" | "micro" | "micros" | "microsecond" | "microseconds" => "us",
        "ms" | "msec" | "msecs" | "milli" | "millis" | "millisecond" | "milliseconds" => "ms",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "w" | "wk" | "wks" | "week" | "weeks" => "w",
        _ => return None,
    })
}

fn split_while(text: &str, matches: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !matches(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_amount() {
        for (text, same) in [
            ("5 sec", "5s"),
            ("1 min 30 sec", "1m 30s"),
            ("1m, 30s", "1m 30s"),
            ("1 hour and 5 minutes", "1h 5m"),
            ("5S", "5s"),
            ("7\u{b5}S", "7us"),
            ("5\u{441}", "5s"),
            ("5\u{43c}\u{455}", "5ms"),
            ("\u{665}s", "5s"),
            ("\u{ff11}\u{ff10}m", "10m"),
            ("1,5s", "1.5s"),
            ("1,25 h", "1.25h"),
            (".5s", "0.5s"),
            ("5.s", "5s"),
            ("1_000ms", "1000ms"),
            ("1e3s", "1000s"),
            ("2.5e2ms", "250ms"),
            ("15e-1s", "1.5s"),
            ("1E-3 s", "0.001s"),
            ("+5s", "5s"),
            ("01:02:03", "1h 2m 3s"),
            ("00:00:01.5", "1.5s"),
        ] {
            assert_eq!(meant(text).as_deref(), Some(same), "{text}");
        }
    }

    #[test]
    fn says_nothing_in_doubt() {
        for text in ["5", "1,500s", "1:30", "5M", "5 parsecs", "-5s", "soon", "1e999s", "\u{bd}s", "1/2s", "1,s"] {
            assert_eq!(meant(text), None, "{text}");
        }
    }
}

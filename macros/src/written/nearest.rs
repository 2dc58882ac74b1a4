//! The known word that a miswritten one is closest to.

/// What stands between a wrong word and the list of right ones: the nearest of them, if one is near.
pub(crate) fn suggestion(written: &str, words: &[&str]) -> String {
    did_you_mean(nearest(written, words))
}

pub(crate) fn did_you_mean(meant: Option<&str>) -> String {
    match meant {
        Some(word) => format!(", did you mean `{word}`?"),
        None => ";".to_owned(),
    }
}

/// The words as a message shows them: `a`, `b`, `c`.
pub(crate) fn listed(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

pub(crate) fn nearest<'a>(written: &str, words: &[&'a str]) -> Option<&'a str> {
    // A name that shares less than two thirds of its letters is another word, not a slip.
    let tolerated = written.chars().count().div_ceil(3);
    words
        .iter()
        .map(|word| (edits(&written.to_lowercase(), word), *word))
        .filter(|(edits, _)| *edits <= tolerated)
        .min()
        .map(|(_, word)| word)
}

/// Letters to insert, remove, replace, or swap with their neighbour (the optimal string alignment distance).
fn edits(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let replaced = last[j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut best = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                best = best.min(before_last[j - 2] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_slip_and_nothing_else() {
        let words = ["timeout", "trace", "limit"];
        for (written, expected) in [
            ("timout", Some("timeout")),
            ("tiemout", Some("timeout")),
            ("Timeout", Some("timeout")),
            ("limits", Some("limit")),
            ("retries", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, &words), expected, "{written}");
        }
    }
}

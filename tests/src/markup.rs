//! What a reader sees of markup, without a browser.

/// The text of the first element that begins with `start`, up to `end`, on one line.
pub fn text_between(document: &str, start: &str, end: &str) -> String {
    let Some((_, after)) = document.split_once(start) else { return String::new() };
    let inside = after.split_once(end).map_or(after, |(inside, _)| inside);
    let (mut text, mut in_tag) = (String::new(), false);
    for c in inside.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                text.push(' ');
            }
            _ if !in_tag => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

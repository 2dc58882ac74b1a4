//! What a client wants to have: the page, or its JSON.

use http::HeaderMap;
use http::header::ACCEPT;

/// Whether the client asks for JSON rather than for a page. A browser does not, nor does who takes anything.
pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    let ranges =
        headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let ranges: Vec<Range<'_>> = ranges.filter_map(Range::parse).collect();
    let (json, html) = (wish(&ranges, "application", "json"), wish(&ranges, "text", "html"));
    // A range that names the type is worth more than one that takes it along.
    json.quality > 0.0 && (json.quality, json.precision) > (html.quality, html.precision)
}

/// One range of media types, `text/*;q=0.8`.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    quality: f32,
}

impl<'a> Range<'a> {
    fn parse(range: &'a str) -> Option<Self> {
        let mut parts = range.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let quality =
            parts.filter_map(|parameter| parameter.split_once('=')).find(|(name, _)| name.eq_ignore_ascii_case("q"));
        let quality = quality.map_or(1.0, |(_, quality)| quality.trim().parse().unwrap_or(0.0));
        Some(Self { kind, subtype, quality })
    }

    /// How precisely it names the type, if it does: `text/html` before `text/*` before `*/*`.
    fn precision(&self, kind: &str, subtype: &str) -> Option<u8> {
        match (self.kind.eq_ignore_ascii_case(kind), self.subtype.eq_ignore_ascii_case(subtype)) {
            (true, true) => Some(2),
            (true, _) if self.subtype == "*" => Some(1),
            _ if (self.kind, self.subtype) == ("*", "*") => Some(0),
            _ => None,
        }
    }
}

/// How much a type is wanted.
struct Wish {
    quality: f32,
    precision: u8,
}

/// As the most precise range says it.
fn wish(ranges: &[Range<'_>], kind: &str, subtype: &str) -> Wish {
    let named = ranges.iter().filter_map(|range| Some((range.precision(kind, subtype)?, range.quality)));
    let best = named.max_by_key(|(precision, _)| *precision);
    best.map_or(Wish { quality: 0.0, precision: 0 }, |(precision, quality)| Wish { quality, precision })
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::ACCEPT;

    use super::wants_json;

    fn wants(accept: &[&str]) -> bool {
        let headers: HeaderMap = accept.iter().map(|value| (ACCEPT, value.parse().expect("a value"))).collect();
        wants_json(&headers)
    }

    #[test]
    fn json_is_for_who_asks_for_it() {
        for accept in [
            &["application/json"][..],
            &["Application/JSON; charset=utf-8"],
            &["application/json, text/plain, */*"],
            &["application/*"],
            &["text/html;q=0.5, application/json;q=0.9"],
            &["text/plain", "application/json"],
            &["application/json;q=0.1"],
        ] {
            assert!(wants(accept), "{accept:?}");
        }
    }

    #[test]
    fn the_page_is_for_all_others() {
        for accept in [
            &[][..],
            &["*/*"],
            &["text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"],
            &["text/html, application/json"],
            &["application/json;q=0, */*"],
            &["application/json;q=oops"],
            &["text/*"],
            &["json"],
        ] {
            assert!(!wants(accept), "{accept:?}");
        }
    }
}

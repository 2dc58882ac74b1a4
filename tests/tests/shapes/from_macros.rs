//! Background functions that `macro_rules!` writes.

use detached::background;

macro_rules! of_every_fragment {
    (
        $(#[$meta:meta])*
        $visibility:vis $name:ident<$lifetime:lifetime>(
            $pattern:pat => $type:ty, $only:pat_param => $path:path, $borrowed:ident: $reference:ty $(, $tt:tt)*
        ) -> $returned:ty;
        $timeout:literal
        { $item:item $statement:stmt; $block:block $expression:expr }
    ) => {
        $(#[$meta])*
        #[background(timeout = $timeout)]
        $visibility async fn $name<$lifetime: 'static>(
            $pattern: $type,
            $only: $path,
            $borrowed: $reference,
            kept: &$lifetime str,
        ) -> $returned {
            $item
            $statement
            let block = $block;
            let _ = ($($tt,)* kept);
            $expression + block + doubled(1)
        }
    };
}

of_every_fragment! {
    /// Documented.
    #[must_use]
    pub(crate) fragments<'a>((a, b) => (u8, u8), mut c => u8, text: &str, 1, [2]) -> u8;
    "1m"
    {
        fn doubled(value: u8) -> u8 {
            value * 2
        }
        let sum = a + b;
        { c += 1; c }
        sum + text.len() as u8
    }
}

#[tokio::test]
async fn every_kind_of_fragment() {
    assert_eq!(fragments((1, 2), 3, "ab", "").await.unwrap(), 11);
}

macro_rules! whole_item {
    ($item:item) => {
        #[background(timeout = "1m")]
        $item
    };
}

whole_item! {
    async fn an_item(text: &str) -> usize {
        text.len()
    }
}

macro_rules! whole_body {
    ($name:ident $body:block) => {
        #[background(timeout = "1m")]
        async fn $name() -> u8 $body
    };
}

whole_body!(a_body {
    let value = 1;
    value + 1
});

macro_rules! options {
    ($name:ident, $timeout:expr, [$($inherited:literal),*], $limit:literal, $label:literal) => {
        #[background(timeout = $timeout, inherit = [$($inherited),*], limit = $limit, name = $label)]
        async fn $name() -> u8 {
            1
        }
    };
}

const BOUND: std::time::Duration = std::time::Duration::from_secs(60);
options!(with_options, BOUND, ["user_id?", "page?"], 3, "labelled");
options!(with_text_options, "1m", [], 3, "labelled");

#[tokio::test]
async fn invisible_groups() {
    assert_eq!(an_item("ab").await.unwrap(), 2);
    assert_eq!(a_body().await.unwrap(), 2);
    assert_eq!(with_options().name(), "labelled");
    assert_eq!(with_options().await.unwrap(), 1);
    assert_eq!(with_text_options().await.unwrap(), 1);
}

macro_rules! types {
    ($name:ident, $owned:ty, $borrowed:ty, $lasting:ty, $inside:ty, $returned:ty) => {
        #[background(timeout = "1m")]
        pub async fn $name(owned: $owned, borrowed: $borrowed, again: &$inside, lasting: $lasting) -> $returned {
            owned.len() + borrowed.len() + again.len() + lasting.len()
        }
    };
}

types!(of_types, Vec<u8>, &[u8], &'static str, str, usize);
#[allow(unused_parens)]
mod in_parentheses {
    use detached::background;
    types!(of_types_in_parentheses, (Vec<u8>), (&[u8]), (&'static str), (str), (usize));
}

macro_rules! never_returns {
    ($name:ident, $never:ty) => {
        #[background(timeout = "1m")]
        async fn $name() -> $never {
            panic!("as it says")
        }
    };
}

never_returns!(of_type_never, !);

#[tokio::test]
async fn types_in_groups() {
    let local = String::from("c");
    assert_eq!(of_types(vec![1], &[1, 2], &local, "d").await.unwrap(), 5);
    assert_eq!(in_parentheses::of_types_in_parentheses(vec![1], &[1, 2], &local, "d").await.unwrap(), 5);
    assert!(of_type_never().await.is_err());
}

macro_rules! same_spelling {
    ($name:ident, $given:ident) => {
        #[background(timeout = "1m")]
        async fn $name($given: u8, value: u8) -> (u8, u8) {
            ($given, value)
        }
    };
}

same_spelling!(twice_value, value);

macro_rules! same_spelling_in_patterns {
    ($name:ident, $given:pat, $read:expr) => {
        #[background(timeout = "1m")]
        async fn $name($given: (u8, u8), (value, (1, other) | (_, other)): (u8, (u8, u8))) -> (u8, u8) {
            ($read, value + other)
        }
    };
}

same_spelling_in_patterns!(twice_in_patterns, (value, other), value - other);

macro_rules! same_spelling_borrowed {
    ($name:ident, $given:ident, $body:expr) => {
        #[background(timeout = "1m")]
        async fn $name($given: &str, value: &str, mut __arg1: u8) -> (String, String, u8) {
            __arg1 += 1;
            ($body, value.to_owned(), __arg1)
        }
    };
}

same_spelling_borrowed!(twice_borrowed, value, value.to_owned());

#[tokio::test]
async fn two_arguments_of_one_spelling() {
    assert_eq!(twice_value(1, 2).await.unwrap(), (1, 2));
    assert_eq!(twice_in_patterns((5, 1), (2, (1, 3))).await.unwrap(), (4, 5));
    assert_eq!(twice_borrowed("a", "b", 1).await.unwrap(), ("a".to_owned(), "b".to_owned(), 2));
}

#[derive(Clone)]
struct Receiver(u8);

macro_rules! methods {
    ($self:ident, $body:expr, $by_value:ident, $by_reference:ident, $typed:ident) => {
        impl Receiver {
            #[background(timeout = "1m")]
            async fn $by_value($self) -> u8 {
                $body
            }

            #[background(timeout = "1m")]
            async fn $by_reference(&$self) -> u8 {
                $body
            }

            #[background(timeout = "1m")]
            async fn $typed($self: std::sync::Arc<Self>) -> u8 {
                $body
            }
        }
    };
}

methods!(self, self.0, by_value, by_reference, typed);

macro_rules! in_the_body {
    ($value:expr) => {
        $value + 1
    };
}

impl Receiver {
    #[background(timeout = "1m")]
    async fn through_macros(&self) -> u8 {
        macro_rules! local {
            ($this:ident) => {
                in_the_body!($this.0)
            };
        }
        local!(self) + in_the_body!(self.0)
    }
}

#[tokio::test]
async fn self_through_a_macro() {
    assert_eq!(Receiver(1).by_value().await.unwrap(), 1);
    assert_eq!(Receiver(1).by_reference().await.unwrap(), 1);
    assert_eq!(std::sync::Arc::new(Receiver(1)).typed().await.unwrap(), 1);
    assert_eq!(Receiver(1).through_macros().await.unwrap(), 4);
}

macro_rules! signature_by_tokens {
    ($($token:tt)*) => {
        #[background(timeout = "1m")]
        $($token)*
    };
}

signature_by_tokens! {
    pub(crate) async fn by_tokens<T: Clone + Send + 'static>(value: &T, [a, ..]: [u8; 2]) -> Vec<T> where T: Sync {
        vec![value.clone(); usize::from(a)]
    }
}

macro_rules! pattern_macro {
    ($a:ident, $b:ident) => {
        ($a, $b)
    };
}

macro_rules! type_macro {
    ($type:ty) => {
        ($type, $type)
    };
}

#[background(timeout = "1m")]
async fn written_by_macros(pattern_macro!(a, b): type_macro!(u8), borrowed: &type_macro!(u8)) -> type_macro!(u8) {
    (a + b, borrowed.0)
}

#[tokio::test]
async fn macros_in_signatures() {
    assert_eq!(by_tokens(&'x', [2, 0]).await.unwrap(), ['x', 'x']);
    assert_eq!(written_by_macros((1, 2), &(3, 4)).await.unwrap(), (3, 3));
}

// What no parser but the compiler's reads, for no parser but the compiler's is asked.
#[background(timeout = "1m")]
async fn only_the_compiler_parses_it(value: u8) -> u8 {
    let raw = &raw const value;
    let copied = const { 1 + 1 };
    if raw.is_null() { 0 } else { value + copied }
}

#[tokio::test]
async fn bodies_that_only_the_compiler_parses() {
    assert_eq!(only_the_compiler_parses_it(1).await.unwrap(), 3);
}

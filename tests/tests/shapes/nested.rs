//! Functions in functions, in constants and in closures; functions that call themselves; unsafe ones.

use detached::{Task, background};

#[tokio::test]
async fn in_a_function() {
    #[background(timeout = "1m")]
    async fn inner(value: u8) -> u8 {
        #[background(timeout = "1m")]
        async fn innermost(value: u8) -> u8 {
            value + 1
        }
        innermost(value).await.unwrap() + 1
    }
    assert_eq!(inner(1).await.unwrap(), 3);
}

const IN_A_CONSTANT: fn(u8) -> Task<u8> = {
    #[background(timeout = "1m")]
    async fn inner(value: u8) -> u8 {
        value + 1
    }
    inner
};

static IN_A_STATIC: fn(&str) -> Task<usize> = {
    #[background(timeout = "1m")]
    async fn inner(value: &str) -> usize {
        value.len()
    }
    inner
};

const _: () = {
    #[background(timeout = "1m")]
    async fn _inner() {}
};

#[tokio::test]
async fn in_constants_and_closures() {
    assert_eq!(IN_A_CONSTANT(1).await.unwrap(), 2);
    assert_eq!(IN_A_STATIC("ab").await.unwrap(), 2);
    let closure = |value| {
        #[background(timeout = "1m")]
        async fn inner(value: u8) -> u8 {
            value + 1
        }
        inner(value)
    };
    assert_eq!(closure(1).await.unwrap(), 2);
    let block = async {
        #[background(timeout = "1m")]
        async fn inner() -> u8 {
            1
        }
        inner().await
    };
    assert_eq!(block.await.unwrap(), 1);
}

#[background(timeout = "1m")]
async fn items_inside(value: u8) -> u8 {
    use std::convert::TryFrom;
    const MORE: u8 = 1;
    static STATIC: u8 = 1;
    struct Local(u8);
    impl Local {
        async fn get(&self) -> u8 {
            self.0
        }
    }
    macro_rules! add {
        ($a:expr) => {
            $a + MORE + STATIC
        };
    }
    'outer: loop {
        loop {
            break 'outer;
        }
    }
    let found = 'found: {
        if value > 100 {
            break 'found 0;
        }
        value
    };
    Local(add!(u8::try_from(u32::from(found)).unwrap())).get().await
}

#[tokio::test]
async fn with_items_and_labels_inside() {
    assert_eq!(items_inside(1).await.unwrap(), 3);
}

#[background(timeout = "1m")]
async fn factorial(n: u64) -> u64 {
    if n == 0 { 1 } else { n * factorial(n - 1).await.unwrap() }
}

#[background(timeout = "1m")]
async fn is_even(n: u64) -> bool {
    match n {
        0 => true,
        n => is_odd(n - 1).await.unwrap(),
    }
}

#[background(timeout = "1m")]
async fn is_odd(n: u64) -> bool {
    match n {
        0 => false,
        n => is_even(n - 1).await.unwrap(),
    }
}

#[background(timeout = "1m")]
async fn spawns_itself<T: Clone + Send + 'static>(left: u8, value: &T) -> Vec<T> {
    let mut values = vec![value.clone()];
    if left > 0 {
        values.extend(spawns_itself(left - 1, value).await.unwrap());
    }
    values
}

#[tokio::test]
async fn recursion() {
    assert_eq!(factorial(5).await.unwrap(), 120);
    assert!(is_even(10).await.unwrap());
    assert!(is_odd(7).await.unwrap());
    assert_eq!(spawns_itself(2, &'x').await.unwrap(), ['x', 'x', 'x']);
}

/// # Safety
///
/// The value is less than 10.
#[background(timeout = "1m")]
async unsafe fn trusting(value: u8) -> u8 {
    unsafe fn deeper(value: u8) -> u8 {
        value
    }
    unsafe { deeper(value) }
}

struct Trusting;

impl Trusting {
    #[background(timeout = "1m")]
    pub async unsafe fn method(self) -> u8 {
        1
    }
}

#[background(timeout = "1m")]
#[expect(improper_ctypes_definitions)]
async extern "C" fn of_another_abi(value: u8) -> u8 {
    value
}

#[tokio::test]
async fn unsafe_and_foreign() {
    // SAFETY: it is.
    assert_eq!(unsafe { trusting(1) }.await.unwrap(), 1);
    // SAFETY: nothing to keep.
    assert_eq!(unsafe { Trusting.method() }.await.unwrap(), 1);
    assert_eq!(of_another_abi(1).await.unwrap(), 1);
}

#[background(timeout = "5s")]
async fn patterns(plain: A, mut changed: B, (left, _): (C, D), _: E, __own: F, r#type: &G, [first, ..]: &[H]) {}

#[background(timeout = "5s")]
async fn attributes(#[cfg(unix)] #[allow(unused)] a: A, #[cfg_attr(unix, expect(unused))] b: &B) {}

#[background(timeout = "5s")]
async fn generic<'s, T: Send + 'static, const N: usize>(a: [T; N], b: impl Fn(&str) -> bool, c: &'s str, d: &'static str)
where
    T: Clone,
{
}

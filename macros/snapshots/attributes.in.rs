#[background(timeout = "5s")]
/// Documented.
#[must_use]
#[track_caller]
pub(crate) async unsafe fn documented() -> u8 {
    #![allow(unused)]
    //! Inner.
    let x = 1;
    x
}

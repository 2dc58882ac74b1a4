/// Documented.
#[must_use]
#[track_caller]
pub(crate) unsafe fn documented() -> ::detached::Task<u8> {
    #![allow(unused)]
    //! Inner.
    let __body = async move {
        {
            ::detached::private::return_type!(u8);
            ({
                let x = 1;
                x
            })
        }
    };
    return {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .of(::detached::private::site!("documented"));
        FUNCTION.begin_call().spawn(*&::detached::private::classify!(__body), __body)
    };
}


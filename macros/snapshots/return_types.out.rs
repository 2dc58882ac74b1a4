#[track_caller]
fn nothing() -> ::detached::Task<()> {
    let __body = async move {
        {
            ::detached::private::return_type!(());
            ({})
        }
    };
    return {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .of(::detached::private::site!("nothing"));
        FUNCTION.begin_call().spawn(*&::detached::private::classify!(__body), __body)
    };
}

#[track_caller]
fn never() -> ::detached::Task<::core::convert::Infallible> {
    let __body = async move {
        {
            ::detached::private::return_type!(::core::convert::Infallible);
            ({ loop {} })
        }
    };
    return {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .of(::detached::private::site!("never"));
        FUNCTION.begin_call().spawn(*&::detached::private::classify!(__body), __body)
    };
}

#[track_caller]
fn opaque() -> ::detached::Task<
    Result<impl Display + 'static, Box<dyn Iterator<Item = impl Debug + 'static>>>,
> {
    let __body = async move {
        {
            ::detached::private::return_type!(
                Result < _, Box < dyn Iterator < Item = _ > > >
            );
            ({ Ok(1) })
        }
    };
    return {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .of(::detached::private::site!("opaque"));
        FUNCTION.begin_call().spawn(*&::detached::private::classify!(__body), __body)
    };
}


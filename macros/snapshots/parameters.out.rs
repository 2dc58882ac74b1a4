#[track_caller]
fn patterns(
    plain: A,
    changed: B,
    __arg2: (C, D),
    __arg3: E,
    __arg4: F,
    r#type: &G,
    __arg6: &[H],
) -> ::detached::Task<()> {
    let r#type = ::detached::private::borrowed(r#type).__detached_copy();
    let __arg6 = ::detached::private::borrowed(__arg6).__detached_copy();
    let __body = async move {
        {
            let plain = plain;
            let mut changed = changed;
            let mut __arg2 = __arg2;
            let (left, _) = __arg2;
            let mut __arg3 = __arg3;
            let _ = __arg3;
            let __own = ::core::convert::identity(__arg4);
            let r#type = ::detached::private::lend(&r#type);
            let [first, ..] = ::detached::private::lend(&__arg6);
            ::detached::private::return_type!(());
            ({})
        }
    };
    return {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .of(::detached::private::site!("patterns"));
        FUNCTION.begin_call().spawn(*&::detached::private::classify!(__body), __body)
    };
}

#[track_caller]
fn attributes(#[cfg(unix)] a: A, b: &B) -> ::detached::Task<()> {
    let b = ::detached::private::borrowed(b).__detached_copy();
    let __body = async move {
        {
            #[cfg(unix)]
            #[allow(unused)]
            let a = a;
            #[cfg_attr(unix, expect(unused))]
            let b = ::detached::private::lend(&b);
            ::detached::private::return_type!(());
            ({})
        }
    };
    return {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .of(::detached::private::site!("attributes"));
        FUNCTION.begin_call().spawn(*&::detached::private::classify!(__body), __body)
    };
}

#[track_caller]
fn generic<'s, T: Send + 'static, const N: usize>(
    a: [T; N],
    b: impl Fn(&str) -> bool,
    c: &'s str,
    d: &'static str,
) -> ::detached::Task<()>
where
    T: Clone,
{
    let c = ::detached::private::borrowed(c).__detached_copy();
    let __body = async move {
        {
            let a = a;
            let b = b;
            let c = ::detached::private::lend(&c);
            let d = d;
            ::detached::private::return_type!(());
            ({})
        }
    };
    return {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .of(::detached::private::site!("generic"));
        FUNCTION.begin_call().spawn(*&::detached::private::classify!(__body), __body)
    };
}


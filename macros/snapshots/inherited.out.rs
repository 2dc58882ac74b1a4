#[track_caller]
fn values(page: String) -> ::detached::Task<()> {
    let mut __call = {
        static FUNCTION: ::detached::private::Function = ::detached::private::function!(
            "values"
        )
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .inherit(
                &[
                    ::detached::private::Name::required("tenant"),
                    ::detached::private::Name::required("user_id"),
                    ::detached::private::Name::optional("locale"),
                ],
            );
        FUNCTION.begin_call()
    };
    let __captured_0 = ::detached::private::Call::capture(
        &mut __call,
        "REQUEST_ID",
        &REQUEST_ID,
    );
    let __captured_1 = ::detached::private::Call::capture_optional(
        &mut __call,
        &trace::PARENT,
    );
    let user_id = ::detached::private::Call::value::<UserId>(&mut __call, "user_id");
    let locale = ::detached::private::Call::optional_value::<
        Locale,
    >(&mut __call, "locale");
    let __body = async move {
        let user_id = ::detached::private::inherited(user_id);
        let mut locale = ::detached::private::inherited(locale);
        let page = page;
        ::detached::private::return_type!(());
        ({})
    };
    let __body = ::detached::private::Inherit::__around(
        &REQUEST_ID,
        __captured_0,
        __body,
    );
    let __body = ::detached::private::Inherit::__around(
        &trace::PARENT,
        __captured_1,
        __body,
    );
    return __call.spawn(::detached::private::classify!(__body), __body);
}

#[track_caller]
fn context(ctx: Context, owner: Arc<Supervisor>) -> ::detached::Task<()> {
    let __supervisor: &::detached::Supervisor = &owner;
    let __call = {
        static FUNCTION: ::detached::private::Function = ::detached::private::function!(
            "context"
        )
            .timeout(::core::time::Duration::new(5u64, 0u32));
        FUNCTION.begin_call_from_of(&ctx, __supervisor)
    };
    let __body = async move {
        let ctx = ::detached::Context::current();
        let owner = owner;
        ::detached::private::return_type!(());
        ({})
    };
    return __call.spawn(::detached::private::classify!(__body), __body);
}

#[track_caller]
fn context_by_reference(ctx: &Context) -> ::detached::Task<()> {
    let __call = {
        static FUNCTION: ::detached::private::Function = ::detached::private::function!(
            "context_by_reference"
        )
            .timeout(::core::time::Duration::new(5u64, 0u32));
        FUNCTION.begin_call_from(&ctx)
    };
    let __body = async move {
        let ctx = &::detached::Context::current();
        ::detached::private::return_type!(());
        ({})
    };
    return __call.spawn(::detached::private::classify!(__body), __body);
}


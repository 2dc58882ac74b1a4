#[track_caller]
fn values(page: String) -> ::detached::Task<()> {
    let mut __call = {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .inherit(
                &[
                    <::detached::private::Name>::required("tenant"),
                    <::detached::private::Name>::required("user_id"),
                    <::detached::private::Name>::optional("locale"),
                ],
            )
            .of(::detached::private::site!("values"));
        FUNCTION.begin_call()
    };
    <::detached::private::Call>::capture(&mut __call, "REQUEST_ID", &REQUEST_ID);
    <::detached::private::Call>::capture_optional(&mut __call, &trace::PARENT);
    let user_id = <::detached::private::Call>::value::<UserId>(&mut __call, "user_id");
    let locale = <::detached::private::Call>::optional_value::<
        Locale,
    >(&mut __call, "locale");
    let __body = async move {
        {
            let user_id = ::detached::private::inherited(user_id);
            let mut locale = ::detached::private::inherited(locale);
            let page = page;
            ::detached::private::return_type!(());
            ({})
        }
    };
    return __call.spawn(*&::detached::private::classify!(__body), __body);
}

#[track_caller]
fn keys() -> ::detached::Task<()> {
    let mut __call = {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .of(::detached::private::site!("keys"));
        FUNCTION.begin_call()
    };
    let user = <::detached::private::Call>::named::<UserId>(&mut __call, USER_ID);
    let __arg1 = <::detached::private::Call>::optional_named::<
        Tenant,
    >(&mut __call, keys::TENANT);
    let user = <::detached::private::Call>::value::<UserId>(&mut __call, user);
    let __arg1 = <::detached::private::Call>::optional_value::<
        Tenant,
    >(&mut __call, __arg1);
    let __body = async move {
        {
            let user = ::detached::private::inherited(user);
            let mut __arg1 = __arg1;
            let Tenant(id) = ::detached::private::inherited(__arg1);
            ::detached::private::return_type!(());
            ({})
        }
    };
    return __call.spawn(*&::detached::private::classify!(__body), __body);
}

#[track_caller]
fn context(ctx: Context, owner: Arc<Supervisor>) -> ::detached::Task<()> {
    let __call = {
        let __supervisor: &::detached::Supervisor = &owner;
        {
            static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
                .timeout(::core::time::Duration::new(5u64, 0u32))
                .of(::detached::private::site!("context"));
            FUNCTION.begin_call_from_of(&ctx, __supervisor)
        }
    };
    let __body = async move {
        {
            let ctx = <::detached::Context>::current();
            let owner = owner;
            ::detached::private::return_type!(());
            ({})
        }
    };
    return __call.spawn(*&::detached::private::classify!(__body), __body);
}

#[track_caller]
fn context_by_reference(ctx: &Context) -> ::detached::Task<()> {
    let __body = async move {
        {
            let ctx = &<::detached::Context>::current();
            ::detached::private::return_type!(());
            ({})
        }
    };
    return {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .of(::detached::private::site!("context_by_reference"));
        FUNCTION
            .begin_call_from(&ctx)
            .spawn(*&::detached::private::classify!(__body), __body)
    };
}


#[track_caller]
fn some() -> ::detached::Task<()> {
    let __body = async move {
        {
            ::detached::private::return_type!(());
            ({})
        }
    };
    return {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .grace(::core::time::Duration::new(90u64, 0u32))
            .level(<::detached::private::Level>::Warn)
            .of(::detached::private::site!("visits.record"));
        FUNCTION.begin_call().spawn(*&::detached::private::classify!(__body), __body)
    };
}

#[track_caller]
fn most() -> ::detached::Task<()> {
    let __body = async move {
        {
            ::detached::private::return_type!(());
            ({})
        }
    };
    return {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(0u64, 250000000u32))
            .inherit(
                &[
                    <::detached::private::Name>::required("user_id"),
                    <::detached::private::Name>::optional("tenant"),
                ],
            )
            .follow_origin()
            .cancel_at_shutdown()
            .trace(<::detached::private::Trace>::Child)
            .level(<::detached::private::Level>::Error)
            .limit(10usize)
            .overflow(<::detached::private::Overflow>::DropOldest)
            .queue(100usize)
            .start_timeout(::core::time::Duration::new(1u64, 0u32))
            .of(::detached::private::site!("most"));
        FUNCTION.begin_call().spawn(*&::detached::private::classify!(__body), __body)
    };
}

#[track_caller]
pub fn computed(app: App, retries: u32) -> ::facade::detached::private::Task<()> {
    let __call = {
        let __timeout: ::core::time::Duration = longest(retries);
        let __supervisor: &::facade::detached::private::Supervisor = &app.supervisor;
        {
            static FUNCTION: ::facade::detached::private::Function = ::facade::detached::private::OPTIONS
                .of(::facade::detached::private::site!("computed"));
            FUNCTION.begin_call_of(__supervisor).timeout(__timeout)
        }
    };
    let __body = async move {
        {
            let app = app;
            let retries = retries;
            ::facade::detached::private::return_type!(());
            ({})
        }
    };
    return __call.spawn(*&::facade::detached::private::classify!(__body), __body);
}


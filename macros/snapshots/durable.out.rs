///Names the durable function [`send_welcome`](send_welcome()) to a worker.
#[non_exhaustive]
pub enum send_welcome {}
#[track_caller]
pub fn send_welcome(to: String) -> ::detached::durable::Call {
    #[allow(non_local_definitions)]
    impl ::detached::durable::Durable for send_welcome {
        fn description() -> &'static ::detached::durable::Description {
            static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
                .timeout(::core::time::Duration::new(30u64, 0u32))
                .of(::detached::private::site!("send_welcome"));
            static DESCRIPTION: ::detached::durable::Description = <::detached::durable::Description>::new(
                    &FUNCTION,
                    "mail",
                    <send_welcome as ::detached::durable::Durable>::run,
                )
                .attempts_at_most(5u32)
                .needs(&[<::detached::private::durable::StateType>::of::<Mailer>()]);
            let _ = send_welcome;
            &DESCRIPTION
        }
        fn run(
            __run: ::detached::private::durable::Run<'_>,
        ) -> ::detached::private::durable::Started {
            let mut __run = __run;
            let ::core::option::Option::Some(()) = <::detached::private::durable::Run>::inherit(
                &mut __run,
                ::detached::private::durable::storable(&USER_ID),
                false,
            ) else {
                return __run.refused();
            };
            let ::core::option::Option::Some(to) = <::detached::private::durable::Run>::argument(
                &mut __run,
                &::detached::private::durable::parameter::<String>(),
                "to",
            ) else {
                return __run.refused();
            };
            let ::core::option::Option::Some(mailer) = <::detached::private::durable::Run>::state::<
                Mailer,
            >(&mut __run) else {
                return __run.refused();
            };
            let mut __call = <::detached::private::durable::Run>::begin(&__run);
            let user = <::detached::private::Call>::named::<
                UserId,
            >(&mut __call, USER_ID);
            let user = <::detached::private::Call>::value::<UserId>(&mut __call, user);
            let __body = async move {
                {
                    let to = to;
                    let user = ::detached::private::inherited(user);
                    let mailer = mailer;
                    ::detached::private::return_type!(Result < (), MailError >);
                    ({ mailer.send(to, user).await })
                }
            };
            return __run.spawn(__call, *&::detached::private::classify!(__body), __body);
        }
    }
    let mut __call = <::detached::durable::Call>::begin::<send_welcome>();
    <::detached::durable::Call>::inherit(
        &mut __call,
        ::detached::private::durable::storable(&USER_ID),
        false,
    );
    <::detached::durable::Call>::argument(
        &mut __call,
        &::detached::private::durable::parameter::<String>(),
        "to",
        to,
    );
    return __call;
}

///Names the durable function [`everything`](everything()) to a worker.
#[non_exhaustive]
enum everything {}
#[track_caller]
fn everything(
    ctx: Context,
    text: String,
    _unused: Option<u8>,
) -> facade::private::durable::Call {
    #[allow(non_local_definitions)]
    impl facade::private::durable::Durable for everything {
        fn description() -> &'static facade::private::durable::Description {
            static FUNCTION: facade::private::Function = facade::private::OPTIONS
                .of(facade::private::site!("the mail", ::core::line!()));
            static DESCRIPTION: facade::private::durable::Description = <facade::private::durable::Description>::new(
                    &FUNCTION,
                    "mail",
                    <everything as facade::private::durable::Durable>::run,
                )
                .named()
                .crashes_at_most(3u32)
                .pause(
                    <facade::private::durable::Backoff>::new(
                        ::core::time::Duration::new(1u64, 0u32),
                        ::core::time::Duration::new(60u64, 0u32),
                    ),
                )
                .alias(&["old"]);
            let _ = everything;
            &DESCRIPTION
        }
        fn run(
            __run: facade::private::durable::Run<'_>,
        ) -> facade::private::durable::Started {
            let mut __run = __run;
            let ::core::option::Option::Some(()) = <facade::private::durable::Run>::inherit(
                &mut __run,
                facade::private::durable::storable(&REQUEST),
                false,
            ) else {
                return __run.refused();
            };
            let ::core::option::Option::Some(()) = <facade::private::durable::Run>::inherit(
                &mut __run,
                facade::private::durable::storable(&TENANT),
                true,
            ) else {
                return __run.refused();
            };
            let ::core::option::Option::Some(text) = <facade::private::durable::Run>::argument(
                &mut __run,
                &facade::private::durable::parameter::<String>(),
                "text",
            ) else {
                return __run.refused();
            };
            let ::core::option::Option::Some(_unused) = <facade::private::durable::Run>::argument(
                &mut __run,
                &facade::private::durable::parameter::<Option<u8>>(),
                "_unused",
            ) else {
                return __run.refused();
            };
            let __timeout: ::core::time::Duration = facade::private::timeout!(LIMIT);
            let mut __call = <facade::private::durable::Run>::begin(&__run)
                .timeout(__timeout);
            let __body = async move {
                {
                    let ctx = <facade::private::Context>::current();
                    let mut text = text;
                    let _unused = ::core::convert::identity(_unused);
                    facade::private::return_type!(());
                    ({})
                }
            };
            return __run.spawn(__call, *&facade::private::classify!(__body), __body);
        }
    }
    let mut __call = <facade::private::durable::Call>::begin_from::<everything>(&ctx);
    <facade::private::durable::Call>::inherit(
        &mut __call,
        facade::private::durable::storable(&REQUEST),
        false,
    );
    <facade::private::durable::Call>::inherit(
        &mut __call,
        facade::private::durable::storable(&TENANT),
        true,
    );
    <facade::private::durable::Call>::argument(
        &mut __call,
        &facade::private::durable::parameter::<String>(),
        "text",
        text,
    );
    <facade::private::durable::Call>::argument(
        &mut __call,
        &facade::private::durable::parameter::<Option<u8>>(),
        "_unused",
        _unused,
    );
    return __call;
}

///Names the durable function [`refused`](refused()) to a worker.
#[non_exhaustive]
enum refused {}
fn refused(page: &str) -> ::detached::durable::Call {
    mod __errors {
        ::core::compile_error! {
            "`&str` borrows from the caller, which a stored call outlives; take it by value, as `String`, or let the worker give it, as `#[state]`"
        }
    }
    #[allow(non_local_definitions)]
    impl ::detached::durable::Durable for refused {
        fn description() -> &'static ::detached::durable::Description {
            ::detached::private::never()
        }
        fn run(
            __run: ::detached::private::durable::Run<'_>,
        ) -> ::detached::private::durable::Started {
            ::detached::private::never()
        }
    }
    ::detached::private::durable::refused(async move {
        let page = page;
        let db = ::detached::private::never::<Db>();
        ::detached::private::return_type!(u8);
        ({ 1 })
    })
}


//! What the attribute makes of a durable function, by hand.

/// `by_hand! { "queue", [options], async fn name(a: A, b: B; s: S) -> R { body } }`; after the semicolon come the states.
macro_rules! by_hand {
    ($queue:literal, [$($option:tt)*], $(trace = $trace:ident,)?
     async fn $name:ident($($arg:ident: $ty:ty),*; $($state:ident: $state_ty:ty),*) -> $ret:ty $body:block) => {
        #[allow(non_camel_case_types, dead_code)]
        pub enum $name {}

        impl ::detached::durable::Durable for $name {
            fn description() -> &'static ::detached::durable::Description {
                static FUNCTION: ::detached::private::Function = ::detached::private::Function::new(
                    stringify!($name),
                    module_path!(),
                    file!(),
                    line!(),
                )
                .timeout(::std::time::Duration::from_secs(30))
                $(.trace(::detached::Trace::$trace))?;
                static DESCRIPTION: ::detached::durable::Description = ::detached::durable::Description::new(
                    &FUNCTION,
                    $queue,
                    <$name as ::detached::durable::Durable>::run,
                )
                .needs(&[$(::detached::private::durable::StateType::of::<$state_ty>()),*])
                $($option)*;
                &DESCRIPTION
            }

            #[allow(unused_mut)]
            fn run(mut run: ::detached::private::durable::Run<'_>) -> ::detached::private::durable::Started {
                $(let Some($arg) = run.argument(&::detached::private::durable::parameter::<$ty>(), stringify!($arg)) else {
                    return run.refused();
                };)*
                $(let Some($state) = run.state::<$state_ty>() else { return run.refused() };)*
                let call = run.begin();
                let body = async move {
                    ::detached::private::return_type!($ret);
                    $body
                };
                run.spawn(call, ::detached::private::classify!(body), body)
            }
        }

        #[track_caller]
        #[allow(dead_code, clippy::needless_pass_by_value)]
        pub fn $name($($arg: $ty),*) -> ::detached::durable::Call {
            #[allow(unused_mut)]
            let mut call = ::detached::durable::Call::begin::<$name>();
            $(call.argument(&::detached::private::durable::parameter::<$ty>(), stringify!($arg), $arg);)*
            call
        }
    };
}
pub(crate) use by_hand;

#[track_caller]
fn owned(mut self, a: A) -> ::detached::Task<()> {
    let __body = async move {
        {
            let mut self️ = self;
            let _ = &self️;
            let a = a;
            ::detached::private::return_type!(());
            ({
                self️.a = a;
            })
        }
    };
    return {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .of(::detached::private::site!("owned"));
        FUNCTION.begin_call().spawn(*&::detached::private::classify!(__body), __body)
    };
}

#[track_caller]
fn shared(self: Arc<Self>) -> ::detached::Task<()> {
    let __body = async move {
        {
            let _ = &self;
            ::detached::private::return_type!(());
            ({
                self.run().await;
            })
        }
    };
    return {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .of(::detached::private::site!("shared"));
        FUNCTION.begin_call().spawn(*&::detached::private::classify!(__body), __body)
    };
}

#[track_caller]
fn borrowed(&self, a: &A) -> ::detached::Task<Self> {
    let self️ = ::detached::private::borrowed(self).__detached_copy();
    let a = ::detached::private::borrowed(a).__detached_copy();
    let __body = async move {
        {
            let self️ = ::detached::private::lend(&self️);
            let _ = &self️;
            let a = ::detached::private::lend(&a);
            ::detached::private::return_type!(Self);
            ({
                use self::inner::{self, f};
                impl Other {
                    fn get(&self) -> u8 {
                        self.0
                    }
                }
                f(self️, inner::g(|| self️.a)).await
            })
        }
    };
    return {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .of(::detached::private::site!("borrowed"));
        FUNCTION.begin_call().spawn(*&::detached::private::classify!(__body), __body)
    };
}

#[track_caller]
fn borrowed_shared(self: &Arc<Self>) -> ::detached::Task<()> {
    let self️ = ::detached::private::borrowed(self).__detached_copy();
    let __body = async move {
        {
            let self️ = ::detached::private::lend(&self️);
            let _ = &self️;
            ::detached::private::return_type!(());
            ({
                keep(Arc::clone(self️));
            })
        }
    };
    return {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .of(::detached::private::site!("borrowed_shared"));
        FUNCTION.begin_call().spawn(*&::detached::private::classify!(__body), __body)
    };
}


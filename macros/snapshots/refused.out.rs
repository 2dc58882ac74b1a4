pub fn options(db: &Db) -> ::detached::Task<impl Debug + 'static> {
    mod __errors {
        ::core::compile_error! {
            "unknown option `timout`, did you mean `timeout`? the options are `timeout`, `inherit`, `name`, `grace`, `origin`, `shutdown`, `trace`, `level`, `limit`, `overflow`, `queue`, `start_timeout`, `supervisor`, `durable`, `attempts`, `backoff`, `crashes`, `alias`, `crate`"
        }
        ::core::compile_error! {
            "unknown `level` `loud`; write one of `\"error\"`, `\"warn\"`, `\"info\"`, `\"debug\"`"
        }
    }
    ::detached::private::refused(async move {
        let db = db;
        let user = ::detached::private::never::<User>();
        ::detached::private::return_type!(_);
        ({ db.run(user).await })
    })
}

fn parameters(&mut self, a: Option<&str>) -> ::detached::Task<()> {
    mod __errors {
        ::core::compile_error! {
            "`&mut self` can't be lent to a task, which may outlive it; take `self`, or `self: Arc<Self>` with a lock inside"
        }
        ::core::compile_error! {
            "`Option<&str>` borrows from the caller, which the task may outlive; take it owned, as `Option<String>`, or share it in an `Arc`"
        }
    }
    ::detached::private::refused(async move {
        let a = a;
        ::detached::private::return_type!(());
        ({ self.run(a).await })
    })
}

fn not_async(a: A) -> ::detached::Task<A> {
    mod __errors {
        ::core::compile_error! {
            "`#[background]` needs an `async fn`; write `async fn not_async`"
        }
    }
    ::detached::private::refused(async move {
        let a = a;
        ::detached::private::return_type!(A);
        ({ a })
    })
}

::core::compile_error! {
    "`#[background]` goes on an `async fn`; found a struct"
}
struct NoFunction;


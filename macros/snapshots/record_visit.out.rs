#[track_caller]
fn record_visit(db: &Db, page: &str) -> ::detached::Task<Result<(), DbError>> {
    let db = ::detached::private::borrowed(db).__detached_copy();
    let page = ::detached::private::borrowed(page).__detached_copy();
    let __body = async move {
        {
            let db = ::detached::private::lend(&db);
            let page = ::detached::private::lend(&page);
            ::detached::private::return_type!(Result < (), DbError >);
            ({ db.insert(page).await })
        }
    };
    return {
        static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
            .timeout(::core::time::Duration::new(5u64, 0u32))
            .inherit(&[<::detached::private::Name>::required("user_id")])
            .of(::detached::private::site!("record_visit"));
        FUNCTION.begin_call().spawn(*&::detached::private::classify!(__body), __body)
    };
}


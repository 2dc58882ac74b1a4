#[background(timeout = "5s", inherit = ["tenant", REQUEST_ID, trace::PARENT?])]
async fn values(#[inherit] user_id: UserId, #[inherit] mut locale: Option<Locale>, page: String) {}

#[background(timeout = "5s")]
async fn keys(#[inherit(USER_ID)] user: UserId, #[inherit(keys::TENANT)] Tenant(id): Option<Tenant>) {}

#[background(timeout = "5s", supervisor = owner)]
async fn context(#[context] ctx: Context, owner: Arc<Supervisor>) {}

#[background(timeout = "5s")]
async fn context_by_reference(#[context] ctx: &Context) {}

#[background(timout = "5s", level = "loud")]
pub async fn options(db: &Db, #[inherit] user: User) -> impl Debug { db.run(user).await }

#[background(timeout = "5s")]
async fn parameters(&mut self, a: Option<&str>) { self.run(a).await }

#[background(timeout = "5s")]
fn not_async(a: A) -> A { a }

#[background(timeout = "5s")]
struct NoFunction;

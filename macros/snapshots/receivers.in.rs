#[background(timeout = "5s")]
async fn owned(mut self, a: A) { self.a = a; }

#[background(timeout = "5s")]
async fn shared(self: Arc<Self>) { self.run().await; }

#[background(timeout = "5s")]
async fn borrowed(&self, a: &A) -> Self {
    use self::inner::{self, f};
    impl Other { fn get(&self) -> u8 { self.0 } }
    f(self, inner::g(|| self.a)).await
}

#[background(timeout = "5s")]
async fn borrowed_shared(self: &Arc<Self>) { keep(Arc::clone(self)); }

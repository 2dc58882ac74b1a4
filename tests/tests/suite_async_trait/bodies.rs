//! What a body begins with and has in it: patterns, items, macros.

use detached::{Task, background};

use super::Struct;

mod core {}

impl Struct {
    #[background(timeout = "1m")]
    async fn destructs(&self, (a, ref mut b, ref c, d): (u8, u8, u8, u8)) -> u8 {
        *b += 1;
        let (_a, _b, _c, _d): (u8, &mut u8, &u8, u8) = (a, b, c, d);
        *_b
    }

    #[background(timeout = "1m")]
    async fn items_inside(self) -> u8 {
        #[derive(Debug)]
        struct Struct(u8);

        impl Struct {
            fn get(self) -> u8 {
                self.0
            }
        }
        Struct(1).get()
    }

    #[background(timeout = "1m")]
    async fn inferred() -> Box<dyn Iterator<Item = ()> + Send> {
        Box::new(std::iter::empty())
    }

    #[background(timeout = "1m")]
    async fn unwritten() {
        unimplemented!()
    }
}

trait Shows {
    fn show_owned(self) -> Task<String>;
    fn show(&self) -> Task<String>;
}

impl Shows for String {
    #[background(timeout = "1m")]
    async fn show_owned(self) -> String {
        format!("[{}]", self)
    }

    #[background(timeout = "1m")]
    async fn show(&self) -> String {
        let shown = format!("{self}{}", self);
        assert!(!shown.is_empty(), "{self} is empty");
        shown
    }
}

#[tokio::test]
async fn patterns_items_and_macros() {
    assert_eq!(Struct.destructs((1, 2, 3, 4)).await.unwrap(), 3);
    assert_eq!(Struct.items_inside().await.unwrap(), 1);
    assert_eq!(Struct::inferred().await.unwrap().count(), 0);
    assert!(Struct::unwritten().await.is_err());
    assert_eq!("a".to_owned().show_owned().await.unwrap(), "[a]");
    assert_eq!("a".to_owned().show().await.unwrap(), "aa");
}

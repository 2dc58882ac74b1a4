//! `TRYBUILD=overwrite cargo test -p detached-ui-tests-without-features` writes the messages anew.

#[test]
fn messages() {
    trybuild::TestCases::new().compile_fail("fail/*.rs");
}

//! `TRYBUILD=overwrite cargo test -p detached-ui-tests` writes the messages anew; read each as the person who meets it.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("fail/**/*.rs");
    cases.pass("pass/*.rs");
}

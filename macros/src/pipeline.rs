//! The one place that sees every stage: read the options and the function, check them, then expand or fall back.

use proc_macro2::TokenStream;

use crate::diagnostics::Diagnostics;
use crate::{async_function, expand, fallback, options, validate};

pub(crate) fn background(attribute: TokenStream, item: &TokenStream) -> TokenStream {
    let function = match async_function::parse(item.clone()) {
        Ok(function) => function,
        Err(error) => return fallback::item(&error.into(), item),
    };
    let mut diagnostics = Diagnostics::new();
    let options = options::parse(attribute, &mut diagnostics);
    let function = validate::check(function, &options, &mut diagnostics);
    match diagnostics.finish() {
        Ok(()) => expand::expand(&function, &options),
        Err(errors) => fallback::function(&errors, &function, &options),
    }
}

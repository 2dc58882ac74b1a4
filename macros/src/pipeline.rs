//! The one place that sees every stage: read the options and the function, check them, then expand or fall back.

use proc_macro2::TokenStream;

use crate::diagnostics::Diagnostics;
use crate::{attributed, emitted, written};

pub(crate) fn background(attribute: &TokenStream, item: &TokenStream) -> TokenStream {
    let function = match attributed::parse(item.clone()) {
        Ok(function) => function,
        Err(refused) => return emitted::refused_item(refused),
    };
    let mut diagnostics = Diagnostics::new();
    let options = written::parse(attribute.clone(), &mut diagnostics);
    if let Some(restacked) = emitted::others_first(attribute, &options, &function) {
        // What is wrong is said when it comes back.
        let _ = diagnostics.finish();
        return restacked;
    }
    let function = attributed::check(function, &options, &mut diagnostics);
    match diagnostics.finish() {
        Ok(()) => emitted::expand(&function, &options),
        Err(errors) => emitted::refused(&errors, function, &options),
    }
}

//! The `#[background]` attribute of the `detached` crate; use it through that crate.

mod async_function;
mod bindings;
mod borrow;
mod descriptor;
mod diagnostics;
mod duration_text;
mod expand;
mod fallback;
#[cfg(test)]
mod fuzz;
mod hygiene;
mod inherit;
mod nearest;
mod option_value;
mod options;
mod parameter;
mod pipeline;
mod return_type_pin;
mod runtime_path;
mod self_in_text;
mod self_name;
mod signature;
#[cfg(test)]
mod snapshots;
mod stacking;
mod validate;

use proc_macro::TokenStream;

/// Makes a background function of an `async fn`.
#[proc_macro_attribute]
pub fn background(attribute: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::background(&attribute.into(), &item.into()).into()
}

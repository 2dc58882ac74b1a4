//! The call: who owns the task, where it comes from, what bounds it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned as _;

use super::descriptor::{described, limit};
use super::inheritance;
use super::runtime_path::RuntimePath;
use crate::attributed::{BackgroundFunction, Role};
use crate::tokens::generated_at;
use crate::written::{Options, Slot, Timeout};

/// The call of the function that the shim is of.
pub(crate) struct Call {
    /// What comes before it.
    expressions: TokenStream,
    /// The `static` that describes the function.
    described: TokenStream,
    begun: TokenStream,
    /// Whether it has to be begun before the body is made: an expression may name parameters, which are moved into that, and
    /// inherited parameters are taken out of the call.
    pub(crate) comes_first: bool,
}

impl Call {
    pub(crate) fn new(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> Self {
        let place = generated_at(function.name().span());
        let context = context(function);

        // On the static itself: that tells a lint that to call changes something, and is not a `#[must_use]` forgotten.
        let begun = match (context, options.supervisor.value()) {
            (None, None) => quote_spanned!(place=> FUNCTION.begin_call()),
            (Some(context), None) => quote_spanned!(place=> FUNCTION.begin_call_from(#context)),
            (None, Some(_)) => quote_spanned!(place=> FUNCTION.begin_call_of(__supervisor)),
            (Some(context), Some(_)) => quote_spanned!(place=> FUNCTION.begin_call_from_of(#context, __supervisor)),
        };
        let bounded = bounded(options, place);
        let named = expressions(options, runtime);
        let limit = limit(options);
        Self {
            comes_first: !named.is_empty() || inheritance::has_parameters(function),
            expressions: quote!(#named #limit),
            described: described(function, options, runtime),
            begun: quote_spanned!(place=> #begun #bounded),
        }
    }

    /// A block whose value is the call, on which `then` is called. The expressions of the options are outside of the block that
    /// the descriptor is in, which they shall not see.
    pub(crate) fn block(&self, then: &TokenStream, place: Span) -> TokenStream {
        let Self { expressions, described, begun, .. } = self;
        let block = quote_spanned!(place=> { #described #begun #then });
        if expressions.is_empty() { block } else { quote_spanned!(place=> { #expressions #block }) }
    }
}

/// The context that the caller passes.
pub(crate) fn context(function: &BackgroundFunction) -> Option<TokenStream> {
    let context = function.parameters.iter().find(|it| matches!(it.role, Role::Context))?.outer_at_type();
    Some(quote_spanned!(context.span()=> &#context))
}

/// The options whose value is known only at the call, and may go by a parameter; each is checked where it is written.
pub(crate) fn expressions(options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    let timeout = computed(&options.timeout).map(|(key, bound)| {
        let (place, at_value) = (generated_at(key.span()), generated_at(bound.span()));
        let private = runtime.private(at_value);
        // A trait of ours says better what is expected, but would leave a type to infer undecided.
        let bound = if has_own_type(bound) {
            quote_spanned!(at_value=> #private::timeout!(#bound))
        } else {
            bound.to_token_stream()
        };
        quote_spanned!(place=> let __timeout: ::core::time::Duration = #bound;)
    });
    let supervisor = options.supervisor.written().map(|(key, owner)| {
        let (place, at_value) = (generated_at(key.span()), generated_at(owner.span()));
        let runtime = runtime.public(place);
        let borrowed = quote_spanned!(at_value=> &#owner);
        quote_spanned!(place=> let __supervisor: &#runtime::Supervisor = #borrowed;)
    });
    timeout.into_iter().chain(supervisor).collect()
}

/// Whether the type of the expression is its own, wherever it stands; that of a call may be what is expected there.
fn has_own_type(expression: &Expr) -> bool {
    matches!(
        expression,
        Expr::Array(_)
            | Expr::Binary(_)
            | Expr::Cast(_)
            | Expr::Closure(_)
            | Expr::Field(_)
            | Expr::Index(_)
            | Expr::Path(_)
            | Expr::Range(_)
            | Expr::Reference(_)
            | Expr::Repeat(_)
            | Expr::Struct(_)
            | Expr::Tuple(_)
            | Expr::Unary(_)
    )
}

/// A bound that is known only at the call is told to it.
pub(crate) fn bounded(options: &Options, place: Span) -> Option<TokenStream> {
    computed(&options.timeout).map(|_| quote_spanned!(place=> .timeout(__timeout)))
}

/// The name of the option and the expression of a bound that is known only at the call.
fn computed(timeout: &Slot<Timeout>) -> Option<(&Ident, &Expr)> {
    match timeout.written()? {
        (key, Timeout::Computed(bound)) => Some((key, bound)),
        _ => None,
    }
}

//! The declared return type, as the generated code needs it in two places.
//!
//! An `async` block has no declared return type, so the compiler would guess one from the first `return` or `?` of the
//! body. A first `return` of the declared type, never reached, pins it: then errors are about the declared type,
//! coercions work, and `?` knows its error type. The macro `return_type!` of the runtime holds that statement.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::spanned::Spanned as _;
use syn::visit_mut::{self, VisitMut};
use syn::{Lifetime, ReturnType, Type, TypeImplTrait, TypeInfer, TypeParamBound, token};

use super::runtime_path::RuntimePath;
use crate::attributed::BackgroundFunction;
use crate::tokens::{generated_at, last_span};

/// The `T` of the `Task<T>` that the function returns.
pub(crate) fn declared(output: &ReturnType, place: Span) -> TokenStream {
    match output {
        ReturnType::Default => quote_spanned!(place=> ()),
        ReturnType::Type(_, ty) if is_never(ty) => {
            quote_spanned!(place=> ::core::convert::Infallible)
        }
        ReturnType::Type(_, ty) => {
            let mut ty = ty.clone();
            LastingOpaque.visit_type_mut(&mut ty);
            ty.to_token_stream()
        }
    }
}

/// The statement before the body; at the declared type, so that a message about another type can show it.
pub(crate) fn pin(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> TokenStream {
    let output = &function.signature.output;
    let place = generated_at(match output {
        ReturnType::Default => function.name().span(),
        ReturnType::Type(_, ty) => ty.span(),
    });
    let (pinned, runtime) = (pinned(output, place), runtime.at(place));
    quote_spanned!(place=> #runtime::private::return_type!(#pinned);)
}

/// The declared type where `impl Trait` cannot stand: the compiler fills its place from the body.
fn pinned(output: &ReturnType, place: Span) -> TokenStream {
    match output {
        ReturnType::Type(_, ty) if !is_never(ty) => {
            let mut ty = ty.clone();
            InferOpaque.visit_type_mut(&mut ty);
            ty.to_token_stream()
        }
        other => declared(other, place),
    }
}

fn is_never(ty: &Type) -> bool {
    match ty {
        Type::Never(_) => true,
        Type::Group(group) => is_never(&group.elem),
        Type::Paren(paren) => is_never(&paren.elem),
        _ => false,
    }
}

/// Says of each `impl Trait` that it borrows nothing, as is true of what a task returns. Else it would seem to borrow what
/// was lent to the call, and the caller would have to keep that.
struct LastingOpaque;

impl VisitMut for LastingOpaque {
    fn visit_type_impl_trait_mut(&mut self, opaque: &mut TypeImplTrait) {
        visit_mut::visit_type_impl_trait_mut(self, opaque);
        if !opaque.bounds.iter().any(|bound| matches!(bound, TypeParamBound::Lifetime(_))) {
            let place = generated_at(last_span(&*opaque));
            opaque.bounds.push(TypeParamBound::Lifetime(Lifetime::new("'static", place)));
        }
    }
}

struct InferOpaque;

impl VisitMut for InferOpaque {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::ImplTrait(opaque) = ty {
            *ty = Type::Infer(TypeInfer {
                attrs: Vec::new(),
                underscore_token: token::Underscore(opaque.impl_token.span),
            });
        } else {
            visit_mut::visit_type_mut(self, ty);
        }
    }
}

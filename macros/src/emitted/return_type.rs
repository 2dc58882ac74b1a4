//! The declared return type, as the generated code needs it in two places.
//!
//! An `async` block has no declared return type, so the compiler would guess one from the first `return` or `?` of the
//! body. A first `return` of the declared type, never reached, pins it: then errors are about the declared type,
//! coercions work, and `?` knows its error type. The macro `return_type!` of the runtime holds that statement.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Lifetime, ParenthesizedGenericArguments, ReturnType, Type, TypeFnPtr, TypeImplTrait, TypeInfer, TypeParamBound,
    TypeReference, token,
};

use super::runtime_path::RuntimePath;
use crate::attributed::{BackgroundFunction, Returned};
use crate::tokens::{generated_at, last_span, words};

/// The `T` of the `Task<T>` that the function returns.
pub(crate) fn declared(function: &BackgroundFunction, place: Span) -> TokenStream {
    match &function.signature.output {
        ReturnType::Default => quote_spanned!(place=> ()),
        ReturnType::Type(_, ty) if is_never(ty) => {
            quote_spanned!(place=> ::core::convert::Infallible)
        }
        ReturnType::Type(_, ty) => {
            let mut ty = ty.clone();
            NotGuessed.visit_type_mut(&mut ty);
            match &function.returned {
                Returned::Awaited(other) | Returned::Sized(other) => return other.to_token_stream(),
                Returned::Lasting if is_opaque(function) && takes_borrow(function) => {}
                Returned::Lasting => Lasting.visit_type_mut(&mut ty),
                Returned::Declared => LastingOpaque.visit_type_mut(&mut ty),
            }
            ty.to_token_stream()
        }
    }
}

/// What a body is given to that is not to be a task, so that its type is no second mistake.
pub(crate) fn refuse(function: &BackgroundFunction, body: &TokenStream, runtime: &RuntimePath<'_>) -> TokenStream {
    let place = generated_at(function.name().span());
    let private = runtime.private(place);
    match function.returned {
        Returned::Sized(_) => quote_spanned!(place=> #private::never()),
        _ if function.is_stored => quote_spanned!(place=> #private::durable::refused(#body)),
        Returned::Lasting | Returned::Awaited(_) if !is_opaque(function) => {
            quote_spanned!(place=> #private::refused_as(#body))
        }
        Returned::Declared | Returned::Lasting => quote_spanned!(place=> #private::refused(#body)),
        Returned::Awaited(_) => quote_spanned!(place=> #private::refused_future(#body)),
    }
}

/// Whether an `impl Trait` is returned.
fn is_opaque(function: &BackgroundFunction) -> bool {
    words(function.signature.output.to_token_stream()).iter().any(|word| word == "impl")
}

/// Whether there is something that an opaque type may borrow from: it is what the body says, then.
fn takes_borrow(function: &BackgroundFunction) -> bool {
    function.receiver.is_some() || function.signature.inputs.to_token_stream().to_string().contains(['&', '\''])
}

/// Where the type is written: its first token and its last.
pub(crate) fn place(function: &BackgroundFunction) -> (Span, Span) {
    function.returned_at.unwrap_or_else(|| (function.name().span(), function.name().span()))
}

/// The statement before the body; at the declared type, so that a message about another type can show it.
pub(crate) fn pin(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> TokenStream {
    let place = generated_at(place(function).0);
    let (pinned, private) = (pinned(function, place), runtime.private(place));
    quote_spanned!(place=> #private::return_type!(#pinned);)
}

/// The declared type where `impl Trait` cannot stand: the compiler fills its place from the body.
fn pinned(function: &BackgroundFunction, place: Span) -> TokenStream {
    match &function.signature.output {
        ReturnType::Type(..) if matches!(function.returned, Returned::Awaited(_)) && is_opaque(function) => {
            quote_spanned!(place=> _)
        }
        ReturnType::Type(_, ty) if !is_never(ty) => {
            let mut ty = ty.clone();
            InferOpaque.visit_type_mut(&mut ty);
            ty.to_token_stream()
        }
        _ => declared(function, place),
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

/// Says of all that a type borrows that it lasts; of a type that is refused, for which there may be nothing to borrow from.
struct Lasting;

impl VisitMut for Lasting {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        reference.lifetime = Some(Lifetime::new("'static", generated_at(reference.and_token.span)));
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        *lifetime = Lifetime::new("'static", generated_at(lifetime.span()));
    }

    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}

    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
}

/// Puts each `_` where the compiler does not guess at it, but says that it is no type, as of a plain `async fn`. It would guess from the
/// new body, and propose a `Task<..>` of the type in place of the `_`.
struct NotGuessed;

impl VisitMut for NotGuessed {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Infer(unwritten) = ty {
            *ty = Type::Verbatim(quote_spanned!(generated_at(unwritten.underscore_token.span)=> fn(#unwritten)));
        } else {
            visit_mut::visit_type_mut(self, ty);
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

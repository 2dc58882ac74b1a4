//! A name for what a parameter borrows in an `impl Trait`, where the compiler takes no borrow without one. It is refused in any
//! case, and is one mistake.

use proc_macro2::Span;
use syn::visit_mut::{self, VisitMut};
use syn::{
    GenericParam, Lifetime, LifetimeParam, ParenthesizedGenericArguments, TypeFnPtr, TypeImplTrait, TypeReference,
};

use crate::attributed::BackgroundFunction;
use crate::tokens::generated_at;

/// All that the parameters borrow so has one name, which is among the function's generics then.
pub(super) fn name(function: &mut BackgroundFunction) {
    let mut borrows = NamedBorrows { in_opaque: false, found: false };
    for parameter in &mut function.parameters {
        borrows.visit_type_mut(&mut parameter.ty);
    }
    if borrows.found {
        let generics = &mut function.signature.generics;
        generics.lt_token.get_or_insert_default();
        generics.gt_token.get_or_insert_default();
        generics.params.insert(0, GenericParam::Lifetime(LifetimeParam::new(lifetime(Span::call_site()))));
    }
}

struct NamedBorrows {
    in_opaque: bool,
    found: bool,
}

impl NamedBorrows {
    fn name(&mut self, place: Span) -> Lifetime {
        self.found = true;
        lifetime(place)
    }
}

fn lifetime(place: Span) -> Lifetime {
    Lifetime::new("'__borrowed", generated_at(place))
}

impl VisitMut for NamedBorrows {
    fn visit_type_impl_trait_mut(&mut self, opaque: &mut TypeImplTrait) {
        let outside = std::mem::replace(&mut self.in_opaque, true);
        visit_mut::visit_type_impl_trait_mut(self, opaque);
        self.in_opaque = outside;
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if self.in_opaque && reference.lifetime.is_none() {
            reference.lifetime = Some(self.name(reference.and_token.span));
        }
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if self.in_opaque && lifetime.ident == "_" {
            *lifetime = self.name(lifetime.span());
        }
    }

    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}

    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
}

//! A name for what a parameter borrows in an `impl Trait`, where the compiler takes no borrow without one. It is refused in any
//! case, and is one mistake.

use proc_macro2::Span;
use syn::visit_mut::{self, VisitMut};
use syn::{
    GenericParam, Generics, Lifetime, LifetimeParam, ParenthesizedGenericArguments, Type, TypeFnPtr, TypeImplTrait,
    TypeReference,
};

use crate::tokens::generated_at;

/// All that the parameters borrow so has one name.
#[derive(Default)]
pub(crate) struct NamedBorrows {
    in_opaque: bool,
    found: bool,
}

impl NamedBorrows {
    pub(crate) fn in_parameter(&mut self, ty: &Type) -> Type {
        let mut ty = ty.clone();
        self.visit_type_mut(&mut ty);
        ty
    }

    /// With the name, if there is something it is of.
    pub(crate) fn introduced(&self, generics: &Generics) -> Generics {
        let mut generics = generics.clone();
        if self.found {
            generics.lt_token.get_or_insert_default();
            generics.gt_token.get_or_insert_default();
            generics.params.insert(0, GenericParam::Lifetime(LifetimeParam::new(name(Span::call_site()))));
        }
        generics
    }

    fn name(&mut self, place: Span) -> Lifetime {
        self.found = true;
        name(place)
    }
}

fn name(place: Span) -> Lifetime {
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

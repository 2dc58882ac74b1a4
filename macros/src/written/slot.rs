//! The place of one option.

use proc_macro2::Ident;

use super::value::Value;
use crate::diagnostics::Diagnostics;

/// The value of an option, which knows whether it was written already.
pub(crate) struct Slot<T> {
    key: Option<Ident>,
    /// Whether something stood behind the name, right or wrong.
    is_given: bool,
    value: Option<T>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { key: None, is_given: false, value: None }
    }
}

impl<T> Slot<T> {
    pub(crate) fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The option's name where the user wrote it, whether its value was right or not.
    pub(crate) fn key(&self) -> Option<&Ident> {
        self.key.as_ref()
    }

    pub(crate) fn written(&self) -> Option<(&Ident, &T)> {
        self.key.as_ref().zip(self.value.as_ref())
    }

    /// A value that was not written.
    pub(super) fn assume(&mut self, value: Option<T>) {
        self.value = value;
    }

    /// The error says what is wrong with what is written but the value.
    pub(super) fn fill(
        &mut self,
        key: Ident,
        value: Option<Value>,
        error: Option<syn::Error>,
        diagnostics: &mut Diagnostics,
        read: impl FnOnce(&Ident, &Value, &mut Diagnostics) -> Option<T>,
    ) {
        if self.is_given {
            diagnostics.error(&key, format!("`{key}` is given twice; keep one of them"));
            return;
        }
        self.is_given = value.is_some();
        // Of a name that was written before, without a value, it has been said: this is the same option.
        let is_new = self.key.is_none() || self.is_given;
        if let Some(error) = error.filter(|_| is_new) {
            diagnostics.push(error);
        }
        self.value = value.and_then(|value| read(&key, &value, diagnostics));
        self.key = Some(key);
    }
}

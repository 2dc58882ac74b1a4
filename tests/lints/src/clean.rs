//! No lint has anything to say about these, so none may be forbidden. An attribute that allowed one would not compile.
#![forbid(unsafe_code, nonstandard_style, unused, let_underscore, missing_docs, missing_debug_implementations)]
#![forbid(explicit_outlives_requirements, redundant_lifetimes, single_use_lifetimes)]
#![forbid(trivial_casts, trivial_numeric_casts, unit_bindings, unnameable_types, unreachable_pub, unused_lifetimes)]
#![forbid(unused_qualifications, unused_results, variant_size_differences, elided_lifetimes_in_paths)]
#![forbid(clippy::correctness, clippy::suspicious, clippy::style, clippy::complexity, clippy::perf)]
#![forbid(clippy::pedantic, clippy::nursery)]
#![forbid(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::todo, clippy::unimplemented)]
#![forbid(clippy::unreachable, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]
#![forbid(clippy::print_stdout, clippy::print_stderr, clippy::dbg_macro, clippy::exit, clippy::mem_forget)]
#![forbid(clippy::clone_on_ref_ptr, clippy::shadow_reuse, clippy::shadow_same, clippy::shadow_unrelated)]
#![forbid(clippy::let_underscore_untyped, clippy::let_underscore_must_use, clippy::allow_attributes)]
#![forbid(clippy::allow_attributes_without_reason, clippy::wildcard_enum_match_arm, clippy::string_add)]
#![forbid(clippy::disallowed_names, clippy::if_then_some_else_none, clippy::rest_pat_in_fully_bound_structs)]
#![forbid(clippy::undocumented_unsafe_blocks, clippy::multiple_unsafe_ops_per_block, clippy::tests_outside_test_module)]
#![forbid(clippy::large_stack_arrays, clippy::large_futures, clippy::semicolon_outside_block)]
#![forbid(clippy::missing_docs_in_private_items, clippy::else_if_without_else, clippy::float_arithmetic)]

use std::fmt::{Debug, Error};
use std::sync::Arc;

#[cfg(background)]
use detached::{Context, Supervisor, background};
#[cfg(not(background))]
use tokio::sync::Mutex as Context;
use tokio::sync::{Mutex, OwnedSemaphorePermit};

/// Rows.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Each row.
    rows: Arc<Mutex<Vec<String>>>,
}

/// Waits for the rows.
#[cfg_attr(background, background(timeout = "5s", inherit = ["user_id?"], limit = 3, overflow = "wait"))]
pub async fn wait_for(rows: &Rows) -> usize {
    rows.rows.lock().await.len()
}

/// Saves a row.
///
/// # Errors
///
/// When the row is empty.
#[cfg_attr(background, background(timeout = "5s", level = "warn", grace = "1s", trace = "child"))]
pub async fn save(rows: &Rows, row: &str) -> Result<(), Error> {
    if row.is_empty() {
        return Err(Error);
    }
    rows.rows.lock().await.push(row.to_owned());
    Ok(())
}

/// Holds the permit.
#[cfg_attr(background, background(timeout = "none", name = "holds"))]
pub async fn hold(_: OwnedSemaphorePermit, _permit: OwnedSemaphorePermit, rows: Rows) {
    rows.rows.lock().await.clear();
}

/// Takes patterns apart.
#[cfg_attr(background, background(timeout = "1s"))]
pub async fn take_apart((mut first, second): (String, String), [_, third]: [String; 2], rows: Arc<Rows>) -> String {
    first.push_str(&second);
    rows.rows.lock().await.push(third);
    first
}

/// Is generic.
///
/// # Errors
///
/// When the rows are empty.
#[cfg_attr(background, background(timeout = "1s"))]
pub async fn be_generic<T, const N: usize>(rows: &Rows, values: [T; N]) -> Result<impl Iterator<Item = T>, Error>
where
    T: Debug + Send + 'static,
{
    let is_empty = rows.rows.lock().await.is_empty();
    if is_empty { Err(Error) } else { Ok(values.into_iter()) }
}

impl Rows {
    /// Makes them.
    #[cfg_attr(background, background(timeout = "1s"))]
    pub async fn with_row(row: String) -> Self {
        let rows = Self::default();
        rows.rows.lock().await.push(row);
        rows
    }

    /// How many.
    #[cfg_attr(background, background(timeout = "1s"))]
    pub async fn len(&self) -> usize {
        self.rows.lock().await.len()
    }

    /// Whether there are none.
    #[cfg_attr(background, background(timeout = "1s"))]
    pub async fn is_empty(&self) -> bool {
        self.rows.lock().await.is_empty()
    }

    /// Removes the last.
    #[cfg_attr(background, background(timeout = "1s"))]
    pub async fn pop(self: Arc<Self>) -> Option<String> {
        self.rows.lock().await.pop()
    }

    /// Gives them all.
    #[cfg_attr(background, background(timeout = "1s"))]
    pub async fn into_rows(self) -> Vec<String> {
        self.rows.lock().await.clone()
    }
}

/// Is stored.
///
/// # Errors
///
/// When there is no address.
#[cfg_attr(background, background(durable = "mail", timeout = "5s", attempts = 3))]
#[doc(alias = "send")]
pub async fn deliver(to: String, copies: Option<usize>) -> Result<usize, Error> {
    tokio::task::yield_now().await;
    copies.filter(|_| !to.is_empty()).ok_or(Error)
}

/// Has what only a background function has.
#[cfg(background)]
#[background(timeout = std::time::Duration::from_secs(1), supervisor = Supervisor::global())]
pub async fn with_all(#[context] context: &Context, #[inherit] page: Option<String>, rows: Rows) -> bool {
    rows.rows.lock().await.extend(page);
    context.is_cancelled()
}

/// Keeps the import used.
#[cfg(not(background))]
pub async fn with_all(context: Context<bool>) -> bool {
    *context.lock().await
}

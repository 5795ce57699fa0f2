// SPDX-License-Identifier: GPL-2.0-only

//! Rust's symbols as people read them.

/// Returns a symbol's path without its generic arguments: one name for all instances of a function.
pub fn path(mangled: &str) -> String {
    without_arguments(&format!("{:#}", rustc_demangle::demangle(mangled)))
}

/// Leaves out `<...>` where it follows a name, and keeps it where it is one, as in
/// `<kernel::alloc::kvec::Vec>::push` and `<A as B>::f`.
fn without_arguments(name: &str) -> String {
    let mut kept = String::new();
    let mut depth = 0_u32;
    let mut previous = ' ';
    for character in name.chars() {
        match character {
            '<' if depth > 0 => depth += 1,
            '<' if previous.is_alphanumeric() || matches!(previous, '_' | ':' | '}') => depth = 1,
            // The arrow of a function type closes nothing.
            '>' if depth > 0 && previous != '-' => depth -= 1,
            _ if depth > 0 => {}
            _ => kept.push(character),
        }
        previous = character;
    }
    kept.replace("::::", "::").trim_end_matches(':').to_owned()
}

/// Returns whether the function ends in a panic whenever it is called: the functions of `core` that
/// nothing else is the job of, and `BUG()`.
pub fn panics(path: &str) -> bool {
    let is_core = path.trim_start_matches('<').starts_with("core::");
    let last = path.rsplit("::").next().unwrap_or_default();
    path == "rust_helper_BUG"
        || is_core
            && (path.starts_with("core::panicking::")
                || last.contains("panic")
                || last.ends_with("_fail")
                || last.ends_with("_failed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_of_a_function_have_one_name() {
        assert_eq!(
            without_arguments("<kernel::alloc::kvec::Vec<(u16, [u8; 4]), A>>::push::<fn() -> B>"),
            "<kernel::alloc::kvec::Vec>::push"
        );
        assert_eq!(
            without_arguments("<a::Row<T> as b::Nearest<u32>>::nearest::<X>::{closure#0}"),
            "<a::Row as b::Nearest>::nearest::{closure#0}"
        );
        assert_eq!(
            without_arguments("a::f::{closure#0}::<B>::g"),
            "a::f::{closure#0}::g"
        );
    }

    #[test]
    fn symbols_are_demangled() {
        let mangled =
            "_RNvNtNtCs2lKf6AS60Zg_4core9panicking11panic_const24panic_const_add_overflow";
        assert_eq!(
            path(mangled),
            "core::panicking::panic_const::panic_const_add_overflow"
        );
        assert!(panics(&path(mangled)));
    }

    #[test]
    fn panics_are_told_from_other_functions() {
        for name in [
            "core::panicking::panic_bounds_check",
            "core::option::unwrap_failed",
            "core::slice::index::slice_end_index_len_fail",
            "<core::ops::Range>::copy_from_slice::len_mismatch_fail",
            "core::num::from_str_radix_panic",
            "rust_helper_BUG",
        ] {
            assert!(panics(name), "{name}");
        }
        for name in [
            "core::fmt::write",
            "<core::fmt::Formatter>::write_str",
            "kernel::error::to_result",
            "media_device_unregister",
        ] {
            assert!(!panics(name), "{name}");
        }
    }
}

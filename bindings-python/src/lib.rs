//! The native half of the Python package `hookseal`: conversion between Python and the core, nothing else.

#![deny(missing_docs, unsafe_code)]

/// The module `hookseal._native`. `python/hookseal` is the package that people import.
#[pyo3::pymodule(gil_used = false)]
mod _native {
    /// The version of the package, which is the version of the workspace.
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "the name that Python gives to a module's version")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}

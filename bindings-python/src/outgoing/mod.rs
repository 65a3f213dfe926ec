//! Requests that a program sends to the vendors, for `hookseal.outgoing`.
//!
//! `benji`, `benti` and `bento` have the clients, `values` what is sent to Bento, and `request` the requests that they
//! give. `json` writes Python values as JSON, `secret` takes secrets, `answers` and `fault` make what `read` returns
//! and raises, and `rate_limit` counts calls.

mod answers;
mod benji;
mod benti;
mod bento;
mod fault;
mod json;
mod rate_limit;
mod request;
mod secret;
mod values;

use pyo3::prelude::*;

/// Adds the classes and functions of `hookseal.outgoing` to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("MAX_ANSWER_BYTES", hookseal::outgoing::MAX_ANSWER_BYTES)?;
    module.add_class::<answers::LookedUp>()?;
    module.add_class::<benji::Benji>()?;
    module.add_class::<benti::Benti>()?;
    module.add_class::<bento::Bento>()?;
    module.add_class::<rate_limit::RateLimit>()?;
    module.add_class::<request::Outgoing>()?;
    module.add_class::<secret::Secret>()?;
    module.add_class::<values::BentoCommand>()?;
    module.add_class::<values::BentoEmail>()?;
    module.add_class::<values::BentoEvent>()?;
    module.add_class::<values::BentoSubscriber>()?;
    module.add_function(wrap_pyfunction!(fault::refusal_facts, module)?)?;
    module.add_function(wrap_pyfunction!(fault::refusal_wait, module)?)
}

//! `Benti`: requests for the webhooks of Benti's API.

use hookseal::outgoing as core;
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    types::{PyBytes, PyString},
};

use super::{
    fault,
    request::{Outgoing, built, entity},
    secret::{self, Secret},
};
use crate::{
    boundary::{self, guarded},
    given::Given,
    text,
};

/// Requests for the webhooks of Benti's API: create, list, change and delete.
///
/// `base` is the base address, `api_key` is sent as `x-inbenta-key` and `token` as `Authorization: Bearer`. The token
/// comes from `POST /v1/auth` on the vendor's authorization host, and the base address from `GET /v1/apis` there. Both
/// expire: the refusal `unauthorized` means that a new token is due. `base` must be `https`, except for loopback.
///
/// Benti's verification `GET` arrives while the `POST` that creates a webhook still waits for its answer. So make the
/// secret first, with `new_secret`, and let the receiver run with it before the request is sent.
///
/// What cannot be sent is an `OutgoingError`.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Benti(core::Benti);

#[pymethods]
impl Benti {
    #[new]
    #[pyo3(signature = (base, *, api_key, token))]
    fn new(base: &Bound<'_, PyAny>, api_key: &Bound<'_, PyAny>, token: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = base.py();
        guarded(py, || {
            let base = Given::new("base", base).configured_text()?;
            let (api_key, token) =
                (secret::of_argument("api_key", api_key)?, secret::of_argument("token", token)?);
            core::Benti::new(base, api_key, token).map(Self).map_err(|error| fault::outgoing_error(py, error))
        })
    }

    /// A secret for a new webhook, from at least 32 bytes of randomness such as `os.urandom(32)`. It is base64url
    /// without padding.
    #[staticmethod]
    fn new_secret(randomness: &Bound<'_, PyAny>) -> PyResult<Secret> {
        let py = randomness.py();
        guarded(py, || {
            let bytes = randomness.cast::<PyBytes>().map_err(|_| {
                PyTypeError::new_err("randomness must be bytes, such as os.urandom(32) returns")
            })?;
            let secret = core::Benti::new_secret(bytes.as_bytes());
            secret.map(Secret::of).map_err(|error| fault::outgoing_error(py, error))
        })
    }

    /// Creates a webhook: `POST /v1/webhooks`. Its events are those of one `item`: `alert`, `ticket`, `reply`, `user`,
    /// `media`, `classification` or `queue`. `url` is an `https` URL. The answer is a `BentiWebhook`.
    fn create(
        &self,
        item: &Bound<'_, PyAny>,
        url: &Bound<'_, PyAny>,
        secret: &Bound<'_, PyAny>,
    ) -> PyResult<Outgoing> {
        let py = item.py();
        guarded(py, || {
            let (item, url) = (entity("item", item)?, Given::new("url", url).text()?);
            built(py, self.0.create(item, url, &secret::of_argument("secret", secret)?))
        })
    }

    /// Lists the webhooks: `GET /v1/webhooks`. The answer is `BentiWebhooks`.
    fn list(&self, py: Python<'_>) -> PyResult<Outgoing> {
        guarded(py, || Ok(self.0.list().into()))
    }

    /// Changes a webhook: `PUT /v1/webhooks/{id}`. While the secret changes, let the receiver's ring hold both. The
    /// answer is `Done`.
    fn update(
        &self,
        id: &Bound<'_, PyAny>,
        item: &Bound<'_, PyAny>,
        url: &Bound<'_, PyAny>,
        secret: &Bound<'_, PyAny>,
    ) -> PyResult<Outgoing> {
        let py = id.py();
        guarded(py, || {
            let (id, item) = (Given::new("id", id).text()?, entity("item", item)?);
            let url = Given::new("url", url).text()?;
            built(py, self.0.update(id, item, url, &secret::of_argument("secret", secret)?))
        })
    }

    /// Deletes a webhook: `DELETE /v1/webhooks/{id}`. The answer is `Done`.
    fn delete(&self, id: &Bound<'_, PyAny>) -> PyResult<Outgoing> {
        let py = id.py();
        guarded(py, || built(py, self.0.delete(Given::new("id", id).text()?)))
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, "Benti()"))
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(py, "Benti", "it holds secrets; make it in each process")
    }
}

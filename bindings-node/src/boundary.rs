//! How values cross between JavaScript and Rust.

use napi::{
    Env, Error, Result,
    bindgen_prelude::{FromNapiValue, Function, FunctionCallContext, Object, ToNapiValue},
};

use crate::fault::broken;

/// A JavaScript function that owns the closure's values.
pub(crate) fn function<'e, R: ToNapiValue + 'static>(
    env: &'e Env,
    name: &str,
    closure: impl 'static + Fn(FunctionCallContext<'_>) -> Result<R>,
) -> Result<Function<'e, (), R>> {
    env.create_function_from_closure(name, closure)
}

/// A property that the object must have.
pub(crate) fn required<V: FromNapiValue>(object: &Object<'_>, name: &str) -> Result<V> {
    object.get(name)?.ok_or_else(|| Error::from_reason(format!("{name} is missing")))
}

/// The words of a list of the core, in its order: JavaScript gets the position of a word.
pub(crate) fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().copied().map(word).collect()
}

/// The item of a list of the core with this word.
pub(crate) fn of_word<T: Copy>(all: &[T], word: fn(T) -> &'static str, given: &str) -> Result<T> {
    all.iter().copied().find(|one| word(*one) == given).ok_or_else(broken)
}

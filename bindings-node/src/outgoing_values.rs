//! Values for Bento: events, subscribers, e-mails and commands.

use hookseal::{
    MAX_DEPTH,
    outgoing::{BentoCommand, BentoEmail, BentoEvent, BentoSubscriber, MAX_VALUE_BYTES, OutgoingError},
};
use napi::{
    Env, Result,
    bindgen_prelude::{External, FunctionCallContext, Object},
};

use crate::{
    boundary::function,
    numbers::number_of,
    outgoing_request::{Made, made},
};

pub(crate) fn exports(exports: &mut Object<'_>, env: &Env) -> Result<()> {
    exports.set("maxDepth", MAX_DEPTH)?;
    exports.set("maxValueBytes", number_of(MAX_VALUE_BYTES))?;
    export(
        exports,
        env,
        "BentoEvent",
        BentoEvent::from_json,
        BentoEvent::as_json,
        BentoEvent::is_repeatable,
    )?;
    export(
        exports,
        env,
        "BentoSubscriber",
        BentoSubscriber::from_json,
        BentoSubscriber::as_json,
        BentoSubscriber::is_repeatable,
    )?;
    export(
        exports,
        env,
        "BentoEmail",
        BentoEmail::from_json,
        BentoEmail::as_json,
        BentoEmail::is_repeatable,
    )?;
    export(
        exports,
        env,
        "BentoCommand",
        BentoCommand::from_json,
        BentoCommand::as_json,
        BentoCommand::is_repeatable,
    )
}

/// Exports `create<name>(json)`, `jsonOf<name>(value)` and `isRepeatable<name>(value)`.
fn export<V: 'static>(
    exports: &mut Object<'_>,
    env: &Env,
    name: &str,
    from_json: fn(&str) -> std::result::Result<V, OutgoingError>,
    as_json: fn(&V) -> &str,
    is_repeatable: fn(&V) -> bool,
) -> Result<()> {
    let create = move |call: FunctionCallContext<'_>| -> Result<Made<External<V>>> {
        let json: String = call.get(0)?;
        Ok(made(from_json(&json).map(|value| External::new_with_size_hint(value, json.len()))))
    };
    let json = move |call: FunctionCallContext<'_>| {
        let value: &External<V> = call.get(0)?;
        Ok(as_json(value).to_owned())
    };
    let repeatable = move |call: FunctionCallContext<'_>| {
        let value: &External<V> = call.get(0)?;
        Ok(is_repeatable(value))
    };
    let (create_name, json_name) = (format!("create{name}"), format!("jsonOf{name}"));
    let repeatable_name = format!("isRepeatable{name}");
    exports.set(&create_name, function(env, &create_name, create)?)?;
    exports.set(&json_name, function(env, &json_name, json)?)?;
    exports.set(&repeatable_name, function(env, &repeatable_name, repeatable)?)
}

/// The values of a list. They are copied, because the core takes them one behind the other.
pub(crate) fn values<V: Clone + 'static>(call: &FunctionCallContext<'_>, at: usize) -> Result<Vec<V>> {
    let kept: Vec<&External<V>> = call.get(at)?;
    Ok(kept.into_iter().map(|value| V::clone(value)).collect())
}

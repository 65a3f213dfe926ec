//! The core's parts of an inbox: statements and settings. `hookseal/inbox` runs the statements.

use hookseal::inbox::{INBOX_VERSION, POSTGRESQL, SETTINGS, SQLITE, Statements, is_inbox_name};
use napi::{
    Env, Result,
    bindgen_prelude::{FunctionCallContext, Object},
};

use crate::boundary::function;

pub(crate) fn exports(exports: &mut Object<'_>, env: &Env) -> Result<()> {
    let mut inbox = Object::new(env)?;
    inbox.set("version", INBOX_VERSION)?;
    inbox.set("postgresql", statements(env, &POSTGRESQL)?)?;
    inbox.set("sqlite", statements(env, &SQLITE)?)?;
    inbox.set("settings", SETTINGS.iter().map(|setting| setting.name).collect::<Vec<_>>())?;
    let ranges = SETTINGS.iter().map(|setting| vec![setting.default, setting.least, setting.most]);
    inbox.set("ranges", ranges.collect::<Vec<_>>())?;
    inbox.set(
        "hasName",
        function(env, "hasName", |call: FunctionCallContext<'_>| Ok(is_inbox_name(&call.get::<String>(0)?)))?,
    )?;
    exports.set("inbox", inbox)
}

fn statements<'e>(env: &'e Env, statements: &Statements) -> Result<Object<'e>> {
    let mut named = Object::new(env)?;
    for (name, statement) in statements.all() {
        named.set(name, statement)?;
    }
    Ok(named)
}

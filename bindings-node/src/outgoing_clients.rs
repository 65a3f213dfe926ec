//! The clients that build requests to Benji, Benti and Bento. JavaScript has checked types; the core checks the rest.

use hookseal::{
    Entity, Event, Secret,
    outgoing::{
        ApiKey, Benji, BenjiHosts, Benti, Bento, BentoCommand, BentoEmail, BentoEvent, BentoSubscriber,
        OutgoingError, Sent, Tracked,
    },
};
use napi::{
    Either, Env, JsString, Result,
    bindgen_prelude::{Either3, External, FunctionCallContext, Object},
};

use crate::{
    boundary::{function, required, words},
    fault::Fault,
    keys::secret_bytes,
    outgoing_request::{Kept, Made, kept, kept_in, made},
    outgoing_values::values,
};

/// A secret as JavaScript passes it: a `Secret` of the package, a string or a `Uint8Array`.
type GivenSecret<'a> = Either3<&'a External<Secret>, JsString<'a>, &'a [u8]>;

pub(crate) fn exports(exports: &mut Object<'_>, env: &Env) -> Result<()> {
    exports.set("apiKeys", words(ApiKey::ALL, ApiKey::as_str))?;
    exports.set("createBenji", function(env, "createBenji", |call| create_benji(&call))?)?;
    exports.set("benjiSubscribe", function(env, "benjiSubscribe", |call| benji_subscribe(&call))?)?;
    exports.set("benjiUpdate", function(env, "benjiUpdate", |call| benji_update(&call))?)?;
    exports.set("benjiUnsubscribe", function(env, "benjiUnsubscribe", |call| benji_unsubscribe(&call))?)?;
    exports.set("createBenti", function(env, "createBenti", |call| create_benti(&call))?)?;
    exports.set("bentiCreate", function(env, "bentiCreate", |call| benti_create(&call))?)?;
    exports.set("bentiList", function(env, "bentiList", |call| Ok(kept(benti(&call)?.list())))?)?;
    exports.set("bentiUpdate", function(env, "bentiUpdate", |call| benti_update(&call))?)?;
    exports.set("bentiDelete", function(env, "bentiDelete", |call| benti_delete(&call))?)?;
    exports.set("bentiSecret", function(env, "bentiSecret", |call| benti_secret(&call))?)?;
    exports.set("createBento", function(env, "createBento", |call| create_bento(&call))?)?;
    exports.set("bentoEvents", function(env, "bentoEvents", |call| bento_events(&call))?)?;
    exports.set("bentoSubscribers", function(env, "bentoSubscribers", |call| bento_subscribers(&call))?)?;
    exports.set("bentoEmails", function(env, "bentoEmails", |call| bento_emails(&call))?)?;
    exports.set("bentoCommand", function(env, "bentoCommand", |call| bento_command(&call))?)?;
    exports.set("bentoWebhook", function(env, "bentoWebhook", |call| bento_webhook(&call))?)
}

/// The client that is the first argument.
fn client<'c, C: 'static>(call: &'c FunctionCallContext<'_>) -> Result<&'c C> {
    call.get::<&External<C>>(0).map(|kept| &**kept)
}

fn secret(given: GivenSecret<'_>, env: &Env) -> Result<Secret> {
    let secret = match given {
        Either3::A(kept) => Secret::new(kept.expose()),
        Either3::B(text) => Secret::new(&*secret_bytes(Either::A(text))?),
        Either3::C(bytes) => Secret::new(bytes),
    };
    secret.map_err(|error| Fault::from(error).throw(env))
}

fn secret_of(setup: &Object<'_>, name: &str, env: &Env) -> Result<Secret> {
    secret(required::<GivenSecret<'_>>(setup, name)?, env)
}

/// `createBenji(setup)`, whose object has no prototype.
fn create_benji(call: &FunctionCallContext<'_>) -> Result<Made<External<Benji>>> {
    let setup: Object<'_> = call.get(0)?;
    let host = |name: &str| required::<String>(&setup, name);
    let hosts = BenjiHosts {
        notifications: &host("notificationsHost")?,
        users: &host("usersHost")?,
        campaigns: &host("campaignsHost")?,
        transactions: &host("transactionsHost")?,
    };
    let is_bearer = required(&setup, "bearer")?;
    let benji = Benji::new(hosts, secret_of(&setup, "partnerKey", call.env)?);
    Ok(made(benji.map(|benji| External::new(if is_bearer { benji.bearer() } else { benji }))))
}

/// `benjiSubscribe(benji, entityType?, event?, endpoint)`
fn benji_subscribe(call: &FunctionCallContext<'_>) -> Result<Made<Kept>> {
    let (benji, endpoint): (&Benji, String) = (client(call)?, call.get(3)?);
    Ok(made(benji.subscribe(&endpoint, entity_type(call)?, event(call)?.as_deref()).map(kept)))
}

/// `benjiUpdate(benji, entityType?, event?, endpoint)`
fn benji_update(call: &FunctionCallContext<'_>) -> Result<Made<Kept>> {
    let (benji, endpoint): (&Benji, String) = (client(call)?, call.get(3)?);
    Ok(made(benji.update(&endpoint, entity_type(call)?, event(call)?.as_deref()).map(kept)))
}

/// `benjiUnsubscribe(benji, entityType?, event?)`
fn benji_unsubscribe(call: &FunctionCallContext<'_>) -> Result<Made<Kept>> {
    let benji: &Benji = client(call)?;
    Ok(made(benji.unsubscribe(entity_type(call)?, event(call)?.as_deref()).map(kept)))
}

fn entity_type(call: &FunctionCallContext<'_>) -> Result<Option<Entity>> {
    Ok(call.get::<Option<String>>(1)?.map(|word| entity(&word)))
}

fn event(call: &FunctionCallContext<'_>) -> Result<Option<String>> {
    call.get(2)
}

/// An unknown word becomes `Other`, which no vendor takes: the core refuses it, and its message lists those that are
/// taken.
fn entity(word: &str) -> Entity {
    Entity::ALL.iter().copied().find(|entity| entity.as_str() == word).unwrap_or(Entity::Other)
}

/// Whose key a follow-up needs: its place in `apiKeys`.
pub(crate) fn key_for(event: &Event<'_>) -> Made<u32> {
    let place =
        |key| ApiKey::ALL.iter().position(|other| *other == key).and_then(|at| u32::try_from(at).ok());
    made(Benji::key_for(event).map(|key| place(key).unwrap_or_default()))
}

/// The arguments from `first` are the client and the user's token, or null.
pub(crate) fn follow_up(
    event: &Event<'_>,
    call: &FunctionCallContext<'_>,
    first: usize,
) -> Result<Made<Kept>> {
    let benji: &External<Benji> = call.get(first)?;
    let token = call.get::<Option<GivenSecret<'_>>>(first + 1)?;
    let token = token.map(|token| secret(token, call.env)).transpose()?;
    Ok(made(benji.follow_up(event, token.as_ref()).map(kept)))
}

/// `createBenti(base, apiKey, token)`
fn create_benti(call: &FunctionCallContext<'_>) -> Result<Made<External<Benti>>> {
    let base: String = call.get(0)?;
    let (api_key, token) = (secret(call.get(1)?, call.env)?, secret(call.get(2)?, call.env)?);
    Ok(made(Benti::new(&base, api_key, token).map(External::new)))
}

fn benti<'c>(call: &'c FunctionCallContext<'_>) -> Result<&'c Benti> {
    client(call)
}

/// `bentiCreate(benti, item, url, secret)`
fn benti_create(call: &FunctionCallContext<'_>) -> Result<Made<Kept>> {
    let (item, url): (String, String) = (call.get(1)?, call.get(2)?);
    let secret = secret(call.get(3)?, call.env)?;
    Ok(made(benti(call)?.create(entity(&item), &url, &secret).map(kept)))
}

/// `bentiUpdate(benti, item, url, secret, id)`
fn benti_update(call: &FunctionCallContext<'_>) -> Result<Made<Kept>> {
    let (item, url, id): (String, String, String) = (call.get(1)?, call.get(2)?, call.get(4)?);
    let secret = secret(call.get(3)?, call.env)?;
    Ok(made(benti(call)?.update(&id, entity(&item), &url, &secret).map(kept)))
}

/// `bentiDelete(benti, id)`
fn benti_delete(call: &FunctionCallContext<'_>) -> Result<Made<Kept>> {
    let id: String = call.get(1)?;
    Ok(made(benti(call)?.delete(&id).map(kept)))
}

/// `bentiSecret(randomness)`
fn benti_secret(call: &FunctionCallContext<'_>) -> Result<Made<External<Secret>>> {
    Ok(made(Benti::new_secret(call.get(0)?).map(External::new)))
}

/// `createBento(setup)`, whose object has no prototype.
fn create_bento(call: &FunctionCallContext<'_>) -> Result<Made<External<Bento>>> {
    let setup: Object<'_> = call.get(0)?;
    let secret_key = secret_of(&setup, "secretKey", call.env)?;
    let text = |name: &str| required::<String>(&setup, name);
    let bento = with_options(Bento::new(&text("publishableKey")?, secret_key, &text("siteUuid")?), &setup)?;
    Ok(made(bento.map(External::new)))
}

type MadeBento = std::result::Result<Bento, OutgoingError>;

fn with_options(mut bento: MadeBento, setup: &Object<'_>) -> Result<MadeBento> {
    if let Some(url) = setup.get::<String>("apiHost")? {
        bento = bento.and_then(|bento| bento.api_host(&url));
    }
    if let Some(url) = setup.get::<String>("trackHost")? {
        bento = bento.and_then(|bento| bento.track_host(&url));
    }
    if let Some(user_agent) = setup.get::<String>("userAgent")? {
        bento = bento.and_then(|bento| bento.user_agent(&user_agent));
    }
    if required(setup, "siteUuidInQuery")? {
        bento = bento.map(Bento::site_uuid_in_query);
    }
    Ok(bento)
}

fn bento<'c>(call: &'c FunctionCallContext<'_>) -> Result<&'c Bento> {
    client(call)
}

/// `bentoEvents(bento, events)`
fn bento_events(call: &FunctionCallContext<'_>) -> Result<Vec<Kept>> {
    Ok(all_sent(bento(call)?.events(&values::<BentoEvent>(call, 1)?)))
}

/// `bentoSubscribers(bento, subscribers)`
fn bento_subscribers(call: &FunctionCallContext<'_>) -> Result<Vec<Kept>> {
    Ok(all_sent(bento(call)?.subscribers(&values::<BentoSubscriber>(call, 1)?)))
}

/// `bentoEmails(bento, emails)`
fn bento_emails(call: &FunctionCallContext<'_>) -> Result<Vec<Kept>> {
    Ok(all_sent(bento(call)?.emails(&values::<BentoEmail>(call, 1)?)))
}

/// `bentoCommand(bento, command)`
fn bento_command(call: &FunctionCallContext<'_>) -> Result<Kept> {
    let command: &External<BentoCommand> = call.get(1)?;
    let request = bento(call)?.command(command);
    let group = request.group();
    Ok(kept_in(request, 0..0, Some(group)))
}

/// `bentoWebhook(bento, events, source)`
fn bento_webhook(call: &FunctionCallContext<'_>) -> Result<Made<Vec<Kept>>> {
    let source: String = call.get(2)?;
    let requests = bento(call)?.webhook(&source, &values::<BentoEvent>(call, 1)?);
    Ok(made(requests.map(|requests| requests.into_iter().map(tracked).collect())))
}

fn all_sent(requests: Vec<hookseal::outgoing::Outgoing<Sent>>) -> Vec<Kept> {
    requests.into_iter().map(sent).collect()
}

fn sent(request: hookseal::outgoing::Outgoing<Sent>) -> Kept {
    let (values, group) = (request.values(), request.group());
    kept_in(request, values, Some(group))
}

fn tracked(request: hookseal::outgoing::Outgoing<Tracked>) -> Kept {
    let (values, group) = (request.values(), request.group());
    kept_in(request, values, Some(group))
}

"""Starlette and, as a dependency, FastAPI.

    benji = Webhook(hookseal.Receiver.benji(os.environ["BENJI_SALT"]))

    async def hook(request: Request) -> Response:          # Starlette
        for event in await benji(request):
            print(event.kind, repr(event.subject.id))
        return Response(status_code=204)

    @app.post("/benji", status_code=204)                   # FastAPI
    async def hook(delivery: Annotated[Delivery, Depends(benji)]) -> None:
        for event in delivery:
            print(event.kind, repr(event.subject.id))

In FastAPI import ``Webhook`` from ``hookseal.fastapi``: its ``handle`` sees what FastAPI makes of a value.

Benti's handshakes are ``GET`` requests: route them too (``methods=["GET", "POST"]``). A FastAPI view must not have
the body as a parameter: FastAPI would read the whole body first, without a limit.

``guard=ReplayGuard(…)`` of ``hookseal``, or ``AsyncReplayGuard`` of ``hookseal.redis``, recognizes repetitions. It
has to see how the view ends, and so has ``on_delivery``. A dependency does not: decorate the view, or open a block.

    @app.post("/benji", status_code=204)
    @benji.handle
    async def hook(delivery: Delivery) -> None:
        for event in delivery:
            print(event.kind, repr(event.subject.id))

    async def hook(request: Request) -> Response:
        async with benji.claim(request) as delivery:
            for event in delivery:
                print(event.kind, repr(event.subject.id))
        return Response(status_code=204)

A status below 400 confirms the claim. An exception, another status or a cancellation releases it. FastAPI makes its
answer before that, and a stream is sent to its end. Background tasks run after the confirmation, as does what follows
the ``yield`` of a dependency, but for one with ``scope="function"`` of the view itself. A repetition gets 200, one in
progress 503. With ``inbox=AsyncInbox(…)`` of ``hookseal.inbox`` there is no view to decorate:

    app.post("/benji")(benji.store)                        # Starlette: Route("/benji", benji.store, methods=["POST"])

It answers 202 when the delivery is stored, 200 to a repetition, and 503 if it cannot store.

Code that reads the body before the check must use ``await request.body()``, which keeps it. Any other way of reading
before the check is a ``TypeError``, at the latest after 10 seconds. After the check ``body()`` and ``json()`` give
it again.
"""

from asyncio import AbstractEventLoop, CancelledError, Task, get_running_loop
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from functools import wraps
from inspect import Parameter, Signature, isawaitable, unwrap
from types import FunctionType
from typing import Any, Final, cast
from weakref import finalize

from anyio import CancelScope, create_task_group, fail_after, get_cancelled_exc_class
from starlette._utils import is_async_callable
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from hookseal import _answer, _once, _view
from hookseal._guard import AsyncGuard
from hookseal._native import Delivery, Receiver, ReplayGuard
from hookseal._once import OnDelivery
from hookseal._stream import Buffer, Unreadable, left_early
from hookseal.inbox._inbox import BaseAsyncInbox

__all__ = ["Webhook"]

_GONE: Final = f"{_answer.GONE}: read it by await request.body(), or remove the code that reads it"
_DEPENDS: Final = (
    "with guard=, inbox= or on_delivery= a Webhook cannot be a dependency or be awaited, because it would not see "
    "how the view ends: decorate the view with its `handle`, use `async with …claim(request) as delivery`, or route "
    "its `store`"
)
_REQUEST: Final = "hookseal_request"
_ANSWERING: Final = "hookseal_answering"


class Webhook:
    """Checks requests and gives their deliveries to the view. It answers handshakes and refusals itself.

    ``guard`` recognizes repetitions, which do not reach the view: use ``handle`` or ``claim``. With ``inbox`` there
    is no view: route ``store``. The module's documentation has all three.

    ``on_rejection`` is called with each refusal and its request, ``on_delivery`` with each delivery and its outcome.
    They are awaited if they are asynchronous. The answer is sent whatever they do. An exception in them is logged,
    and only a ``KeyboardInterrupt`` is raised again.
    """

    def __init__(
        self,
        receiver: Receiver,
        *,
        guard: ReplayGuard | AsyncGuard[Any] | None = None,
        inbox: BaseAsyncInbox[Any] | None = None,
        on_rejection: _answer.OnRejection[Request] = None,
        on_delivery: OnDelivery = None,
    ) -> None:
        _answer.check_arguments(receiver, on_rejection)
        self._receiver, self._on_rejection = receiver, on_rejection
        self._once = _once.Once(receiver, guard, inbox, on_delivery)
        self._once.check("Starlette and FastAPI", is_async=True)

    @property
    def __signature__(self) -> Signature:
        """FastAPI asks for it when a program names this object in ``Depends``."""
        self._refuse_dependency()
        return Signature([Parameter("request", Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)])

    def _refuse_dependency(self) -> None:
        if self._once.guard is not None or self._once.inbox is not None or self._once.on_delivery is not None:
            raise TypeError(_DEPENDS)

    async def __call__(self, request: Request) -> Delivery:
        """The delivery of a request, for ``Depends`` or a view that awaits it, without ``guard`` and ``inbox``."""
        self._refuse_dependency()
        _register(request)
        received = await self._check(request)
        if isinstance(received, Delivery):
            return received
        raise _Answered(received)

    def handle(self, view: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        """Decorates a view, which gets the delivery as its argument ``delivery``.

        It sees how the view ends: an exception, a status of 400 or above and a cancellation release the claim.
        """
        # FastAPI looks behind decorators, too.
        _answer.refuse_generator("the view", unwrap(view))
        if self._once.inbox is not None:
            raise TypeError("with inbox= no view is called: route what `store` gives")
        signature = _view.signature_of(view)
        parameters = [] if signature is None else list(signature.parameters.values())
        if signature is None or not any(each.name == "delivery" and each.kind in _NAMED for each in parameters):
            raise TypeError("the view must have an argument named delivery")
        is_asynchronous = is_async_callable(view)

        @wraps(view)
        async def checked(*arguments: Any, **keywords: Any) -> Any:
            given = keywords.pop(_REQUEST, None)
            request = given or next(each for each in (*arguments, *keywords.values()) if isinstance(each, Request))
            answering: _Answering | None = keywords.pop(_ANSWERING, None)
            began = await self._begin(request)
            if not isinstance(began, _once.Handling):
                return _response(began)
            keywords["delivery"] = began.delivery
            try:
                if is_asynchronous:
                    returned = await view(*arguments, **keywords)
                else:
                    returned = await run_in_threadpool(view, *arguments, **keywords)
                    # A decorator can hide that a view is asynchronous.
                    if isawaitable(returned):
                        returned = await returned
                _answer.refuse_unrun("the view", returned)
                if answering is None and not callable(returned):
                    raise TypeError("the view must return a Response; in FastAPI use the Webhook of hookseal.fastapi")
            except BaseException:
                await _end(began, failed=True)
                raise
            return await _end_with(began, returned, keywords, answering)

        parameters = [each for each in parameters if each.name != "delivery"]
        if not any(isinstance(each.annotation, type) and issubclass(each.annotation, Request) for each in parameters):
            # FastAPI gives it by its annotation. Starlette reads no signature.
            rest = 1 if parameters and parameters[-1].kind is Parameter.VAR_KEYWORD else 0
            added = Parameter(_REQUEST, Parameter.KEYWORD_ONLY, annotation=Request)
            parameters.insert(len(parameters) - rest, added)
        _view.set_signature(checked, signature.replace(parameters=parameters))
        return checked

    @asynccontextmanager
    async def claim(self, request: Request) -> AsyncIterator[Delivery]:
        """The delivery of a request, for ``async with`` around the code that handles it.

        An exception that leaves the block, and a cancellation, release the claim. Anything else confirms it: raise an
        exception for an answer with a status of 400 or above.
        """
        if self._once.inbox is not None:
            raise TypeError("with inbox= no view is called: route what `store` gives")
        began = await self._begin(request)
        if not isinstance(began, _once.Handling):
            raise _Answered(began)
        try:
            yield began.delivery
        except BaseException:
            await _end(began, failed=True)
            raise
        await _end(began, failed=False)

    @property
    def store(self) -> Callable[[Request], Awaitable[Response]]:
        """A view that stores deliveries in the inbox."""
        if self._once.inbox is None:
            raise TypeError("without inbox= there is nothing to store deliveries in")
        return self._store

    async def _store(self, request: Request) -> Response:
        began = await self._begin(request)
        return _response(cast(_answer.Answer, began))

    async def _begin(self, request: Request) -> _once.Handling | _answer.Answer:
        _register(request)
        received = await self._check(request)
        if isinstance(received, _answer.Answer):
            return received
        return await self._once.begin(received, is_async=True, cancelled=get_cancelled_exc_class())

    async def _check(self, request: Request) -> Delivery | _answer.Answer:
        received = await _receive(self._receiver, request)
        if isinstance(received, _answer.Answer):
            await _answer.report_async(self._on_rejection, received, request, get_cancelled_exc_class())
        return received


_NAMED: Final = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


async def _end(handling: _once.Handling, *, failed: bool) -> None:
    if not handling.matters or handling.has_ended:
        return
    # Also where the request has been cancelled, by anyio or by asyncio.
    with CancelScope(shield=True):
        if get_cancelled_exc_class() is CancelledError:
            await _once.uninterrupted(handling.end(failed=failed))
        else:
            await handling.end(failed=failed)


class _Answering:
    """A delivery between its view and the answer that FastAPI makes of what the view returned."""

    def __init__(self) -> None:
        self.handling: _once.Handling | None = None
        self.is_made = False
        """Whether the view returned a response, and not what FastAPI makes one of."""
        self.is_stream = False

    async def end(self, *, failed: bool) -> None:
        if self.handling is not None and (failed or not self.is_stream):
            await _end(self.handling, failed=failed)


async def _end_with(
    handling: _once.Handling, returned: Any, keywords: dict[str, Any], answering: _Answering | None
) -> Any:
    """The view has returned. In FastAPI it can also set the status of a response that it got as an argument."""
    answers = [each for each in (returned, *keywords.values()) if isinstance(each, Response)]
    if not handling.matters or any(_once.is_failure(each.status_code or 0) for each in answers):
        await _end(handling, failed=True)
        return returned
    is_stream = isinstance(returned, Response) and hasattr(returned, "body_iterator")
    if is_stream:
        _watch_stream(returned, handling)
    if answering is not None:
        answering.handling, answering.is_stream = handling, is_stream
        answering.is_made = isinstance(returned, Response)
    elif not is_stream:
        await _end(handling, failed=False)
    return returned


def _watch_stream(response: Any, handling: _once.Handling) -> None:
    async def ended(failed: bool) -> None:
        await _end(handling, failed=failed)

    chunks = response.body_iterator = _once.until_end_async(response.body_iterator, ended)
    response.hookseal_ended = ended
    if get_cancelled_exc_class() is CancelledError:
        # A decorator around `handle` can replace the answer. Python then drops the stream, and runs none of it.
        finalize(chunks, _fail_soon, get_running_loop(), handling).atexit = False
    kind = type(response)
    if kind not in _watched:
        _watched[kind] = type(kind.__name__, (_Watched, kind), {})
    response.__class__ = _watched[kind]


def _fail_soon(loop: AbstractEventLoop, handling: _once.Handling) -> None:
    """Fails a delivery whose stream nobody can begin any more. The stream can be dropped in any thread."""
    if not handling.has_ended and not loop.is_closed():
        loop.call_soon_threadsafe(_fail, loop, handling)


def _fail(loop: AbstractEventLoop, handling: _once.Handling) -> None:
    task = loop.create_task(_end(handling, failed=True))
    _failing.add(task)
    task.add_done_callback(_failing.discard)


# An event loop keeps no task alive.
_failing: Final[set[Task[None]]] = set()


class _Watched:
    """What is added to the class of an answer that is streamed. A sender can leave before the stream begins."""

    hookseal_ended: Callable[[bool], Awaitable[None]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)  # type: ignore[misc]
        finally:
            # It counts only if the stream has not ended.
            await self.hookseal_ended(True)


_watched: Final[dict[type, type]] = {}


async def _receive(receiver: Receiver, request: Request) -> Delivery | _answer.Answer:
    headers, method = request.scope["headers"], request.method
    answer = _answer.check_head(receiver, headers, method)
    if answer is not None:
        return answer
    try:
        body = await _read_up_to(request, receiver.body_limit)
    except Unreadable as reason:
        return _answer.unreadable(receiver, reason)
    if len(body) <= receiver.body_limit:
        # Starlette's own place for it: `body` and `json` go on working.
        request._body = body
    return _answer.receive(receiver, headers, body, method)


async def _read_up_to(request: Request, limit: int) -> bytes:
    """Reads the body, at most one byte more than the limit."""
    if _is_drained(request):
        raise TypeError(_GONE)
    buffer = Buffer(limit)
    try:
        async with aclosing(request.stream()) as chunks:
            buffer.add(chunk := await _first_part(request, chunks))
            while chunk and buffer.left:
                buffer.add(chunk := await anext(chunks, b""))
    except ClientDisconnect:
        raise left_early(buffer.to_bytes(), ClientDisconnect.__name__) from None
    body = buffer.to_bytes()
    if len(body) < min(_announced(request), limit + 1):
        # Servers end a body that is shorter than announced by a disconnect. So other code has read a part.
        raise TypeError(_GONE)
    return body


async def _first_part(request: Request, chunks: AsyncIterator[bytes]) -> bytes:
    """Waits for the beginning of the body, or for `b""` if it is empty.

    If the program has read the body and kept nothing, servers go on waiting, until the sender leaves. Nothing in ASGI
    tells a program which of the two it is waiting for.
    """
    try:
        with fail_after(_FIRST_PART_SECONDS):
            return await anext(chunks, b"")
    except TimeoutError:
        if getattr(_read_by(request.receive), "more_body", False):
            # Uvicorn knows that more is to come.
            raise Unreadable(f"none of it came in {_FIRST_PART_SECONDS} s") from None
    raise TypeError(f"{_GONE} (none of it came in {_FIRST_PART_SECONDS} s)")


# Senders send the body right after the headers.
_FIRST_PART_SECONDS: Final = 10

# A closure can lead to itself.
_MOST_WRAPPERS: Final = 20


def _is_drained(request: Any) -> bool:
    """Whether the program has read the body and not kept it, in this request or in that of a `BaseHTTPMiddleware`.

    Such a middleware hands on an empty body. If its length was not announced it would look like a forgery.
    """
    while isinstance(request, Request) and not hasattr(request, "_body"):
        if request._stream_consumed:
            return True
        request = _read_by(request.receive)
    return False


def _read_by(receive: Any) -> Any:
    """The request of the middleware that gave this `receive`. Only its closure leads there."""
    for _ in range(_MOST_WRAPPERS):
        if not isinstance(receive, FunctionType):
            break
        cells = zip(receive.__code__.co_freevars, receive.__closure__ or (), strict=True)
        try:
            receive = next((cell.cell_contents for name, cell in cells if name.endswith("receive")), None)
        except ValueError:
            # The variable has no value yet.
            return None
    return getattr(receive, "__self__", None)


def _announced(request: Request) -> int:
    """The length of the body, or 0 if the headers do not tell it."""
    length = request.headers.get("content-length", "")
    if "transfer-encoding" in request.headers or not (length.isascii() and length.isdecimal() and len(length) < 20):
        return 0
    return int(length)


class _Answered(HTTPException):
    """An exception that ends the handling of a request with an answer."""

    def __init__(self, answer: _answer.Answer) -> None:
        super().__init__(answer.status, detail=answer.body, headers=dict(answer.headers))
        self.answer = answer


class _Response(Response):
    """An answer to a request whose body may not have been read to its end.

    Hypercorn ends such a request only if the application takes the rest of the body that has arrived. Otherwise it
    keeps the request and these bytes for ever, even after the sender has left.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        failure = None
        async with create_task_group() as tasks:
            tasks.start_soon(_discard, receive)
            try:
                await super().__call__(scope, receive, send)
            except Exception as error:
                # Raised after the group, because a group of tasks would wrap it.
                failure = error
            tasks.cancel_scope.cancel()
        if failure is not None:
            raise failure


async def _discard(receive: Receive) -> None:
    """Takes the rest of a body until the answer has been sent."""
    message: Message = {"more_body": True}
    with suppress(Exception):
        while message.get("more_body", False):
            message = await receive()


async def _respond(_request: Request, answered: Exception) -> Response:
    return _response(cast(_Answered, answered).answer)


def _response(answer: _answer.Answer) -> Response:
    return _Response(answer.body, answer.status, dict(answer.headers))


def _register(request: Request) -> None:
    """Adds the handler for answers to those of the application.

    A dependency can end a request only by an exception, and FastAPI would put the text of an ``HTTPException`` into
    JSON. Adding the handler here saves every application a line that it could forget. If a version of Starlette keeps
    its handlers elsewhere, the status is still right.
    """
    handlers: Any = request.scope.get("starlette.exception_handlers")
    if handlers:
        handlers[0].setdefault(_Answered, _respond)

"""FastAPI: a dependency.

    benji = Webhook(hookseal.Receiver.benji(os.environ["BENJI_SALT"]))

    @app.post("/benji", status_code=204)
    async def hook(delivery: Annotated[Delivery, Depends(benji)]) -> None:
        for event in delivery:
            print(event.kind, repr(event.subject.id))

``hookseal.starlette`` has the details: with ``guard`` or ``on_delivery``, ``@benji.handle`` decorates the view, and
``Depends`` is a ``TypeError``. It needs FastAPI 0.121 or later.
"""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response

from hookseal import _once, _view, starlette

__all__ = ["Webhook"]


class Webhook(starlette.Webhook):
    """As ``hookseal.starlette.Webhook``. Its views return anything that FastAPI makes an answer of."""

    def handle(self, view: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        """Decorates a view, which gets the delivery as its argument ``delivery``.

        It sees how the view ends: an exception, a status of 400 or above, also one that another dependency or the
        route sets, a value that is no answer and a cancellation release the claim.
        """
        checked = super().handle(view)
        if _DEPENDS is None:
            raise TypeError("handle needs FastAPI 0.121 or later, to see which answer it makes")
        signature = inspect.signature(checked)
        answering = inspect.Parameter(
            starlette._ANSWERING,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            annotation=Annotated[starlette._Answering, _DEPENDS],
        )
        # The first dependency is the last to end.
        _view.set_signature(checked, signature.replace(parameters=[answering, *signature.parameters.values()]))
        return checked


async def _answering(request: Request, response: Response) -> AsyncIterator[starlette._Answering]:
    """FastAPI goes on here when it has made the answer, or has failed to, and before it sends it."""
    answering = starlette._Answering()
    try:
        yield answering
    except BaseException:
        await answering.end(failed=True)
        raise
    status = 0
    if not answering.is_made:
        # That of the view's answer, which other dependencies can set too, comes before that of the route.
        status = response.status_code or getattr(request.scope.get("route"), "status_code", None) or 0
    await answering.end(failed=_once.is_failure(status))


def _depends() -> Any:
    try:
        return Depends(_answering, scope="function")
    except TypeError:
        return None


_DEPENDS: Final = _depends()

"""FastAPI: a dependency.

    benji = Webhook(hookseal.Receiver.benji(os.environ["BENJI_SALT"]))

    @app.post("/benji", status_code=204)
    async def hook(delivery: Annotated[Delivery, Depends(benji)]) -> None:
        for event in delivery:
            print(event.kind, repr(event.subject.id))

It is the class of ``hookseal.starlette``, where the details are: with a guard, ``@benji.handle`` decorates the view.
"""

from hookseal.starlette import Webhook

__all__ = ["Webhook"]

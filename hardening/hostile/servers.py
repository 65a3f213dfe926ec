"""One small application for each framework, for attack.py. `/hook` takes webhooks of Benji and answers with 204.

Each application is made by a function of its name, which uvicorn, Hypercorn and gunicorn call.
"""

import os
from typing import Any

import hookseal


def receiver() -> hookseal.Receiver[hookseal.Delivery]:
    return hookseal.Receiver.benji(os.environ["HOOKSEAL_SALT"], max_body_bytes=int(os.environ["HOOKSEAL_LIMIT"]))


def starlette() -> Any:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from hookseal.starlette import Webhook

    benji = Webhook(receiver())

    async def hook(request: Request) -> Response:
        await benji(request)
        return Response(status_code=204)

    return Starlette(routes=[Route("/hook", hook, methods=["POST"])])


def fastapi() -> Any:
    from typing import Annotated

    from fastapi import Depends, FastAPI

    from hookseal.fastapi import Webhook

    app, benji = FastAPI(), Webhook(receiver())

    @app.post("/hook", status_code=204)
    async def hook(delivery: Annotated[hookseal.Delivery, Depends(benji)]) -> None:
        pass

    return app


def flask() -> Any:
    from flask import Flask
    from flask.typing import ResponseReturnValue

    from hookseal.flask import webhook

    app = Flask(__name__)

    @app.post("/hook")
    @webhook(receiver())
    def hook(delivery: hookseal.Delivery) -> ResponseReturnValue:
        return "", 204

    return app


def django_wsgi() -> Any:
    from django.core.wsgi import get_wsgi_application

    set_up_django()
    return get_wsgi_application()


def django_asgi() -> Any:
    from django.core.asgi import get_asgi_application

    set_up_django()
    return get_asgi_application()


def set_up_django() -> None:
    import django
    from django.conf import settings
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    from hookseal.django import webhook

    @webhook(receiver())
    def hook(request: HttpRequest, delivery: hookseal.Delivery) -> HttpResponse:
        return HttpResponse(status=204)

    settings.configure(
        ROOT_URLCONF=(path("hook", hook),),
        ALLOWED_HOSTS=["*"],
        SECRET_KEY="x",
        # Under ASGI Django reads a body before the application's code runs, and keeps up to this size in memory.
        FILE_UPLOAD_MAX_MEMORY_SIZE=receiver().body_limit,
        # Mail to the administrators is printed, so that the attack sees errors.
        ADMINS=[("admin", "admin@example.com")],
        EMAIL_BACKEND="django.core.mail.backends.console.EmailBackend",
    )
    django.setup()

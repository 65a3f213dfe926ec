"""django-ninja: operations that call a view with the decorator of `hookseal.django`.

BENJI_SALT=... BENTI_SECRET=... DJANGO_SECRET_KEY=... DJANGO_SETTINGS_MODULE=ninja_settings
    gunicorn --threads=4 ninja_service:application

Under WSGI, because under ASGI Django reads each body to its end before any view runs.
"""

import os

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from ninja import NinjaAPI

import hookseal
from hookseal.django import webhook

application = get_wsgi_application()
api = NinjaAPI(docs_url=None)


@webhook(hookseal.Receiver.benji(os.environ["BENJI_SALT"]))
def benji(request: HttpRequest, delivery: hookseal.Delivery) -> HttpResponse:
    for event in delivery:
        print(event.kind, repr(event.subject.id))
    return HttpResponse(status=204)


@webhook(hookseal.Receiver.benti(os.environ["BENTI_SECRET"]))
def benti(request: HttpRequest, delivery: hookseal.Delivery) -> HttpResponse:
    for event in delivery:
        print(event.kind, repr(event.subject.id))
    return HttpResponse(status=204)


# django-ninja looks for each argument of an operation in the request. So an operation has
# the request alone, and the view that it calls gets the delivery.
@api.post("/benji")
def on_benji(request: HttpRequest) -> HttpResponse:
    return benji(request)


# Benti checks a new webhook with a GET.
@api.api_operation(["GET", "POST"], "/benti")
def on_benti(request: HttpRequest) -> HttpResponse:
    return benti(request)


urlpatterns = [path("", api.urls)]

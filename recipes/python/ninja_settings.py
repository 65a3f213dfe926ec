"""The settings of `ninja_service.py`. A project has its own."""

import os

ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "ninja_service"
SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]

"""The settings of a project that stores webhooks of Benji, Benti and Bento before it answers.

python manage.py migrate
gunicorn wsgi                        # receives
python manage.py handle_webhooks     # handles; any number of workers can run

All three need DATABASE_URL, SECRET_KEY, BENJI_SALT, BENTI_SECRET, BENTO_USER and BENTO_SECRET. While a secret is
replaced, the old one is in BENJI_SALT_OLD, BENTI_SECRET_OLD or BENTO_SECRET_OLD.
"""

import os

from psycopg.conninfo import conninfo_to_dict

from hookseal import Key


def keys(name: str) -> list[Key]:
    """The new and the old secret, with the names of their variables as ids."""
    names = [name, f"{name}_OLD"]
    return [Key(os.environ[name], id=name) for name in names if name in os.environ]


BENJI_KEYS = keys("BENJI_SALT")
BENTI_KEYS = keys("BENTI_SECRET")
BENTO_USER = os.environ["BENTO_USER"]
BENTO_KEYS = keys("BENTO_SECRET")

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
INSTALLED_APPS = ["webhooks"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
ROOT_URLCONF = "urls"

_database = conninfo_to_dict(os.environ["DATABASE_URL"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.pop("dbname"),
        "OPTIONS": _database,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}

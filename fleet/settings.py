"""Django's settings; every fact about this installation comes from the environment."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("SIMMER_DATA", BASE_DIR / ".simmer"))
HOST_NAME = os.environ.get("SIMMER_HOST_NAME", "local")

DEBUG = os.environ.get("SIMMER_DEBUG") == "1"
DEVELOPMENT_KEY = "development-only"


def _secret_key() -> str:
    path = os.environ.get("SIMMER_SECRET_KEY_FILE")
    key = Path(path).read_text().strip() if path else os.environ.get("SIMMER_SECRET_KEY", "")
    if key and key != DEVELOPMENT_KEY:
        return key
    if os.environ.get("SIMMER_PRODUCTION") == "1":
        raise ImproperlyConfigured(
            "SIMMER_SECRET_KEY_FILE names no secret key; write 50 random characters to a file "
            "of mode 0600 and name it there."
        )
    return DEVELOPMENT_KEY


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = os.environ.get("SIMMER_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("SIMMER_TRUSTED_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "channels",
    "ninja",
    "fleet",
    "frontend",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "frontend.content_policy.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "fleet.urls"
ASGI_APPLICATION = "fleet.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ.get("SIMMER_DB_HOST", str(DATA_DIR / "run" / "pg")),
        "PORT": os.environ.get("SIMMER_DB_PORT", ""),
        "NAME": os.environ.get("SIMMER_DB_NAME", "fleet"),
        "USER": os.environ.get("SIMMER_DB_USER", "app"),
        "PASSWORD": os.environ.get("SIMMER_DB_PASSWORD", ""),
        "CONN_MAX_AGE": 0 if os.environ.get("SIMMER_ROLE") == "web" else None,
        "CONN_HEALTH_CHECKS": True,
    }
}

VALKEY_URL = os.environ.get("SIMMER_VALKEY_URL", f"unix://{DATA_DIR}/run/valkey.sock?db=0")
CHANNEL_LAYERS = {
    "default": {
        # channels_redis.core loses messages under load and its consumers die when idle:
        # only the pub/sub layer may carry live data.
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": VALKEY_URL, "socket_timeout": None}]},
    }
}

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 1  # [h]
AXES_VERBOSE = False

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "fleet"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_AGE = 12 * 3600  # [s]
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
_behind_tls = os.environ.get("SIMMER_TLS") == "1"
SESSION_COOKIE_SECURE = _behind_tls
CSRF_COOKIE_SECURE = _behind_tls
SECURE_SSL_REDIRECT = _behind_tls
SECURE_HSTS_SECONDS = 3600 if _behind_tls else 0
if _behind_tls:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

STATIC_URL = "static/"
# An image collects and compresses its files once; one machine serves them from the folders,
# so that there is nothing to collect before the first page can be shown.
STATIC_ROOT = os.environ.get("SIMMER_STATIC")
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "frontend.static_finders.PlotlyFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 60

CELERY_BROKER_URL = os.environ.get(
    "SIMMER_BROKER_URL", f"redis+socket://{DATA_DIR}/run/valkey.sock?virtual_host=0"
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# A message is a doorbell: with late acknowledgment a long run would be delivered twice,
# and a broker restart would take the worker down.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
}
CELERY_TASK_DEFAULT_QUEUE = "analysis"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("SIMMER_LOG_LEVEL", "INFO")},
}

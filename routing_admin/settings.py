"""All settings of the project, from the environment; safe where nothing is set.

Every variable stands in `.env.example`. A wrong one raises `SettingError` with its name.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from . import connections
from .env import Env, SettingError, is_loopback
from .logs import logging_config
from .secret import own_secret

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env.load(BASE_DIR / os.environ.get("ENV_FILE", ".env"))

# --- Where the instance lives --------------------------------------------------------------

VAR_DIR = BASE_DIR / env.text("VAR_DIR", "var")
VAR_DIR.mkdir(parents=True, exist_ok=True)
PORT = env.integer("PORT", 8000, low=1, high=65535)
_base_url = env.url("BASE_URL", f"http://127.0.0.1:{PORT}", schemes=("http", "https"))
if not _base_url.hostname or _base_url.query or _base_url.fragment or _base_url.path.strip("/"):
    raise SettingError("BASE_URL", "must be a scheme and a host, such as https://desk.example.com")
BASE_URL = f"{_base_url.scheme}://{_base_url.netloc}"
IS_LOCAL = is_loopback(_base_url.hostname)
IS_HTTPS = _base_url.scheme == "https"

DEBUG = env.boolean("DEBUG", False)
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS", dict.fromkeys([_base_url.hostname, "localhost", "127.0.0.1", "[::1]"])
)
SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY and not IS_LOCAL:
    raise SettingError("SECRET_KEY", "must be set where BASE_URL is not this machine")
SECRET_KEY = SECRET_KEY or own_secret(VAR_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
#: Networks that outgoing requests may reach although they are private (semantics: none).
ALLOWED_PRIVATE_NETWORKS = env.networks("ALLOWED_PRIVATE_NETWORKS")
METRICS_TOKEN = env.text("METRICS_TOKEN")

# --- Applications --------------------------------------------------------------------------

INSTALLED_APPS = [
    "routing_admin",
    "territories",
    "leads",
    "unfold",  # before the admin: it replaces its templates
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "simple_history",
    "import_export",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_prometheus",
    "csp",
    "axes",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "routing_admin.middleware.ProxyMiddleware",
    "routing_admin.middleware.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "routing_admin.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "territories.revisions.RevisionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "routing_admin.urls"
WSGI_APPLICATION = "routing_admin.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Storage -------------------------------------------------------------------------------

DATABASES = {"default": connections.database(env, VAR_DIR, BASE_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": connections.cache(env)}
#: Files of this instance; two instances with different databases share none.
INSTANCE_DIR = VAR_DIR / connections.instance(DATABASES["default"])

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
# Served from the packages and folders where they lie: no collectstatic, no second copy.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True

# --- Requests ------------------------------------------------------------------------------

# The API and the forms set their own limits below this one, and the API streams its long
# bodies. This is the last bound: a configuration document of 32 MiB in a form still fits.
DATA_UPLOAD_MAX_MEMORY_SIZE = 40 * 1024 * 1024
# A change list of 1,000 editable rows and the rows of conditions have many fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "routing_admin.errors.csrf_failure"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_HTTPS
# Probes come from inside, past the proxy, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^api/v1/health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
# ProxyMiddleware drops the header unless a trusted proxy sent it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_AGE = 14 * 24 * 3600
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Sign-in -------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
# Name and address together: neither a guesser nor a colleague behind the same address locks
# the owner of the account out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "routing_admin.errors.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- Mail, logs ----------------------------------------------------------------------------

globals().update(connections.email(env, VAR_DIR))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text(
    "EMAIL_FROM", f"Routing desk <routing@{_base_url.hostname}>"
)
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = logging_config(LOG_LEVEL, env.choice("LOG_FORMAT", "json", ("json", "console")))

# --- Background work -----------------------------------------------------------------------

CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = connections.broker(
    env, INSTANCE_DIR / "broker"
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker that is away comes back
CELERY_TASK_PUBLISH_RETRY = False  # a request does not wait: the scheduler wakes again
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BEAT_SCHEDULE_FILENAME = str(INSTANCE_DIR / "schedule")


def _every(seconds: int, task: str) -> dict[str, Any]:
    """A periodic task; a message that waited until the next one comes is dropped."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


CELERY_BEAT_SCHEDULE = {
    "heartbeat": _every(15, "leads.tasks.beat_heart"),
    "scan time": _every(15, "leads.tasks.scan_time"),
    "send alerts": _every(10, "leads.tasks.send_alerts"),
    "wake jobs": _every(15, "leads.tasks.wake_jobs"),
    "note inactive owners": _every(60, "leads.tasks.note_inactive_owners"),
    "purge expired": _every(3600, "leads.tasks.purge_expired"),
}

# --- API -----------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Routing desk",
    "DESCRIPTION": "Receives leads, finds each the right owner and says why.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    # Members of the same name that hold different words need a name for each set of words.
    "ENUM_NAME_OVERRIDES": {
        "LeadStatus": "leads.api.shapes.LEAD_STATUSES",
        "OutcomeStatus": "leads.api.shapes.OUTCOME_STATUSES",
        "AssignmentKind": "leads.api.shapes.ASSIGNMENT_KINDS",
        "ActorKind": "leads.api.shapes.ACTOR_KINDS",
        "ReassignReason": "leads.api.shapes.REASSIGN_REASONS",
        "HealthState": "leads.api.config_shapes.HEALTH_STATES",
        "CheckState": "leads.api.config_shapes.CHECK_STATES",
    },
}

# --- Admin ---------------------------------------------------------------------------------

IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Routing desk",
    "SITE_HEADER": "Routing desk",
    "SITE_SYMBOL": "alt_route",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": f"{STATIC_URL}routing_admin/favicon.svg",
        }
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "routing_admin.navigation.navigation",
    },
}

"""The one settings file. What differs between houses comes from the environment, read strictly.

A command that finds no `DATABASE_URL` looks for the embedded services of a running demo in the state
folder (`REGULARS_STATE`, by default `var/` in the checkout), so that `manage.py import` and its like
work beside `manage.py demo` with nothing to set.
"""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from phonenumbers import SUPPORTED_REGIONS

from portal.embedded.services import read_services

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = Path(os.environ.get("REGULARS_STATE") or BASE_DIR / "var").resolve()


_SERVICES = {} if os.environ.get("DATABASE_URL") else read_services(STATE_DIR)


def text(name: str, default: str | None = None) -> str:
    """Read a setting from the environment, else from the running demo, else the default."""
    value = os.environ.get(name) or _SERVICES.get(name) or default
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. The README's “Run it for real” says what belongs there.")
    return value


def number(name: str, default: int) -> int:
    """Read a whole number of zero or more."""
    value = text(name, str(default))
    if not value.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def truth(name: str, default: bool) -> bool:
    """Read yes or no."""
    value = text(name, "yes" if default else "no").lower()
    if value not in {"yes", "no", "true", "false", "1", "0"}:
        raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")
    return value in {"yes", "true", "1"}


def words(name: str, default: str) -> list[str]:
    """Read a list separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


DEBUG = truth("DEBUG", False)
# A command needs no key that outlives it; the web server does, and portal.wsgi refuses to start without.
SECRET_KEY = text("SECRET_KEY", os.urandom(32).hex())
HAS_SECRET_KEY = bool(os.environ.get("SECRET_KEY") or _SERVICES.get("SECRET_KEY"))
ALLOWED_HOSTS = words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS", "")
# Where links in letters lead.
SITE_URL = text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
SITE_NAME = text("SITE_NAME", "Regulars")

INSTALLED_APPS = [
    "portal",
    "feedback",
    "tiers",
    "customers",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "pgtrigger",
    "pghistory",
    "django_celery_beat",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.csp.SitePolicy",
    "portal.csp.AdminPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.languages.Languages",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
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
    },
    {
        # Asked for by name (portal.jinja): both kinds live in the same folders.
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "portal.jinja.environment"},
    },
]

# --- the record ----------------------------------------------------------------------------------

DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(text("DATABASE_URL", "postgresql://localhost/regulars"), conn_max_age=0)
}
if _pool := number("DATABASE_POOL", 0):
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": _pool, "timeout": 10}
    # Connections of our own may keep what they have prepared (customers.selectors.prepared).
    DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 5

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
FORMAT_MODULE_PATH = "portal.formats"
# The business's own calendar: a day, a twelve-month window and a deadline are counted here.
TIME_ZONE = text("TIME_ZONE", "UTC")
LANGUAGE_CODE = "en"
# What customers are written to in. Colleagues' pages are in LANGUAGE_CODE (portal.languages).
LANGUAGES = [
    ("en", _("English")),
    ("de", _("German")),
    ("fr", _("French")),
    ("es", _("Spanish")),
    ("pt", _("Portuguese")),
    ("ar", _("Arabic")),
]

# What customers are written to in of whom nobody has said a language.
CUSTOMER_LANGUAGE = text("CUSTOMER_LANGUAGE", LANGUAGE_CODE)
if CUSTOMER_LANGUAGE not in dict(LANGUAGES):
    known = ", ".join(dict(LANGUAGES))
    raise ImproperlyConfigured(f"CUSTOMER_LANGUAGE must be one of {known}, not {CUSTOMER_LANGUAGE!r}.")

# --- work in the background ----------------------------------------------------------------------
# Soft limit < hard limit < lease < visibility timeout: a task that hangs is ended before its claim
# lapses, and its claim lapses before the broker hands the message out again (DESIGN section 6).

CELERY_BROKER_URL = text("CELERY_BROKER_URL", "amqp://guest:guest@localhost:5672//")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_DEFAULT_QUEUE = "regulars"
if CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "visibility_timeout": 3600,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    }
else:
    CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"
    CELERY_TASK_DEFAULT_EXCHANGE_TYPE = "topic"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True}

# --- who comes in --------------------------------------------------------------------------------

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["portal.accounts.AccountBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk"
ACCOUNT_ADAPTER = "portal.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_FORMS = {"add_email": "portal.accounts.AddressForm"}
# Nobody signs up, so whoever is not a colleague gets no letter that invites them to.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"{SITE_NAME}: "
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME

# --- the door ------------------------------------------------------------------------------------

BEHIND_TLS = SITE_URL.startswith("https://")
SESSION_ENGINE = "portal.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if truth("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
# django-unfold's pages carry inline script and style; only they get the wider policy (portal.csp).
ADMIN_CSP = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}

# --- pages ---------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Serves straight from the apps, so that no collecting step (and no folder for it) stands before the first page.
WHITENOISE_USE_FINDERS = True

UNFOLD = {
    "SITE_TITLE": SITE_NAME,
    "SITE_HEADER": SITE_NAME,
    "SITE_SYMBOL": "concierge",
    "SITE_URL": reverse_lazy("desk"),
    "SHOW_HISTORY": True,
    "SCRIPTS": [lambda request: static("portal/admin.js")],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("portal/key.svg")}],
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": "portal.admin.sidebar.navigation"},
    "COLORS": {
        "primary": {
            "50": "#eff7f4",
            "100": "#d8ebe4",
            "200": "#b3d8ca",
            "300": "#85beaa",
            "400": "#56a087",
            "500": "#41947b",
            "600": "#1f6f5c",
            "700": "#1b594b",
            "800": "#19473d",
            "900": "#163b33",
            "950": "#0a211d",
        }
    },
}

# --- API -----------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["portal.api.permissions.RolePermission"],
    "DEFAULT_PAGINATION_CLASS": "portal.api.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["portal.api.rendering.Json"],
    "DEFAULT_PARSER_CLASSES": ["portal.api.parsing.Body"],
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "portal.api.refusals.answer",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Regulars API",
    "DESCRIPTION": "Customers, their orders and the conversations with them.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "DISABLE_ERRORS_AND_WARNINGS": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "portal.api.openapi.close_bodies",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ContactKind": "customers.enums.ContactKind",
        "IncidentKind": "customers.enums.IncidentKind",
        "OverrideKind": "tiers.enums.OverrideKind",
        "OrderKind": "customers.models.order.Order.Kind",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
}

# --- letters -------------------------------------------------------------------------------------

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = text("EMAIL_HOST", "localhost")
EMAIL_PORT = number("EMAIL_PORT", 25)
EMAIL_HOST_USER = text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = truth("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = truth("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = number("EMAIL_TIMEOUT", 20)
DEFAULT_FROM_EMAIL = text("DEFAULT_FROM_EMAIL", "Regulars <hello@regulars.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where letters that cannot be delivered come back to; "bounces+@…" has each letter's number put after the plus.
BOUNCE_ADDRESS = text("BOUNCE_ADDRESS", "")
# Where those that came back lie: maildir:///a/folder or imaps://user:password@host/FOLDER.
BOUNCE_MAILBOX = text("BOUNCE_MAILBOX", "")
# Whose reports about letters we take (portal.post): "mailgun", "postmark", or nobody's.
LETTER_WEBHOOK = text("LETTER_WEBHOOK", "")
if LETTER_WEBHOOK not in {"", "mailgun", "postmark"}:
    raise ImproperlyConfigured(f"LETTER_WEBHOOK must be mailgun or postmark, not {LETTER_WEBHOOK!r}.")
ANYMAIL: dict[str, Any] = {}
if LETTER_WEBHOOK:
    ANYMAIL["WEBHOOK_SECRET"] = text("LETTER_WEBHOOK_SECRET")
    if len(ANYMAIL["WEBHOOK_SECRET"]) < 20 or ":" not in ANYMAIL["WEBHOOK_SECRET"]:
        raise ImproperlyConfigured("LETTER_WEBHOOK_SECRET must be user:password, 20 characters and more.")
if LETTER_WEBHOOK == "mailgun":
    ANYMAIL["MAILGUN_WEBHOOK_SIGNING_KEY"] = text("MAILGUN_WEBHOOK_SIGNING_KEY")

# --- calls by video -----------------------------------------------------------------------------------

# A Jitsi Meet server with token authentication (portal.video.server), such as https://meet.example; empty for none.
JITSI_URL = text("JITSI_URL", "").rstrip("/")
JITSI_APP_ID = text("JITSI_APP_ID") if JITSI_URL else ""
JITSI_APP_SECRET = text("JITSI_APP_SECRET") if JITSI_URL else ""
if JITSI_URL and not re.fullmatch(r"https://[^/\s?#@;,']+(/[A-Za-z0-9_-]+)?", JITSI_URL):
    raise ImproperlyConfigured("JITSI_URL must be like https://meet.example, or with a tenant after one more slash.")
if JITSI_URL and len(JITSI_APP_SECRET) < 32:
    # RFC 7518, section 3.2: a key is at least as long as the hash.
    raise ImproperlyConfigured("JITSI_APP_SECRET must have 32 characters and more.")

# --- the house's own rules -----------------------------------------------------------------------

# Money from other currencies is turned into this one before anything is compared.
HOUSE_CURRENCY = text("HOUSE_CURRENCY", "GBP")
if not re.fullmatch("[A-Z]{3}", HOUSE_CURRENCY):
    raise ImproperlyConfigured(f"HOUSE_CURRENCY must be a code of three letters such as GBP, not {HOUSE_CURRENCY!r}.")
# ISO 3166 code of the country whose national notation of phone numbers is meant, where neither the number nor the
# customer says another.
HOUSE_COUNTRY = text("HOUSE_COUNTRY", "GB").upper()
if HOUSE_COUNTRY not in SUPPORTED_REGIONS:
    raise ImproperlyConfigured(f"HOUSE_COUNTRY must be a country's code such as GB or FR, not {HOUSE_COUNTRY!r}.")
# Share of an order's amount that is taken as its margin where the order does not say; such orders are marked.
MARGIN_PERCENT = number("MARGIN_PERCENT", 30)
# A letter whose sender has not reported back by then is uncertain.
LETTER_LEASE = timedelta(minutes=10)
# A call that nobody answered or dismissed stands on its desk for so long, and its number is kept for so long.
POP_STANDS = timedelta(hours=4)
POP_KEPT = timedelta(days=90)
# How many desks one web process keeps a line open to. Each takes one of the server's blocking threads for itself: give
# it at least eight more than this. A desk beyond it asks every five seconds.
POP_STREAMS = number("POP_STREAMS", 32)
# Hosts (with or without a port) that cards from outside may come from though they are inside the house's own network,
# or speak plain http. All others have to be on the open net, and speak https.
OUTSIDE_HOSTS = words("OUTSIDE_HOSTS", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"tokens": {"()": "portal.logs.HideTokens"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["tokens"]}},
    "root": {"handlers": ["console"], "level": text("LOG_LEVEL", "INFO")},
}

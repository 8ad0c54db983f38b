"""Settings that development, test and production share; values from the environment come through `env`."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import django_stubs_ext

from karvon.kernel.logging import logging_config
from karvon.settings.connections import broker as broker
from karvon.settings.connections import caches as caches
from karvon.settings.connections import database as database
from karvon.settings.connections import with_database_number as with_database_number
from karvon.settings.env import read_environment
from karvon.settings.openapi import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from karvon.settings.providers import read_accounts
from karvon.settings.queues import QUEUES, ROUTES
from karvon.settings.schedule import SCHEDULE
from karvon.settings.tools import Tools
from karvon.settings.unfold import UNFOLD as UNFOLD

django_stubs_ext.monkeypatch()  # generic admin and form classes may be subscripted

ENV = read_environment()
PACKAGE = Path(__file__).resolve().parents[1]
HOME: Path = Path(ENV["KARVON_HOME"]).resolve()

DEBUG = ENV["KARVON_DEBUG"]
KARVON_DEMO = ENV["KARVON_DEMO"]
SECRET_KEY = ENV["KARVON_SECRET_KEY"]
ALLOWED_HOSTS = ENV["KARVON_ALLOWED_HOSTS"]
ROOT_URLCONF = "karvon.urls"
KARVON_ERROR_RESPONSE = "karvon.api.errors.to_http_response"  # for refusals before any view
WSGI_APPLICATION = "karvon.wsgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "modeltranslation",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "karvon.backoffice.apps.BackofficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "tree_queries",
    "karvon.kernel",
    "karvon.audit",
    "karvon.accounts",
    "karvon.media",
    "karvon.merchants",
    "karvon.catalog",
    "karvon.inventory",
    "karvon.reviews",
    "karvon.promotions",
    "karvon.carts",
    "karvon.orders",
    "karvon.payments",
    "karvon.ledger",
    "karvon.documents",
    "karvon.notifications",
    "karvon.analytics",
    "karvon.backoffice",
]

MIDDLEWARE = [
    "karvon.kernel.middleware.GateMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "karvon.kernel.middleware.LanguageMiddleware",
    "karvon.kernel.middleware.BrowserSections",
]
API_DOCUMENT_PAGES = ("/api/v1/docs/", "/api/docs/", "/swagger/", "/store/docs/")
API_READING_PAGES = ("/api/v1/redoc/", "/redoc/")
KARVON_BROWSER_PREFIXES = (
    "/admin/", "/demo/", "/documents/", "/i18n/", "/invitation/", "/pay/", "/reset-password/", "/static/",
    "/store/payment-test/", "/unsubscribe/",
    *API_DOCUMENT_PAGES, *API_READING_PAGES,
)  # fmt: skip
KARVON_BROWSER_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "karvon.accounts.acting.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "karvon.backoffice.clock.ShopClock",
    "karvon.kernel.policies.PagePolicies",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # before the packages' own
        "DIRS": [PACKAGE / "api" / "templates", PACKAGE / "backoffice" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- people ---
AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = [
    # usernames are unique case-insensitively, by a constraint Django cannot see
    "auth.E003",
    "auth.W004",
    # sessions, messages and the admin's login run for browsers only: KARVON_BROWSER_MIDDLEWARE
    "admin.E408",
    "admin.E409",
    "admin.E410",
]
AUTHENTICATION_BACKENDS = ["karvon.accounts.backends.PasswordBackend"]
PASSWORD_HASHERS = [
    "karvon.accounts.hashing.ShopArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
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
ACCESS_TOKEN_LIFETIME = timedelta(minutes=ENV["KARVON_ACCESS_TOKEN_MINUTES"])
STOREFRONT_TOKEN_LIFETIME = timedelta(minutes=ENV["KARVON_STOREFRONT_TOKEN_MINUTES"])
REFRESH_TOKEN_LIFETIME = timedelta(days=ENV["KARVON_REFRESH_TOKEN_DAYS"])
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_FAILURES_PER_ACCOUNT = ENV["KARVON_LOGIN_FAILURES_PER_ACCOUNT"]
LOGIN_FAILURES_PER_ADDRESS = ENV["KARVON_LOGIN_FAILURES_PER_ADDRESS"]
PHONE_REGION = ENV["KARVON_PHONE_REGION"]

# --- languages ---
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
FORMAT_MODULE_PATH = ["karvon.settings.formats"]
LANGUAGE_CODE = ENV["KARVON_DEFAULT_LANGUAGE"]
LANGUAGES = [("uz", "O‘zbekcha"), ("ru", "Русский"), ("en", "English"), ("ar", "العربية")]
LOCALE_PATHS = [PACKAGE / "locale"]
MODELTRANSLATION_LANGUAGES = ("uz", "ru", "en", "ar")
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_FALLBACK_LANGUAGES = {"default": ("en", "uz", "ru", "ar")}


# --- databases ---
KARVON_LOCK_TIMEOUT_MS = ENV["KARVON_LOCK_TIMEOUT_MS"]
KARVON_REDIS_TIMEOUT = ENV["KARVON_REDIS_TIMEOUT"]

# --- HTTP ---
CORS_ALLOWED_ORIGINS = ENV["KARVON_CORS_ORIGINS"]
CORS_ALLOW_CREDENTIALS = bool(ENV["KARVON_CORS_ORIGINS"])
CORS_ALLOW_HEADERS = (
    "accept", "accept-language", "authorization", "content-type", "idempotency-key",
    "x-cart-id", "x-merchant", "x-request-id",
)  # fmt: skip
CORS_EXPOSE_HEADERS = ("Idempotency-Replayed", "Retry-After", "X-Cart-ID", "X-Request-ID")
KARVON_TRUSTED_PROXIES = ENV["KARVON_TRUSTED_PROXIES"]
KARVON_MAX_BODY_BYTES = ENV["KARVON_MAX_BODY_BYTES"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "karvon.api.errors.form_refused"
X_FRAME_OPTIONS = "DENY"
LOGIN_REDIRECT_URL = "/admin/"  # where a login goes that was sent elsewhere
_SELF, _NONE = "'self'", "'none'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [_SELF],
        "img-src": [_SELF, "data:"],
        "frame-ancestors": [_NONE],
        "base-uri": [_SELF],
        "form-action": [_SELF],
        "object-src": [_NONE],
    }
}
# No page may run a script that stands in the page itself. The admin's Alpine.js evaluates attributes, and its
# charts and pickers set styles of elements; the API's two viewers do the latter, one of them in a worker.
_STYLES = {"style-src": [_SELF, "'unsafe-inline'"]}
KARVON_PAGE_POLICIES: dict[str, dict[str, list[str]]] = {
    "/admin/": {**_STYLES, "script-src": [_SELF, "'unsafe-eval'"], "img-src": ["blob:"]},
    **dict.fromkeys(API_DOCUMENT_PAGES, _STYLES),
    **{page: {**_STYLES, "worker-src": [_SELF, "blob:"]} for page in API_READING_PAGES},
}

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["karvon.kernel.rendering.OrjsonRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "karvon.kernel.rendering.LenientNegotiation",
    "DEFAULT_PARSER_CLASSES": [
        "karvon.kernel.parsing.OrjsonParser",
        "karvon.kernel.parsing.BoundedFormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_AUTHENTICATION_CLASSES": ["karvon.accounts.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["karvon.kernel.throttling.ScopedThrottle"],
    "DEFAULT_PAGINATION_CLASS": "karvon.kernel.pagination.PageNumber",
    "PAGE_SIZE": 20,
    "EXCEPTION_HANDLER": "karvon.api.errors.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "karvon.api.autoschema.OperationSchema",
    "COERCE_DECIMAL_TO_STRING": True,
    "URL_FORMAT_OVERRIDE": None,
    "UNICODE_JSON": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
KARVON_THROTTLES: dict[str, str | None] = {
    scope: ENV[f"KARVON_THROTTLE_{scope.upper()}"]
    for scope in (
        "login",
        "registration",
        "password_reset",
        "refresh",
        "coupons",
        "guest_orders",
        "write",
        "read",
    )
}

# --- files ---
KARVON_MEDIA_URL = ENV["KARVON_MEDIA_URL"]
MEDIA_ROOT = HOME / "media"
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = True
STATICFILES_DIRS = [PACKAGE / "api" / "static"]
KARVON_MADE_STATIC = HOME / "made-static"
STATICFILES_FINDERS = [
    "karvon.backoffice.mending.MendedFiles",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
KARVON_IMAGE_MAX_BYTES = ENV["KARVON_IMAGE_MAX_BYTES"]
KARVON_KYC_MAX_BYTES = ENV["KARVON_KYC_MAX_BYTES"]
KARVON_IMAGE_MAX_PIXELS = 40_000_000
KARVON_IMAGE_MAX_FRAMES = 500
KARVON_IMAGE_MAX_SIDE = 2560
KARVON_IMAGE_DECODERS = 2
KARVON_AVIF_SPEED = 9
KARVON_RENDITION_WIDTHS = (160, 320, 640, 1280)
KARVON_UPLOAD_SECONDS = 900
KARVON_IMPORT_MAX_BYTES = ENV["KARVON_IMPORT_MAX_BYTES"]
KARVON_IMPORT_CREATES_CATEGORIES = ENV["KARVON_IMPORT_CREATES_CATEGORIES"]
KARVON_JOB_FILE_DAYS = ENV["KARVON_JOB_FILE_DAYS"]


def _storage(folder: str, *, public: bool) -> dict[str, Any]:
    if not ENV["KARVON_S3_BUCKET"]:
        return {
            "BACKEND": "karvon.media.storage.AtomicFileSystemStorage",
            "OPTIONS": {"location": str(HOME / folder)},
        }
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": ENV["KARVON_S3_BUCKET"],
            "endpoint_url": ENV["KARVON_S3_ENDPOINT_URL"] or None,
            "region_name": ENV["KARVON_S3_REGION"] or None,
            "access_key": ENV["KARVON_S3_ACCESS_KEY"] or None,
            "secret_key": ENV["KARVON_S3_SECRET_KEY"] or None,
            "location": "public" if public else "private",
            "file_overwrite": True,
            "querystring_auth": not public,
        },
    }


STORAGES = {
    "default": _storage("media", public=True),
    "private": _storage("private", public=False),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# --- shop ---
KARVON_PUBLIC_URL = ENV["KARVON_PUBLIC_URL"].rstrip("/")
KARVON_SHOP_NAME = ENV["KARVON_SHOP_NAME"]
KARVON_ORDER_URL = KARVON_PUBLIC_URL + "/api/v1/orders/{id}/?token={token}"
# behind "#" the key is sent to no server and stands in no Referer
KARVON_PASSWORD_RESET_URL = (
    ENV["KARVON_PASSWORD_RESET_URL"] or KARVON_PUBLIC_URL + "/reset-password#{uid}/{token}"
)
KARVON_INVITATION_URL = ENV["KARVON_INVITATION_URL"] or KARVON_PUBLIC_URL + "/invitation#{token}"
KARVON_INVITATION_LIFETIME = timedelta(days=ENV["KARVON_INVITATION_DAYS"])
KARVON_DEFAULT_CURRENCY = ENV["KARVON_DEFAULT_CURRENCY"]
KARVON_TIME_ZONE = ENV["KARVON_TIME_ZONE"]
KARVON_DELIVERY_MINUTES = ENV["KARVON_DELIVERY_MINUTES"]
KARVON_PICKUP_MINUTES = ENV["KARVON_PICKUP_MINUTES"]
KARVON_REPORT_HOUR = ENV["KARVON_REPORT_HOUR"]
KARVON_PAYMENT_DEADLINE = timedelta(minutes=ENV["KARVON_PAYMENT_DEADLINE_MINUTES"])
KARVON_TRANSFER_DEADLINE = timedelta(hours=ENV["KARVON_TRANSFER_DEADLINE_HOURS"])
KARVON_ENCRYPTION_KEYS = ENV["KARVON_ENCRYPTION_KEYS"]
# each ends with a slash, so that https://shop.example does not let https://shop.example.evil.example pass
KARVON_RETURN_URLS = [f"{url.rstrip('/')}/" for url in (KARVON_PUBLIC_URL, *ENV["KARVON_RETURN_URLS"])]
KARVON_PROVIDERS = read_accounts(ENV)
KARVON_STORE_MERCHANT = ENV["KARVON_STORE_MERCHANT"]
KARVON_MEMBERSHIP_FROM = {
    "gold": ENV["KARVON_MEMBERSHIP_GOLD_FROM"],
    "silver": ENV["KARVON_MEMBERSHIP_SILVER_FROM"],
}
KARVON_MEMBERSHIP_PERCENT = {
    "bronze": ENV["KARVON_MEMBERSHIP_BRONZE_PERCENT"],
    "silver": ENV["KARVON_MEMBERSHIP_SILVER_PERCENT"],
    "gold": ENV["KARVON_MEMBERSHIP_GOLD_PERCENT"],
}
KARVON_COMMISSION_PERCENT: Decimal = ENV["KARVON_COMMISSION_PERCENT"]
KARVON_PAYOUT_COOLING_OFF = timedelta(hours=ENV["KARVON_PAYOUT_COOLING_OFF_HOURS"])
KARVON_CART_DAYS = ENV["KARVON_CART_DAYS"]
KARVON_CART_REMINDER_DAYS = ENV["KARVON_CART_REMINDER_DAYS"]
KARVON_CART_URL = ENV["KARVON_CART_URL"] or KARVON_PUBLIC_URL + "/cart/"
KARVON_CART_MAX_LINES = ENV["KARVON_CART_MAX_LINES"]

# --- mail ---
DEFAULT_FROM_EMAIL = ENV["KARVON_MAIL_FROM"]
EMAIL_TIMEOUT = 10
EMAIL_FILE_PATH = HOME / "mail"
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if ENV['KARVON_SMTP_HOST'] else 'filebased'}.EmailBackend"
EMAIL_HOST = ENV["KARVON_SMTP_HOST"]
EMAIL_PORT = ENV["KARVON_SMTP_PORT"]
EMAIL_HOST_USER = ENV["KARVON_SMTP_USER"]
EMAIL_HOST_PASSWORD = ENV["KARVON_SMTP_PASSWORD"]
EMAIL_USE_TLS = ENV["KARVON_SMTP_TLS"]

# --- Celery: a courier, not a source of truth ---
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# a task in hand is finished although its broker is gone; it is idempotent, should it come again
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1800,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "beat-schedule")
CELERY_TASK_ROUTES = ROUTES
KARVON_QUEUES = tuple(QUEUES)

LOGGING = logging_config(json=False)

# --- what developers look through; off unless asked for ---
TOOLS = Tools.asked_for(ENV)
INSTALLED_APPS += TOOLS.apps
MIDDLEWARE[1:1] = TOOLS.middleware
KARVON_BROWSER_MIDDLEWARE += TOOLS.browser_middleware
KARVON_BROWSER_PREFIXES = (*KARVON_BROWSER_PREFIXES, *TOOLS.prefixes)
KARVON_PAGE_POLICIES |= TOOLS.policies
INTERNAL_IPS = ["127.0.0.1", "::1"]  # where the toolbar may be seen from
SILKY_MAX_REQUEST_BODY_SIZE = SILKY_MAX_RESPONSE_BODY_SIZE = 0  # what customers send is nobody's to read
SILKY_IGNORE_PATHS = ["/health/", "/health/live/", "/health/ready/"]
DEBUG_TOOLBAR_CONFIG = {"SHOW_COLLAPSED": True, "IS_RUNNING_TESTS": False}

"""The settings of IM Hub, from the environment with the prefix `IMHUB_`. A bad value stops the start with its name.

What Django does not know has the same name without the prefix: `IMHUB_FRESH_DAYS` is `settings.FRESH_DAYS`.
"""

import os
from datetime import timedelta
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.management.utils import get_random_secret_key

from imhub import __version__
from imhub.conf import environment as env
from imhub.conf.keys import check_session_keys, get_key
from imhub.conf.logs import configure_structlog, make_logging
from imhub.conf.public_url import add_public_host, list_trusted_origins
from imhub.conf.security_headers import make_policy
from sync.protocol import platforms

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = __version__

# Places and keys

# Whatever a process of ours writes (database, lock, log, export) holds other people's words: it is for this user only.
os.umask(0o077)

DATA_DIR = env.get_directory("DATA_DIR", BASE_DIR / "var")
SECRET_KEY = get_key("SECRET_KEY", DATA_DIR / "secret_key", get_random_secret_key)
# Encrypts the owners' browser sessions. It is not derived from SECRET_KEY, which an owner may want to change.
SESSION_KEY = check_session_keys(
    get_key("SESSION_KEY", DATA_DIR / "session_key", lambda: Fernet.generate_key().decode())
)
DATABASES = {"default": env.get_database("DATABASE_URL", DATA_DIR / "imhub.sqlite3")}
REDIS_URL = env.get_url("REDIS_URL", "", ("redis", "rediss", "unix"))

# The hub

DEBUG = env.get_bool("DEBUG", False)
HOST = env.get_text("HOST", "127.0.0.1")
PORT = env.get_int("PORT", 8000, least=1, most=65535)
# What people's browsers see, if that is not what arrives here: a proxy's address. Trusted origins, cookies and links
# follow it.
PUBLIC_URL = env.get_public_url("PUBLIC_URL")
# A browser would not send such cookies back over plain HTTP.
SECURE_COOKIES = env.get_bool("SECURE_COOKIES", PUBLIC_URL.startswith("https://"))
if SECURE_COOKIES and PUBLIC_URL.startswith("http://"):
    raise env.BadSetting("SECURE_COOKIES", f"is on, but browsers come to {PUBLIC_URL} (IMHUB_PUBLIC_URL) without TLS")
ALLOWED_HOSTS = add_public_host(
    env.get_hosts(
        "ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]", f"[{HOST.strip('[]')}]" if ":" in HOST else HOST]
    ),
    PUBLIC_URL,
)
CSRF_TRUSTED_ORIGINS = list_trusted_origins(ALLOWED_HOSTS, PUBLIC_URL, secure=SECURE_COOKIES)
# `serve` takes X-Forwarded-For and X-Forwarded-Proto from these: they say from where somebody signs in and works. The
# proxy must set X-Forwarded-For to the address that it sees: one that passes on what it got lets anybody choose one.
TRUSTED_PROXIES = env.get_networks("TRUSTED_PROXIES", ["127.0.0.1"])

MAX_FRAME_BYTES = env.get_int("MAX_FRAME_BYTES", 1_000_000, least=1024, most=16 * 1024**2)
MAX_SNAPSHOT_BYTES = env.get_int("MAX_SNAPSHOT_BYTES", 64 * 1024**2, least=1024, most=4 * 1024**3)
# Connections to `serve`: in all, and of one address (but for the proxies below, which bound their clients themselves).
# Fewer, if the limit of descriptors leaves no room for the database and for files.
MAX_CONNECTIONS = env.get_int("MAX_CONNECTIONS", 4000, least=16, most=1_000_000)
MAX_CONNECTIONS_PER_ADDRESS = env.get_int("MAX_CONNECTIONS_PER_ADDRESS", 500, least=1, most=1_000_000)
# Requests that run in threads at once: pages, writes, searches, sign-ins and whatever needs the database. Reads of the
# API come from memory and need none.
THREADS = env.get_int("THREADS", 16, least=6, most=256)
# Tokens and sessions that nobody knows, from one address: each costs a question to the database. Above it 429.
UNKNOWN_CREDENTIALS_PER_MINUTE = env.get_int("UNKNOWN_CREDENTIALS_PER_MINUTE", 60, least=1, most=100_000)
# Wrong passwords from one address, whatever the names, in five minutes. Above it 429.
FAILED_LOGINS_PER_ADDRESS = env.get_int("FAILED_LOGINS_PER_ADDRESS", 20, least=1, most=100_000)
# The limit of a request's body; the longest body is a few thousand ids.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024**2
SYNC_INTERVAL_S = env.get_float("SYNC_INTERVAL_S", 30, least=0.05, most=3600)
# Rendered answers that are kept for who asks the same while nothing has changed. 0: none are.
MEMO_MB = env.get_int("MEMO_MB", 64, least=0, most=2**20)
# 0: no limit.
MEMORY_MB = env.get_int("MEMORY_MB", 0, least=0, most=2**24)
# 0: everything is kept.
RETENTION_DAYS = env.get_int("RETENTION_DAYS", 0, least=0, most=36500)
FRESH_DAYS = env.get_int("FRESH_DAYS", 3, least=0, most=365)

# The worker and the platforms

CHROMIUM = env.get_file("CHROMIUM")
# auto: its window shows where there is a display.
WORKER_BROWSER = env.get_choice("WORKER_BROWSER", "auto", ["visible", "hidden", "auto"])
# `manage.py demo` sets it: people are told that accounts and messages are made up.
DEMO = env.get_bool("DEMO", False)
DEMO_PORT = env.get_int("DEMO_PORT", 8100, least=1, most=65535)
# The names in `crawler.platforms`. Only workers import that module: it brings a browser with it.
PLATFORMS = list(platforms.PLATFORMS)
# The addresses of their sites, each by the name that overrides it.
PLATFORM_SETTINGS = {name: env.get_url(name, address) for name, address in platforms.list_addresses().items()}

# What a browser may load: the platforms' pictures come straight from their media hosts, or not at all.
PICTURES = env.get_bool("PICTURES", True)
MEDIA_HOSTS = env.get_media_hosts("MEDIA_HOSTS", platforms.list_media_hosts())
CONTENT_SECURITY_POLICY = make_policy(MEDIA_HOSTS if PICTURES else [])

# Django

ROOT_URLCONF = "imhub.urls"
ASGI_APPLICATION = "imhub.asgi.application"
# The limit of `runserver`, as `serve` has it. Above it the connection breaks without an answer of the hub.
DAPHNE_WEBSOCKET_MAX_MESSAGE_SIZE = DAPHNE_WEBSOCKET_MAX_FRAME_SIZE = 16 * 1024**2
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "imhub",
    "im_api",
    "alerts",
    "inbox",
    "sync",
    "crawler",
    "demo",
    "channels",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular_sidecar",
    "imhub.apps.FailedLoginsConfig",
]
MIDDLEWARE = [
    "imhub.conf.security_headers.SecurityHeadersMiddleware",
    "imhub.edge.request_ids.RequestIdMiddleware",
    "imhub.edge.client_address.ClientAddressMiddleware",
    "imhub.conf.security_headers.RefuseNulMiddleware",
    "imhub.conf.admin_language.AdminLanguageMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "imhub.edge.failed_logins.FailedLoginsMiddleware",
    "axes.middleware.AxesMiddleware",
]
# The middleware that a read of the API needs: no admin, no static files, no forms, no flash messages, no logins.
API_MIDDLEWARE = [
    name
    for name in MIDDLEWARE
    if name.rpartition(".")[2]
    not in (
        "ClientAddressMiddleware",
        "RefuseNulMiddleware",
        "AdminLanguageMiddleware",
        "WhiteNoiseMiddleware",
        "CsrfViewMiddleware",
        "MessageMiddleware",
        "FailedLoginsMiddleware",
        "AxesMiddleware",
    )
]
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
            ]
        },
    }
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
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# After so many wrong passwords for one name from one address, nobody signs in there under that name for a while.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=5)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "inbox.views.sign_in.attempted_username"
AXES_CLIENT_IP_CALLABLE = "imhub.edge.client_address.get_client_address"
AXES_LOCKOUT_CALLABLE = "inbox.views.sign_in.locked_out"
# These are neither stored nor logged: a name is often a password that was typed into the wrong field.
AXES_SENSITIVE_PARAMETERS = ["username", "csrfmiddlewaretoken"]
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False  # imhub.admin has a page of its own

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "imhub"},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "im_api.authentication.TokenAuthentication",
        "im_api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": [
        "im_api.renderers.JSONRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "EXCEPTION_HANDLER": "im_api.error_responses.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
APPEND_SLASH = False
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
SECURE_REFERRER_POLICY = "no-referrer"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_ENGINE = "imhub.edge.browser_sessions"
SESSION_COOKIE_NAME = "imhub_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "imhub_csrf"

LANGUAGE_CODE = "en-us"
# The languages of the inbox and the admin; the API speaks English.
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "admin"]
LANGUAGE_COOKIE_NAME = "imhub_language"
USE_TZ = True
TIME_ZONE = env.get_time_zone("TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "/static/"
# Files are served from the packages themselves: there is no collectstatic to forget.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

LOGGING = make_logging("DEBUG" if DEBUG else "INFO")
configure_structlog()

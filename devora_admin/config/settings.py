"""Django settings: one file for development and production, told apart by the environment."""

from csp.constants import NONE, SELF

from devora_admin.config.env import BASE_DIR, environment
from devora_admin.config.memory_database import database as memory_database
from devora_admin.core.starting import without_maps

without_maps()
ENV = environment()

SECRET_KEY = ENV.secret_key
SECRETS_KEYS = ENV.secrets_keys
PLATFORM_URL = ENV.platform_url
METRICS_TOKEN = ENV.metrics_token
ANALYTICS_READ_PREFERENCE = ENV.analytics_read_preference
CLICKHOUSE_URL = ENV.clickhouse_url
DEBUG = ENV.debug
ALLOWED_HOSTS = list(ENV.allowed_hosts)
ROOT_URLCONF = "devora_admin.config.urls"
WSGI_APPLICATION = "devora_admin.config.wsgi.application"

INSTALLED_APPS = [
    "devora_admin.core",
    "devora_admin.staff",
    "devora_admin.shell",
    "devora_admin.usersettings",
    "devora_admin.users",
    "devora_admin.api",
    "devora_admin.projects",
    "devora_admin.versions",
    "devora_admin.memory",
    "devora_admin.support",
    "devora_admin.analytics",
    "devora_admin.worker",
    "devora_admin.ops",
    "devora_admin.config.django_apps.MongoAuthConfig",
    "devora_admin.config.django_apps.MongoContentTypesConfig",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
]
if ENV.memory_enabled:  # its models need the driver
    INSTALLED_APPS.insert(INSTALLED_APPS.index("devora_admin.memory"), "devora_admin.memory.store")

MIDDLEWARE = [
    "devora_admin.core.middleware.request_context",
    "devora_admin.core.body_limit.limit_body",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "devora_admin.staff.middleware.PermissionMiddleware",
    "devora_admin.users.middleware.ViewAsMiddleware",
    "devora_admin.core.middleware.ProblemMiddleware",
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
            ],
            "builtins": ["devora_admin.shell.templatetags.shell"],
        },
    }
]

# Stores. MongoDB holds everything; a stopped one must answer within the time a person waits.
MONGO_URL = ENV.mongo_url
MONGO_DB_NAME = ENV.db_name
STORE_TIMEOUT_MS = 2000
MONGO_OPTIONS = {
    "w": "majority",
    "journal": True,
    "retryWrites": True,
    "readConcernLevel": "majority",
    "timeoutMS": STORE_TIMEOUT_MS,
    "appname": "devora-admin",
}
DATABASES = {
    "default": {
        "ENGINE": "django_mongodb_backend",
        "HOST": MONGO_URL or "mongodb://127.0.0.1:1/?replicaSet=unset",
        "NAME": MONGO_DB_NAME,
        "OPTIONS": MONGO_OPTIONS,
    }
}
DATABASE_ROUTERS = [
    "devora_admin.memory.store.router.MemoryRouter",
    "django_mongodb_backend.routers.MongoRouter",
]
DEFAULT_AUTO_FIELD = "devora_admin.config.auto_field.AutoFieldOfEither"
MIGRATION_MODULES = {
    "auth": "devora_admin.config.mongo_migrations.auth",
    "contenttypes": "devora_admin.config.mongo_migrations.contenttypes",
}

# Memory. PostgreSQL may be away, and everything else goes on.
MEMORY_ENABLED = ENV.memory_enabled
if MEMORY_ENABLED:
    DATABASES["memory"] = memory_database(ENV.memory_database_url)
EMBEDDING_PROVIDER = ENV.embedding_provider
EMBEDDING_URL = ENV.embedding_url
EMBEDDING_MODEL = ENV.embedding_model
EMBEDDING_API_KEY = ENV.embedding_api_key
EMBEDDING_DIMS = ENV.embedding_dims

# E-mail to customers. On a developer's machine it is printed; elsewhere it waits for a server.
MAIL_SERVER = ENV.email_url
MAIL_IS_ON = MAIL_SERVER is not None or ENV.local_only
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL_SERVER else 'console'}.EmailBackend"
EMAIL_TIMEOUT = 30  # of each step of a conversation with the server
if MAIL_SERVER:
    EMAIL_HOST, EMAIL_PORT = MAIL_SERVER.host, MAIL_SERVER.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL_SERVER.user, MAIL_SERVER.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL_SERVER.use_starttls, MAIL_SERVER.use_tls
SUPPORT_EMAIL = ENV.support_email or "Devora Support <support@localhost>"
SUPPORT_REPLY_TO = ENV.support_reply_to
PUBLIC_URL = ENV.public_url

# Staff accounts.
AUTH_USER_MODEL = "staff.StaffUser"
AUTHENTICATION_BACKENDS = ["devora_admin.staff.backends.ThrottledBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "staff:login"
LOGIN_REDIRECT_URL = "overview"
SESSION_ENGINE = "devora_admin.staff.sessions"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_NAME = "devora_session"
CSRF_FAILURE_VIEW = "devora_admin.core.problems.csrf_failure"

# Transport. Plain HTTP is for loopback alone.
SECURE_COOKIES = not ENV.local_only
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_COOKIES
SECURE_SSL_REDIRECT = SECURE_COOKIES
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes speak plain HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_COOKIES else None
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ENV.allowed_hosts if SECURE_COOKIES]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Input.
MAX_BODY_BYTES = 64 * 1024 * 1024  # of any request; uploads go to disk, so nothing else bounds them
DATA_UPLOAD_MAX_MEMORY_SIZE = 40 * 1024 * 1024  # a 16 MB document as JSON text, twice
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Files.
STATIC_URL = "/static/"
STATIC_ROOT = ENV.data_dir / "static"
STATICFILES_DIRS = [BASE_DIR / "static" / "build"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_DIR = ENV.data_dir

# Words and time.
LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = ENV.time_zone

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"without_links": {"()": "devora_admin.core.log_filter.WithoutLinks"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_links"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # These log whole commands at debug level, customers' text included.
        "pymongo": {"level": "WARNING"},
        "openai": {"level": "WARNING"},
        # A lost connection is told where it was needed.
        "psycopg.pool": {"level": "ERROR"},
        # A refused or missing page is the visitor's concern, not the operator's.
        "django.request": {"level": "ERROR"},
        "django.security.csrf": {"level": "ERROR"},
    },
}

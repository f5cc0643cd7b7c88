import os

from django.core.wsgi import get_wsgi_application

from devora_admin.core.starting import loading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "devora_admin.config.settings")
with loading():
    application = get_wsgi_application()
    # Not with the first request, which somebody waits for.
    import devora_admin.config.urls  # noqa: F401

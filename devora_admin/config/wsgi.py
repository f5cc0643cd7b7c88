import os

from django.core.wsgi import get_wsgi_application

from devora_admin.core.frames import with_room
from devora_admin.core.starting import begin_loading, end_loading, keep_memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "devora_admin.config.settings")
keep_memory()
begin_loading()
application = with_room(get_wsgi_application())
begin_loading()  # which ended with the apps
# Not with the first request, which somebody waits for.
import devora_admin.config.urls  # noqa: E402, F401

end_loading()

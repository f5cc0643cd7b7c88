"""Where every manage.py command begins: the environment is checked and the stores are found."""

import os
import sys
from pathlib import Path

from devora_admin.config.env import BadEnvironment, Environment, environment
from devora_admin.core.frames import with_room
from devora_admin.core.starting import begin_loading, keep_memory

SETTINGS = "devora_admin.config.settings"
GUNICORN_CONFIG = str(Path(__file__).with_name("gunicorn.py"))
WITHOUT_STORES = {
    *("assets", "check", "collectstatic", "compilemessages", "diffsettings", "findstatic"),
    *("help", "makemessages", "makemigrations", "startapp", "test", "version"),
}


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    command = arguments[1] if len(arguments) > 1 else "help"
    help_only = {"-h", "--help"} & set(arguments)
    try:
        env = environment()
    except BadEnvironment as error:
        sys.exit(str(error))
    if not help_only:
        if command == "serve":
            sys.exit(_serve(arguments[2:], env))
        if not env.mongo_url and not command.startswith("-") and command not in WITHOUT_STORES:
            _find_embedded_stores(env)

    keep_memory()
    begin_loading()
    from django.core.management import execute_from_command_line

    with_room(execute_from_command_line)(arguments)


def _serve(arguments: list[str], env: Environment) -> int:
    from devora_admin.ops.serve.run import Stores, serve

    stores = Stores(env.data_dir, env.mongo_url, env.memory_enabled, env.memory_database_url)
    environment.cache_clear()  # read again once the stores' URLs are in it
    return serve(arguments, stores, gunicorn_config=GUNICORN_CONFIG)


def _find_embedded_stores(env: Environment) -> None:
    from devora_admin.embedded.commands import urls_for_commands
    from devora_admin.embedded.errors import EmbeddedStoreError

    memory = env.memory_enabled and not env.memory_database_url
    try:
        os.environ.update(urls_for_commands(env.data_dir, memory=memory))
    except EmbeddedStoreError as error:
        sys.exit(str(error))
    environment.cache_clear()

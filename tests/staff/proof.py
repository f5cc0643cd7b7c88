"""A browser whose person has just proved who they are."""

from django.test import Client

from devora_admin.core import clock


def proven(client: Client) -> Client:
    session = client.session
    session["elevated_at"] = clock.now().isoformat()
    session.save()
    return client

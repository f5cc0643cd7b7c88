from django.urls import path

from devora_admin.usersettings.views import page, preferences, secrets

app_name = "usersettings"
_SETTINGS = "users/<str:user_id>/settings/"
_PREFERENCES = _SETTINGS + "preferences/"
_SECRET = _SETTINGS + "secrets/<str:ref>/"

urlpatterns = [
    path(_SETTINGS, page.detail, name="detail"),
    path(_PREFERENCES + "save/", preferences.save, name="preferences_save"),
    path(_PREFERENCES + "set/", preferences.set_value, name="preferences_set"),
    path(_PREFERENCES + "add/", preferences.add_value, name="preferences_add"),
    path(_PREFERENCES + "rename/", preferences.rename_key, name="preferences_rename"),
    path(_PREFERENCES + "remove/", preferences.remove_value, name="preferences_remove"),
    path(_PREFERENCES + "json/", preferences.edit_json, name="preferences_json"),
    path(_SECRET + "reveal/", secrets.reveal, name="secret_reveal"),
    path(_SECRET + "test/", secrets.test, name="secret_test"),
    path(_SECRET + "replace/", secrets.replace, name="secret_replace"),
    path(_SECRET + "revoke/", secrets.revoke, name="secret_revoke"),
]

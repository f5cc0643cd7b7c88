from django.urls import path

from devora_admin.staff.views import (
    account,
    approvals,
    audit,
    manage,
    second_factor,
    signing_in,
    staff,
    welcome,
)

app_name = "staff"
urlpatterns = [
    # Signing in, and one's own account.
    path("login/", signing_in.login_page, name="login"),
    path("login/verify/", signing_in.verify_page, name="verify"),
    path("login/passkey/", signing_in.passkey_action, name="passkey"),
    path("login/passkey/options/", signing_in.passkey_options, name="passkey_options"),
    path("logout/", signing_in.logout_action, name="logout"),
    path("welcome/<str:token>/", welcome.welcome, name="welcome"),
    path("account/", account.account_page, name="account"),
    path("account/name/", account.rename, name="account_name"),
    path("account/password/", account.change_password, name="account_password"),
    path("account/sessions/end/", account.end_other_sessions, name="account_end_others"),
    path("account/sessions/<str:ref>/end/", account.end_session, name="account_end_session"),
    path("account/second-factor/", second_factor.setup, name="second_factor"),
    path("account/second-factor/off/", second_factor.turn_off_totp, name="totp_off"),
    path("account/recovery-codes/", second_factor.recovery_codes, name="recovery_codes"),
    path("account/passkeys/", second_factor.add_passkey, name="add_passkey"),
    path("account/passkeys/proof/", second_factor.prove, name="passkey_proof"),
    path("account/passkeys/options/", second_factor.passkey_options, name="new_passkey_options"),
    path(
        "account/passkeys/<str:passkey_id>/name/",
        second_factor.rename_passkey,
        name="rename_passkey",
    ),
    path(
        "account/passkeys/<str:passkey_id>/remove/",
        second_factor.remove_passkey,
        name="remove_passkey",
    ),
    # What staff did.
    path("audit/", audit.audit_list, name="audit"),
    path("audit/export/", audit.export, name="audit_export"),
    path("audit/<str:row_id>/", audit.entry, name="audit_entry"),
    path("audit/<str:row_id>/undo/", audit.take_back, name="audit_undo"),
    # What a second person must agree to.
    path("approvals/", approvals.approval_list, name="approvals"),
    path("approvals/<str:approval_id>/", approvals.approval, name="approval"),
    path("approvals/<str:approval_id>/approve/", approvals.approve, name="approval_approve"),
    path("approvals/<str:approval_id>/reject/", approvals.reject, name="approval_reject"),
    path("approvals/<str:approval_id>/again/", approvals.try_again, name="approval_retry"),
    path("approvals/<str:approval_id>/withdraw/", approvals.withdraw, name="approval_withdraw"),
    # Staff accounts.
    path("staff/", staff.staff_list, name="list"),
    path("staff/invite/", manage.invite, name="invite"),
    path("staff/invitations/<str:link_id>/link/", manage.invitation_link, name="invitation_link"),
    path(
        "staff/invitations/<str:link_id>/withdraw/",
        manage.withdraw_invitation,
        name="invitation_withdraw",
    ),
    path("staff/<str:user_id>/", staff.detail, name="detail"),
    path("staff/<str:user_id>/role/", manage.change_role, name="role"),
    path("staff/<str:user_id>/disable/", manage.disable, name="disable"),
    path("staff/<str:user_id>/enable/", manage.enable, name="enable"),
    path("staff/<str:user_id>/recovery/", manage.recovery_link, name="recovery"),
    path("staff/<str:user_id>/sessions/end/", manage.end_all_sessions, name="end_all"),
    path("staff/<str:user_id>/sessions/<str:ref>/end/", manage.end_session, name="end_session"),
]

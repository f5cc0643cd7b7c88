"""Signing in and one's own account, in a browser with an authenticator of its own."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from devora_admin.staff import links
from devora_admin.staff.factors import totp
from devora_admin.staff.factors.stored import factors_of
from tests.browser.conftest import every_look
from tests.browser.editing import open_file, state, type_at_end
from tests.conftest import PASSWORD


@pytest.fixture
def stranger(page_as: Any) -> Callable[..., Page]:
    """A browser that is not signed in, at the name passkeys can be bound to."""

    def make(**options: Any) -> Page:
        page: Page = page_as("viewer", **options)
        page.context.clear_cookies()
        return page

    return make


def authenticator(page: Page, **options: Any) -> Any:
    """A passkey holder that always agrees."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
                **options,
            }
        },
    )
    return session


def at_localhost(page: Page, live: Any, path: str) -> None:
    page.goto(f"http://localhost:{live.port}{path}")


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_an_admin_sets_up_the_app_keeps_the_codes_and_signs_in_with_them(stranger, staff, axe):
    page, user = stranger(), staff("admin")
    page.goto("/projects/")
    sign_in(page, user.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Protect your account first")
    axe(page)
    secret = page.locator("#totp-secret").inner_text().replace(" ", "")
    expect(page.locator(".setup-qr svg")).to_be_visible()
    code = page.get_by_label("Code from the app")
    expect(code).to_be_focused()
    first = totp.code_at(secret, min(totp.steps_now()))
    page.keyboard.type(first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    axe(page)
    codes = page.locator("#codes li").all_inner_texts()
    assert len(codes) == 10
    assert page.evaluate("""() => {
      const box = document.getElementById("codes");
      return box.scrollWidth <= box.clientWidth;
    }""")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#toasts")).to_contain_text("Copied")
    assert all(each in page.evaluate("navigator.clipboard.readText()") for each in codes)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert all(each in download.value.path().read_text() for each in codes)
    page.get_by_role("link", name="continue").click()
    expect(page.locator("#user-menu")).to_be_attached()
    page.goto("/account/")
    expect(page.locator("main")).to_contain_text("10 of 10 left")
    axe(page)
    page.context.clear_cookies()
    page.goto("/account/")
    sign_in(page, user.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    axe(page)
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(codes[2])
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("9 of 10 left")


def test_a_wrong_code_is_told_beside_the_field_and_the_next_one_works(stranger, staff, totp_for):
    page, user = stranger(expect=("status of 422",)), staff("viewer")
    app = totp_for(user)
    page.goto("/projects/")
    sign_in(page, user.email)
    field = page.get_by_label("Code from your authenticator app")
    expect(field).to_be_focused()
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not right")
    expect(field).to_be_focused()
    assert field.get_attribute("autocomplete") == "one-time-code"
    assert field.get_attribute("inputmode") == "numeric"
    code = app.code()
    page.evaluate("text => navigator.clipboard.writeText(text)", f"{code[:3]} {code[3:]}\n")
    page.keyboard.press("Control+V")
    page.keyboard.press("Enter")
    expect(page).to_have_url("/projects/")


def test_a_passkey_is_added_named_used_as_second_step_and_instead_of_the_password(
    stranger, staff, live, axe, mongo
):
    page, user = stranger(), staff("viewer")
    authenticator(page)
    at_localhost(page, live, "/account/passkeys/")
    sign_in(page, user.email)
    axe(page)
    page.get_by_label("Name of the passkey").fill("Work laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    page.get_by_role("link", name="continue").click()
    at_localhost(page, live, "/account/")
    expect(page.locator("main")).to_contain_text("Work laptop")
    axe(page)
    page.context.clear_cookies()

    at_localhost(page, live, "/account/")
    sign_in(page, user.email)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    page.context.clear_cookies()

    at_localhost(page, live, "/account/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    stored = mongo.staff_factors.find_one({"_id": str(user.pk)})["passkeys"][0]
    assert stored["sign_count"] >= 2
    assert stored["last_used_at"] is not None


def test_a_passkey_gets_in_while_the_address_is_hammered(stranger, staff, live, mongo):
    from devora_admin.staff import throttle

    page, user = stranger(expect=("status of 422",)), staff("viewer")
    authenticator(page)
    at_localhost(page, live, "/account/passkeys/")
    sign_in(page, user.email)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("link", name="continue").click()
    page.context.clear_cookies()
    for _ in range(throttle.PER_ACCOUNT + 1):
        throttle.count_attempt(f"account:{user.email}", limit=throttle.PER_ACCOUNT)
    at_localhost(page, live, "/login/")
    sign_in(page, user.email)
    expect(page.get_by_role("alert").first).to_contain_text("Too many attempts")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("#user-menu")).to_be_attached()


def test_an_answer_sent_twice_and_a_copied_passkey_are_refused(stranger, staff, live, mongo):
    page, user = stranger(expect=("status of 422",)), staff("viewer")
    authenticator(page)
    at_localhost(page, live, "/account/passkeys/")
    sign_in(page, user.email)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("link", name="continue").click()
    page.context.clear_cookies()

    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "")
            if request.url.endswith("/login/passkey/") else None)  # fmt: skip
    at_localhost(page, live, "/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("#user-menu")).to_be_attached()
    page.context.clear_cookies()
    at_localhost(page, live, "/login/")
    again = page.evaluate(
        """async (body) => {
          const form = new URLSearchParams(body);
          form.set("csrfmiddlewaretoken", document.forms[0].csrfmiddlewaretoken.value);
          const answer = await fetch("/login/passkey/", {method: "POST", body: form});
          return [answer.status, await answer.text()];
        }""",
        sent[0],
    )
    assert again[0] == 422
    assert "took too long" in again[1]

    # As if the original had been used more often than this copy of it.
    mongo.staff_factors.update_one({}, {"$set": {"passkeys.0.sign_count": 1000}})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert").first).to_contain_text("not accepted")
    expect(page).to_have_url(f"http://localhost:{live.port}/login/passkey/")


def test_a_passkey_that_did_not_ask_who_is_there_is_no_password(stranger, staff, live):
    page, user = stranger(), staff("viewer")
    session = authenticator(page, hasUserVerification=False, isUserVerified=False)
    at_localhost(page, live, "/account/passkeys/")
    sign_in(page, user.email)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("link", name="continue").click()
    page.context.clear_cookies()
    at_localhost(page, live, "/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("[data-passkey-error]")).to_be_visible()
    sign_in(page, user.email)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.locator("#user-menu")).to_be_attached()
    session.send("WebAuthn.disable")


def test_a_passkey_is_renamed_and_removed(stranger, staff, live):
    page, user = stranger(), staff("viewer")
    authenticator(page)
    at_localhost(page, live, "/account/passkeys/")
    sign_in(page, user.email)
    page.get_by_label("Name of the passkey").fill("Phone")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("link", name="continue").click()
    at_localhost(page, live, "/account/")
    page.get_by_role("link", name="Rename Phone").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Old phone")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Old phone").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#toasts")).to_contain_text("Passkey removed")
    assert factors_of(str(user.pk)).count == 0


def test_an_address_that_is_a_number_says_where_passkeys_work(page_as, stranger, staff, live, axe):
    page = stranger()
    page.goto("/login/")
    expect(page.get_by_role("link", name="localhost")).to_have_attribute(
        "href", f"http://localhost:{live.port}/login/"
    )
    axe(page)
    signed_in = page_as("viewer")
    signed_in.goto("/account/passkeys/")
    expect(signed_in.locator("main")).to_contain_text("this address is a number")
    expect(signed_in.get_by_role("link", name="this page at localhost")).to_be_visible()


def test_the_editor_asks_for_the_second_step_in_place(
    page_as, staff, totp_for, make_project, mongo
):
    project, user = make_project(), staff("editor")
    app = totp_for(user)
    page = page_as("editor", expect=("status of 401", "status of 422"))
    open_file(page, project)
    mongo.staff_staffsession.delete_many({})
    type_at_end(page, "// before")
    dialog = page.locator("#editor-sign-in")
    expect(dialog).to_be_visible()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#again-code")).to_be_focused()
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("not right")
    page.keyboard.type(app.code())
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    state(page).to_have_text("Saved")


def test_the_editor_takes_a_passkey_in_place(stranger, staff, live, make_project, mongo):
    project, user = make_project(), staff("editor")
    page = stranger(expect=("status of 401",))
    authenticator(page)
    at_localhost(page, live, "/account/passkeys/")
    sign_in(page, user.email)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("link", name="continue").click()
    at_localhost(page, live, f"/projects/{project['id']}/edit/?file=app/page.tsx")
    page.wait_for_selector("[data-editor][data-ready]")
    expect(page.locator("[data-monaco] .view-lines")).to_be_visible()
    mongo.staff_staffsession.delete_many({})
    type_at_end(page, "// before")
    dialog = page.locator("#editor-sign-in")
    expect(dialog).to_be_visible()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Use a passkey").click()
    expect(dialog).to_be_hidden()
    state(page).to_have_text("Saved")


def test_an_invited_person_makes_an_account(stranger, actor, axe):
    page = stranger()
    path = links.invite("new@devora.example", "viewer", "New Person", actor=actor)
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.headers.get("referer", "")))
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome to Devora Admin")
    axe(page)
    page.get_by_label("New password").fill("several unrelated words here")
    page.get_by_label("The same again").fill("several unrelated words here")
    page.get_by_role("button", name="Make my account").click()
    expect(page.locator("#user-menu")).to_be_attached()
    assert any(seen)
    assert not [each for each in seen if path.split("/")[-2] in each]


def test_the_password_is_changed_in_a_dialog_and_the_session_goes_on(page_as):
    page = page_as("viewer", expect=("status of 422",))
    page.goto("/account/")
    page.get_by_role("link", name="Change").nth(1).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Current password").fill("wrong")
    dialog.get_by_label("New password").fill("several unrelated words here")
    dialog.get_by_label("The same again").fill("several unrelated words here")
    page.get_by_role("button", name="Change password").click()
    expect(dialog).to_contain_text("not your current password")
    for label, text in (
        ("Current password", PASSWORD),
        ("New password", "several unrelated words here"),
        ("The same again", "several unrelated words here"),
    ):
        dialog.get_by_label(label).fill(text)
    page.get_by_role("button", name="Change password").click()
    expect(page.locator("#toasts")).to_contain_text("Password changed")


@every_look
def test_the_pages_are_accessible_and_fit(page_as, staff, totp_for, axe, size, theme):
    totp_for(staff("editor"))
    page = page_as("editor", size=size, theme=theme)
    for path in ("/account/", "/account/second-factor/", "/account/recovery-codes/"):
        page.goto(path)
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, path

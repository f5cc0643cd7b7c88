"""Issues like one that were solved: by words, by meaning, and never more than may be told."""

import pytest

from devora_admin.core.errors import InvalidInput
from devora_admin.memory import issues as memory_issues
from devora_admin.support import page_parts
from devora_admin.support.context import by_words
from devora_admin.support.context.answers import without_code
from devora_admin.support.context.by_words import COMMON_FROM
from devora_admin.support.context.similar import similar
from devora_admin.support.documents import issues
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import fields, writing
from devora_admin.support.services.merging import merge_issues
from devora_admin.users.erasing.documents import ERASURES

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def off(settings):
    settings.MEMORY_ENABLED = False


@pytest.fixture
def solve(opened, actor):
    """solve("how it was solved", subject=…) → the number of a resolved issue."""

    def make(answer="Raise the quota under Plan.", **fields_):
        number = opened(**fields_)
        writing.reply(number, answer, seen=1, actor=actor, status="resolved")
        return number

    return make


@pytest.fixture
def other(make_customer):
    return make_customer(email="other@marked.example")["id"]


def shown(client_for, number, role="support", **headers):
    answer = client_for(role).get(f"/support/{number}/similar/", **(headers or HTMX))
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def numbers(number):
    return [row.number for row in similar(issue(number)).rows]


def test_with_memory_off_they_are_found_by_words_and_it_says_so(off, client_for, opened, solve):
    done = solve(subject="Deploy stops with E_QUOTA")
    solve(subject="Colours of the logo", text="Make it green")
    page = shown(client_for, opened(subject="E_QUOTA again", text="Since today"))
    assert "Found by words: memory is off" in page
    assert f"#{done}" in page
    assert "Raise the quota under Plan." in page
    assert "Colours" not in page


def test_where_looking_took_too_long_it_says_only_that_and_offers_to_try_again(
    off, client_for, opened, solve, monkeypatch
):
    solve(subject="Deploy stops with E_QUOTA")
    monkeypatch.setattr(by_words, "_PATIENCE_S", 1e-6)
    number = opened(subject="E_QUOTA again")
    page = shown(client_for, number)
    assert "took too long" in page
    assert f'hx-get="/support/{number}/similar/"' in page
    assert "ound by words" not in page


def test_with_memory_off_what_they_prefer_says_so(off, client_for, opened, monkeypatch):
    monkeypatch.setattr(page_parts, "_parts", {})
    memory_issues.register()
    page = client_for("support").get(f"/support/{opened()}/").content.decode()
    assert "What they prefer" in page
    assert "Memory is off" in page


def test_the_answer_is_put_where_one_writes(off, client_for, opened, solve):
    solve("Use “--force” & <retry>", subject="E_QUOTA")
    page = shown(client_for, opened(subject="E_QUOTA"))
    assert 'data-composer-insert="Use “--force” &amp; &lt;retry&gt;"' in page


def test_what_is_open_reopened_merged_or_has_no_answer_is_not_offered(off, opened, solve, actor):
    opened(subject="E_QUOTA one")
    reopened = solve(subject="E_QUOTA two")
    fields.set_status(reopened, "open", seen=issue(reopened).revision, actor=actor)
    without = opened(subject="E_QUOTA three")
    fields.set_status(without, "resolved", seen=1, actor=actor)
    merged, into = solve(subject="E_QUOTA five"), opened(subject="E_QUOTA six")
    seen = issue(into).revision, issue(merged).revision
    merge_issues(into, merged, seen=seen[0], absorbed_seen=seen[1], actor=actor)
    closed = solve(subject="E_QUOTA four")
    fields.set_status(closed, "closed", seen=issue(closed).revision, actor=actor)
    assert numbers(opened(subject="E_QUOTA")) == [closed]


def test_an_issue_is_not_like_itself(off, solve):
    assert numbers(solve(subject="E_QUOTA")) == []


@pytest.mark.parametrize("state", ["running", "done"])
def test_nothing_of_a_customer_who_is_being_erased_or_was(off, opened, solve, other, mongo, state):
    solve(subject="E_QUOTA", user_id=other)
    number = opened(subject="E_QUOTA")
    assert len(numbers(number)) == 1
    mongo[ERASURES].insert_one({"_id": "e", "customer_ids": [other], "state": state})
    assert numbers(number) == []


CODE = """Put this into `app.ts`:

```ts
const key = "internal.marked.example";
```

    secret_indented()

Or ~~~ not. Then run `npm run deploy`, or
`const aVeryLongLine = ofCode(that, belongs, to, somebody, else.entirely)`.
"""


def test_code_of_another_project_is_neither_shown_nor_put_into_a_reply(
    off, client_for, opened, solve, other
):
    solve(CODE, subject="E_QUOTA", user_id=other)
    page = shown(client_for, opened(subject="E_QUOTA"))
    for secret in ("internal.marked", "secret_indented", "belongs, to"):
        assert secret not in page
    assert "`npm run deploy`" in page
    assert "Code of another project is left out." in page


WRITTEN = """Dear Jonas, or JONAS: Jonas Featherstone's Bakery (#{number}) works, Mr Featherstone.

See https://bakery.apps.example/x?y=1, https://docs.devora.example/quota and your own page
https://docs.devora.example/p/{project}. We wrote to other@marked.example and support@devora.example
about 5f0c1d2e3a4b5c6d7e8f9a0b. It will be jonas-free."""


def test_what_is_known_of_another_customer_is_replaced_and_has_to_be_filled_in(
    off, client_for, opened, solve, make_customer, make_project, actor, settings
):
    settings.SUPPORT_EMAIL = "Support <support@devora.example>"
    them = make_customer(name="Jonas Featherstone", email="other@marked.example")["id"]
    project = make_project(user_id=them, name="Bakery")["id"]
    text = WRITTEN.format(number=1, project=project)
    assert solve(text, subject="E_QUOTA", user_id=them, project_id=project) == 1
    number = opened(subject="E_QUOTA")
    [found] = similar(issue(number)).rows
    assert found.answer == (
        f"Dear Zoe, or Zoe: Zoe Quillfeather's [project left out] (#{number}) works, Mr "
        "[name left out].\n\nSee [link left out], https://docs.devora.example/quota and your own "
        "page\n[link left out]. We wrote to [e-mail left out] and support@devora.example\n"
        "about [id left out]. It will be jonas-free."
    )
    assert "fill in what is marked" in shown(client_for, number)
    with pytest.raises(InvalidInput, match="project left out"):
        writing.reply(number, found.answer, seen=1, actor=actor)


def test_of_the_same_project_it_is_kept(off, client_for, opened, solve, customer, make_project):
    project_id = make_project(user_id=customer["id"])["id"]
    solve(CODE, subject="E_QUOTA", project_id=project_id)
    page = shown(client_for, opened(subject="E_QUOTA", project_id=project_id))
    assert "internal.marked.example" in page
    assert "left out" not in page


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\n```\nx", "a\n[code left out]"),
        ("~~~py\nx\n~~~\nb", "[code left out]\nb"),
        ("````\n```\nx\n```\n````\nb", "[code left out]\nb"),
        ("\tx()\n\ty()\n", "[code left out]"),
        ("- one\n- two", "- one\n- two"),
        ("`" * 50_000, "`" * 50_000),
        ("plain `short` text", "plain `short` text"),
        ("a\r\n```\r\nx\r\n```\r\nb", "a\n[code left out]\nb"),
    ],
)
def test_code_is_told_from_text(text, left):
    assert without_code(text) == left


def test_who_may_only_look_is_offered_no_answer_to_use(off, client_for, opened, solve):
    solve(subject="E_QUOTA")
    page = shown(client_for, opened(subject="E_QUOTA"), HTTP_ACCEPT="text/html")
    assert "Raise the quota" in page
    assert "data-composer-insert" not in page


def test_where_nothing_can_be_searched_for_nothing_is_found(off, client_for, opened, solve):
    solve(subject="E_QUOTA")
    page = shown(client_for, opened(subject="It is not", text="so that"))
    assert "No solved issue says anything alike." in page


@pytest.mark.parametrize("typed", ['"E_QUOTA', "-E_QUOTA", "E_QUOTA\\", "E_QUOTA " * 300])
def test_signs_of_the_search_are_words_as_others(off, opened, solve, typed):
    done = solve(subject="E_QUOTA")
    assert numbers(opened(subject="Help", text=typed)) == [done]


def test_a_rare_word_counts_more_than_several_that_everybody_says(off, opened, solve):
    done = solve(subject="E_QUOTA")
    like = issues().find_one({"number": done})
    common = {"subject": "My deploy of the page fails", "first": {"text": "deploy page fails"}}
    issues().insert_many(
        like | {"_id": f"m{at}", "id": f"m{at}", "number": 1000 + at, **common}
        for at in range(COMMON_FROM + 50)
    )
    number = opened(subject="My deploy fails", text="The page says E_QUOTA")
    assert numbers(number)[0] == done


def test_words_that_everybody_says_find_something_all_the_same(off, opened, solve):
    done = solve(subject="deploy")
    like = issues().find_one({"number": done})
    issues().insert_many(
        like | {"_id": f"m{at}", "id": f"m{at}", "number": 1000 + at}
        for at in range(COMMON_FROM + 50)
    )
    assert len(numbers(opened(subject="deploy"))) == 5

"""Files, conversations and issues as pieces: nothing lost, nothing twice, and the right lines."""

import re
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devora_admin.memory.chunking.code import pieces_of_file, pieces_of_files
from devora_admin.memory.chunking.issue import pieces_of_issue
from devora_admin.memory.chunking.piece import MOST_CHARACTERS, Piece, clean
from devora_admin.memory.chunking.project import pieces_of_project, stack_of
from devora_admin.memory.chunking.thread import pieces_of_messages

LINE_ENDS = re.compile(r"\r?\n")  # as the page of a file counts them
WORDS = st.sampled_from(
    ["def f(x):", "    return x", "class A:", "", "  ", "}", "function go() {", "const a = () => {",
     "export default", "# 标题", "喜欢", "\t\tif (x) {", "x" * 700, "'''", "/*", "*/", "<script>",
     "```", "// why", "type T = {", "\0", "é", "e\u0301"]
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(WORDS, max_size=60).map("\n".join),
    st.text(max_size=400),
    st.lists(WORDS, max_size=20).map("\r\n".join),
)
PATHS = st.sampled_from(["a.py", "a.tsx", "a.js", "a.go", "a.rs", "a.java", "a.rb", "a.php",
                         "a.md", "a.vue", "a.yaml", "LICENSE"])  # fmt: skip


@settings(deadline=None)  # the first of a language loads its grammar
@given(path=PATHS, text=TEXTS.map(clean))
def test_every_line_with_anything_on_it_is_in_one_piece_under_its_number(path: str, text: str):
    lines = LINE_ENDS.split(text)
    seen: list[int] = []
    rest: dict[int, str] = {}
    for piece in pieces_of_file(path, text):
        assert 1 <= len(piece.text) <= MOST_CHARACTERS
        numbers = range(piece.line_from, piece.line_to + 1)
        if len(numbers) == 1:
            rest[numbers[0]] = rest.get(numbers[0], "") + piece.text
        else:
            assert piece.text == "\n".join(lines[piece.line_from - 1 : piece.line_to])
        seen += [number for number in numbers if lines[number - 1].strip()]
    assert sorted(set(seen)) == list(dict.fromkeys(seen))
    assert set(seen) == {n for n, line in enumerate(lines, 1) if line.strip()}
    assert all(text == lines[number - 1] for number, text in rest.items())


def test_functions_and_methods_stand_whole_under_their_names():
    body = "\n".join(f"        total += value_{n}  # one of many" for n in range(20))
    code = f"import os\n\nclass Cart:\n    # What it costs.\n    def total(self):\n{body}\n\n"
    code += f"    async def pay(self):\n{body}\n\n\n@decorated\ndef alone():\n{body}\n"
    found = {piece.symbol: piece for piece in pieces_of_file("shop/cart.py", code)}
    assert {"Cart.total", "Cart.pay", "alone"} <= found.keys()
    assert found["Cart.total"].text.startswith("    # What it costs.\n    def total")
    assert found["alone"].text.startswith("@decorated\ndef alone")
    assert found["alone"].embedded_text.startswith("shop/cart.py alone\n")
    typescript = "export const Page = async ({ id }: Props) => {\n" + "  const a = <B/>;\n" * 60
    typescript += "};\nexport class Store {\n  load() {\n" + "    go();\n" * 110 + "  }\n}\n"
    symbols = {piece.symbol for piece in pieces_of_file("app/page.tsx", typescript)}
    assert {"Page", "Store.load"} <= symbols


def test_what_tools_make_is_left_out_and_counted():
    files = [
        {"name": "package-lock.json", "content": "{}"},
        {"name": "node_modules/a/index.js", "content": "x"},
        {"name": "app.min.js", "content": "x"},
        {"name": "bundle.js", "content": "x;" * 4000},
        {"name": "a.bin", "content": "\x00\x01" * 500},
        {"name": "font.css", "content": "url(data:font/woff2;base64," + "A" * 3000 + ")"},
        {"name": 7, "content": "x"},
        {"name": "a.py"},
        "no file",
        {"name": "empty.py", "content": " \n"},
        {"name": "kept.py", "content": "a = 1"},
    ]
    found = pieces_of_files(files)
    assert [piece.path for piece in found.pieces] == ["kept.py"]
    assert found.left_out == {
        "lock file": 1, "generated or installed": 1, "minified": 2, "no text": 1, "data": 1,
        "malformed": 3, "empty": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text", ["(" * 60_000, "def f():\n" + " if x:\n" * 2000, "{[" * 20_000, "<div>" * 30_000,
             "a\n" * 60_000, "'" * 50_001, "\t" * 100_000 + "x"]
)  # fmt: skip
@pytest.mark.parametrize("path", ["a.py", "a.tsx", "a.md"])
def test_hostile_text_takes_no_long_time(path: str, text: str):
    started = time.process_time()
    pieces_of_file(path, text)
    assert time.process_time() - started < 5  # seconds of this process, not of a busy machine


def test_two_opposite_sentences_are_two_and_one_sentence_written_twice_is_one():
    liked, disliked = Piece("note", clean("喜欢深色模式")), Piece("note", clean("讨厌深色模式"))
    assert liked.sha256 != disliked.sha256
    assert Piece("note", clean("café")).sha256 == Piece("note", clean("cafe\u0301")).sha256
    assert clean("a\ud83d\0b") == "a?\ufffdb"


def test_a_conversation_keeps_its_turns_and_not_the_code_that_the_files_hold():
    long = "\n".join(f"line {n}" for n in range(30))
    at = datetime(2026, 1, 2, tzinfo=UTC)
    found = list(
        pieces_of_messages(
            [
                {"role": "user", "content": "Make it dark", "timestamp": at},
                "malformed",
                {"role": "assistant", "content": f"Done:\n```tsx\n{long}\n```\nEnjoy."},
                {"role": "user", "content": [{"type": "text", "text": "Thanks"}, {"type": "x"}]},
                {"role": 7, "content": None},
                {"role": "user", "content": "word " * 1000},
            ],
            first=10,
        )
    )
    assert [(piece.turn, piece.role) for piece in found[:3]] == [
        (10, "user"), (12, "assistant"), (13, "user")
    ]  # fmt: skip
    assert found[0].at == at
    assert found[1].text == "Done:\n[30 lines of tsx]\nEnjoy."
    assert {piece.turn for piece in found[3:]} == {15}
    assert "".join(piece.text + " " for piece in found[3:]) == "word " * 1000


def test_a_projects_stack_comes_from_its_manifests_and_its_code():
    files = [
        {"name": "package.json", "content": '{"dependencies": {"next": "15", "@types/node": "1"}}'},
        {"name": "web/package.json", "content": "{broken"},
        {"name": "requirements.txt", "content": "Django>=5\n# no\n-r other.txt\nstripe==1"},
        {"name": "pyproject.toml", "content": 'dependencies = [\n  "psycopg[binary]==3",\n]'},
        {"name": "Gemfile", "content": 'gem "rails", "~> 8"'},
        {"name": "go.mod", "content": "module x\nrequire github.com/labstack/echo/v4 v4.1"},
        {"name": "Dockerfile", "content": "FROM --platform=linux python:3.11 AS a"},
        {"name": "app/page.tsx", "content": "x" * 500},
        {"name": 7}, "odd",
    ]  # fmt: skip
    metadata = {"has_auth": True, "has_payments": False, "tags": ["shop", 3], 5: "x"}
    document = {"name": "Shop", "project_type": "SaaS", "files": files, "metadata": metadata}
    assert set(stack_of(document)) == {
        "npm:next", "pip:django", "pip:stripe", "pip:psycopg", "gem:rails",
        "go:github.com/labstack/echo/v4", "image:python", "language:typescript", "kind:saas",
        "has:auth",
    }  # fmt: skip
    assert pieces_of_project(document)[0].text == "Shop\nKind: SaaS\ntags: shop"
    assert stack_of({}) == ()
    assert stack_of({"files": 7, "metadata": []}) == ()


MOVED = "We moved your project to a larger machine, please try again"


@pytest.mark.parametrize(
    ("text", "is_remembered"),
    [
        (MOVED, True),
        ("You are welcome. Write here if it comes back.", False),
        ("Thanks!", False),
        ("谢谢", False),
        ("请把数据库移到另一台机器上", True),
    ],
)
def test_the_last_word_of_an_issue_is_remembered_if_it_says_something(text, is_remembered):
    issue = {"subject": "Slow", "latest": {"sequence": 9, "kind": "reply", "text": text}}
    assert (text in [piece.text for piece in pieces_of_issue(issue)]) is is_remembered


def test_an_issue_gives_what_there_is_of_it():
    found = list(
        pieces_of_issue(
            {
                "subject": "Cannot deploy",
                "first": {"sequence": 1, "kind": "customer", "text": "It says E_QUOTA", "at": None},
                "latest": {"sequence": 4, "kind": "reply", "text": MOVED, "at": None},
                "resolution": {"text": "The quota was raised", "at": None},
            }
        )
    )
    assert [(piece.text, piece.role, piece.turn) for piece in found] == [
        ("Cannot deploy\n\nIt says E_QUOTA", "customer", 1),
        (MOVED, "staff", 4),
        ("The quota was raised", "resolution", None),
    ]
    assert list(pieces_of_issue({})) == []

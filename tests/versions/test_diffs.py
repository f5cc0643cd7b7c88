"""What is said to differ does, and nothing else."""

import time
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from devora_admin.versions import manifest
from devora_admin.versions.diffs import lines, manifests, words
from devora_admin.versions.manifest import Entry

# Few different lines, so that there is something in common; whatever ends a line elsewhere.
_pieces = st.sampled_from(
    [b"a", b"b", b"  b", b"{", b"}", b"\n", b"\n", b"\n", b"\r\n", b"\r", b"\x0c", b"\xff",
     "\u2028".encode(), "\x85".encode(), "é".encode(), b" ", b"\t"]
)  # fmt: skip
contents = st.lists(_pieces, max_size=40).map(b"".join)
texts = st.text(st.sampled_from("ab .(_\t\r\u2028é"), max_size=40)


@given(contents, contents)
def test_the_changes_turn_the_old_content_into_the_new(old, new):
    before, after = lines.split(old), lines.split(new)
    made, at = [], 0
    for block in lines.blocks(old, new):
        assert block.old_count or block.new_count
        made += before[at : block.old] + after[block.new : block.new_end]
        at = block.old_end
    assert b"".join(made + before[at:]) == new


@given(contents, contents)
def test_the_counts_agree_with_the_changes(old, new):
    changed = lines.blocks(old, new)
    added, removed = sum(b.new_count for b in changed), sum(b.old_count for b in changed)
    assert lines.counts(old, new) == (added, removed)
    assert lines.count(new) - lines.count(old) == added - removed


@given(contents, contents)
def test_only_equal_lines_are_mapped_and_in_order(old, new):
    before, after = lines.split(old), lines.split(new)
    origins = lines.origins(old, new)
    assert len(origins) == len(after) == lines.count(new)
    mapped = [(here, there) for here, there in enumerate(origins) if there is not None]
    assert all(after[here] == before[there] for here, there in mapped)
    assert all(left < right for (_, left), (_, right) in pairwise(mapped))
    _, removed = lines.counts(old, new)
    assert len(mapped) == len(before) - removed


@given(contents, contents, st.integers(0, 4))
def test_hunks_hold_every_change_and_do_not_overlap(old, new, context):
    changed = lines.blocks(old, new)
    found = lines.hunks(changed, lines.count(old), context=context)
    assert [block for hunk in found for block in hunk.blocks] == changed
    for hunk in found:
        assert hunk.old >= 0
        assert hunk.old + hunk.old_count <= lines.count(old)
        assert hunk.new >= 0
        assert hunk.new + hunk.new_count <= lines.count(new)
    for left, right in pairwise(found):
        assert left.old + left.old_count <= right.old
        assert left.new + left.new_count <= right.new


@given(contents, contents)
def test_ignoring_white_space_leaves_lines_that_differ_in_nothing_else(old, new):
    before, after = lines.split(old), lines.split(new)
    for run in lines.kept(lines.blocks(old, new, ignore_space=True), lines.count(old)):
        for at in range(run.count):
            left, right = before[run.old + at], after[run.new + at]
            assert b"".join(left.split()) == b"".join(right.split())


def test_a_missing_last_line_end_is_a_change():
    assert lines.counts(b"a\nb", b"a\nb\n") == (1, 1)
    assert lines.counts(b"a\r\nb\r\n", b"a\nb\n") == (2, 2)
    assert lines.counts(b"a\rb\n", b"a\rc\n") == (1, 1)


def test_binary_contents_have_no_lines_and_large_ones_are_counted_in_any_order():
    assert lines.counts(b"a\0b\n", b"a\0c\n") == (0, 0)
    many = [b"line %d\n" % number for number in range(lines.MOST_LINES + 2)]
    turned = [*reversed(many[1:]), b"new\n"]
    assert lines.counts(b"".join(many), b"".join(turned)) == (1, 1)
    assert set(lines.origins(b"".join(many), b"".join(turned))) == {None}


@given(texts, texts)
def test_what_is_not_marked_is_the_same_on_both_sides(old, new):
    found = words.marks(old, new)
    if found == words.NONE:
        return
    for line, spans in ((old, found.old), (new, found.new)):
        assert all(0 <= start < end <= len(line) for start, end in spans)
        assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert "".join(_unmarked(old, found.old).split()) == "".join(_unmarked(new, found.new).split())


def _unmarked(line, spans):
    at, kept = 0, []
    for start, end in spans:
        kept.append(line[at:start])
        at = end
    return "".join([*kept, line[at:]])


def test_the_word_that_changed_is_marked_and_lines_with_nothing_in_common_are_not():
    found = words.marks("const total = price * 2;", "const total = amount * 2;")
    assert found == words.Marks(((14, 19),), ((14, 20),))
    assert words.marks("import os", "return f(x) + 1") == words.NONE


@given(st.lists(texts, max_size=8), st.lists(texts, max_size=8))
def test_each_line_of_a_block_stands_once_and_in_order(old, new):
    found = words.pairs(old, new)
    assert [left for left, _ in found if left is not None] == list(range(len(old)))
    assert [right for _, right in found if right is not None] == list(range(len(new)))


def test_a_changed_line_meets_the_one_it_became():
    old = ["def total(price):", "    return price * 2"]
    new = ["@cached", "def total(amount):", "    return amount * 2"]
    assert words.pairs(old, new) == [(None, 0), (0, 1), (1, 2)]


def _files(**texts: bytes):
    entries = [
        Entry(path, manifest.sha_of(text), len(text)) for path, text in sorted(texts.items())
    ]
    return entries, {manifest.sha_of(text): text for text in texts.values()}


_projects = st.dictionaries(st.sampled_from("abcdefgh"), contents, max_size=8)


@given(_projects, _projects)
def test_files_are_told_apart_each_once_whatever_became_of_them(before, after):
    (old, left), (new, right) = _files(**before), _files(**after)
    held = left | right
    wanted = manifests.needed(old, new)
    found = manifests.changes_between(old, new, {sha: held[sha] for sha in wanted})
    olds = [each.old.path for each in found if each.old]
    news = [each.new.path for each in found if each.new]
    assert len(olds) == len(set(olds))
    assert len(news) == len(set(news))
    same = {path for path in before if after.get(path) == before[path]}
    assert set(olds) == set(before) - same
    assert set(news) == set(after) - same
    turned = manifests.changes_between(list(reversed(old)), list(reversed(new)), held)
    assert turned == found


def test_a_file_with_another_name_is_a_rename_when_half_of_its_lines_are_the_same():
    body = b"".join(b"line %d\n" % number for number in range(10))
    half = body.replace(b"line 9", b"other")
    (old, left), (new, right) = _files(a=body, b=b"gone\n"), _files(c=half, d=b"came\n")
    found = manifests.changes_between(old, new, left | right)
    told = [(each.path, each.status, each.from_path, each.added, each.removed) for each in found]
    assert told == [
        ("b", "removed", "", 0, 1),
        ("c", "renamed", "a", 1, 1),
        ("d", "added", "", 1, 0),
    ]


def test_of_equal_files_the_one_with_the_same_name_in_another_folder_is_the_moved_one():
    text = b"export {}\n"
    (old, left), (new, right) = _files(**{"a/x.ts": text, "b/y.ts": text}), _files(**{
        "c/y.ts": text, "d/z.ts": text})  # fmt: skip
    found = manifests.changes_between(old, new, left | right)
    assert [(each.path, each.from_path) for each in found] == [("c/y.ts", "b/y.ts"),
                                                               ("d/z.ts", "a/x.ts")]  # fmt: skip


def test_a_file_that_is_no_text_has_no_lines_and_needs_no_content():
    raw = Entry("bad.ts", b"\1" * 32, 40, kind="raw")
    (new, held) = _files(**{"bad.ts": b"now text\n"})
    assert manifests.needed([raw], new) == set(held)
    (found,) = manifests.changes_between([raw], new, held)
    assert (found.status, found.added, found.removed) == ("changed", 1, 0)


def test_another_language_alone_is_a_change_without_lines():
    one, two = Entry("a", b"\1" * 32, 1, "text"), Entry("a", b"\1" * 32, 1, "css")
    (found,) = manifests.changes_between([one], [two], {b"\1" * 32: b"x"})
    assert (found.status, found.added, found.removed) == ("changed", 0, 0)


def test_five_hundred_changed_files_and_a_hundred_renames_are_told_at_once():
    body = [b"  const value%d = compute(%d);\n" % (n, n) for n in range(100)]

    def text(number: int, mark: bytes) -> bytes:
        own = list(body)
        for at in range(5):
            own[at * 20] = b"  %s %d.%d\n" % (mark, number, at)
        return b"".join(own)

    before = {f"src/{n:03}.ts": text(n, b"old") for n in range(500)}
    after = {f"src/{n:03}.ts": text(n, b"new") for n in range(400)}
    after |= {f"lib/{n:03}.ts": text(n, b"new") for n in range(400, 500)}
    (old, left), (new, right) = _files(**before), _files(**after)
    began = time.perf_counter()
    found = manifests.changes_between(old, new, left | right)
    assert len(found) == 500
    assert sum(each.status == "renamed" for each in found) == 100
    assert all((each.added, each.removed) == (5, 5) for each in found)
    assert time.perf_counter() - began < 1


@settings(max_examples=20)
@given(st.lists(_pieces, min_size=5, max_size=30).map(b"".join))
def test_a_content_is_the_same_as_itself(content):
    assert lines.blocks(content, content) == []
    assert lines.origins(content, content) == list(range(lines.count(content)))

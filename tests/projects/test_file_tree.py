from devora_admin.projects.paths import Namespace
from devora_admin.projects.queries.detail import FileRow
from devora_admin.projects.queries.filetree import file_tree


def drawn(*names: str) -> list[str]:
    rows = file_tree(FileRow(at, name, "text", 10, False) for at, name in enumerate(names))
    return ["/" if row.kind == "close" else row.label for row in rows]


def test_folders_come_before_files_and_page2_before_page10():
    assert drawn("b.ts", "page10.ts", "page2.ts", "z/a.ts") == [
        "z", "a.ts", "/", "b.ts", "page2.ts", "page10.ts",
    ]  # fmt: skip


def test_folders_that_hold_one_folder_alone_are_one_row():
    assert drawn("app/api/tasks/route.ts") == ["app/api/tasks", "route.ts", "/"]
    assert drawn("app/a.ts", "app/api/b.ts") == ["app", "api", "b.ts", "/", "a.ts", "/"]


def test_a_file_without_a_name_is_asked_for_by_its_place():
    [row] = file_tree([FileRow(3, "", "text", None, True)])
    assert (row.label, row.query) == ("files[3]", "?at=3")


def test_a_folder_counts_what_lies_in_it():
    folder = file_tree([FileRow(0, "a/b", "text", 10, False), FileRow(1, "a/c/d", "", 5, False)])[0]
    assert (folder.files_count, folder.size_bytes) == (2, 15)


def test_files_that_are_not_drawn_count_in_the_folders_that_are():
    rows = file_tree(
        [FileRow(0, "a/b/c", "", 1, False)], [("a/d", 10), ("a/b/e", 100), ("z/f", 5), ("", 7)]
    )
    assert [(row.label, row.files_count, row.size_bytes) for row in rows if row.kind == "open"] == [
        ("a/b", 2, 101)
    ]
    assert sum(row.kind == "file" for row in rows) == 1


def test_folders_without_end_are_drawn_to_a_depth():
    names = ["a/" * depth + "f" for depth in range(3000)]
    rows = drawn(*names)
    assert rows.count("f") == 101
    assert "a/f" in rows


def test_a_stored_path_of_any_length_costs_what_a_short_one_does():
    space = Namespace(["a/" * 200_000 + "f"])
    assert space.clash("a/a") == "There is a folder “a/a” already."
    assert space.clash("b") == ""
    assert len(space.folders) <= 512

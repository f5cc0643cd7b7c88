import pytest

from devora_admin.memory.words import identifiers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("call getUserName(user_id) twice: getUserName", ["getUserName", "user_id"]),
        ("HTTPServer, sha256, __init__, MAX_SIZE, $scope", None),
        ("Render a Button with the API, please", []),
        ("喜欢深色模式", []),
        ("a" * 200 + "_b", []),
    ],
)
def test_identifiers_are_what_only_programs_write(text, found):
    wanted = text.replace(",", "").split() if found is None else found
    assert identifiers(text) == wanted

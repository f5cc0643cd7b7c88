import pytest

from devora_admin.projects.languages import is_binary, language_of


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("app/page.tsx", "typescript"),
        ("next.config.mjs", "javascript"),
        ("README.MD", "markdown"),
        ("Dockerfile", "dockerfile"),
        ("deploy/Dockerfile.dev", "dockerfile"),
        (".env.local", "ini"),
        (".gitignore", "plaintext"),
        ("LICENSE", "plaintext"),
        ("a.b/c", "plaintext"),
        ("odd.", "plaintext"),
    ],
)
def test_a_path_suggests_its_language(path: str, language: str) -> None:
    assert language_of(path) == language


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0", b"\xff\xfea\0", b"caf\xe9", b"a\0b"])
def test_bytes_that_are_no_text_are_binary(data: bytes) -> None:
    assert is_binary(data)


@pytest.mark.parametrize("data", [b"", "naïve ☃\r\n".encode(), b"\xef\xbb\xbfwith a mark"])
def test_utf8_text_is_not_binary(data: bytes) -> None:
    assert not is_binary(data)

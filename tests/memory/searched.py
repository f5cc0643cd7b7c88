"""What tests of the search have it find: a few chunks that differ, and many that are alike."""

from datetime import timedelta

from tests.memory import rows

CART = "export function addToCart(item) {\n  basket.push(item)\n  saveBasket(basket)\n}"
LOGIN = "def sign_in(email, password):\n    user = find_user(email)\n    return check(password)"
DARK = "喜欢深色模式"
NOT_DARK = "讨厌深色模式"


WORDS = [f"word{letter}{other}" for letter in "abcdefgh" for other in "abcde"]
KINDS, LANGUAGES = ("code", "message", "issue"), ("", "python", "sql")


def filled(embedder, model):
    """120 chunks of four customers, some with as few as one."""
    fields = []
    for number in range(120):
        owner = min(number % 7, 3)
        fields.append(
            {
                "text": f"{number} common "
                + " ".join(WORDS[number * step % len(WORDS)] for step in (1, 3, 7)),
                "user_id": f"user-{owner}", "project_id": f"project-{owner}-{number % 2}",
                "kind": KINDS[number % 3], "language": LANGUAGES[number % 5 % 3],
                "at": rows.NOW + timedelta(days=number % 10) if number % 4 else None,
                "standing": "rejected" if number % 11 == 0 else "",
            }
        )  # fmt: skip
    found = rows.chunks(fields)
    rows.embed(embedder, model, found)
    return found


def texts(answer):
    return [hit.text for hit in answer.hits]

"""What a mail server's refusal means: never, or not now."""

import smtplib
from dataclasses import dataclass

_TOO_LARGE = 552
"""Said to the sender already, by a server that knows the size beforehand."""


@dataclass(frozen=True, slots=True)
class Fault:
    is_permanent: bool
    words: str


def fault_of(error: Exception) -> Fault:
    """Permanent is what is said of this recipient or this content. What is said of us, such as a
    wrong password or a sender that is not let in, somebody will mend."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()), (0, b""))
        return Fault(_never(code), f"The server refused the address: {code} {_text(words)}")
    if isinstance(error, smtplib.SMTPSenderRefused):
        is_permanent = error.smtp_code == _TOO_LARGE
        return Fault(is_permanent, f"The server refused our address: {_answer(error)}")
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Fault(False, f"The server did not let us in: {_answer(error)}")
    if isinstance(error, smtplib.SMTPDataError):
        return Fault(_never(error.smtp_code), f"The server refused the e-mail: {_answer(error)}")
    if isinstance(error, smtplib.SMTPResponseException):
        return Fault(False, f"The server answered: {_answer(error)}")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Fault(False, f"The server cannot do what EMAIL_URL asks of it: {error}")
    if isinstance(error, TimeoutError):
        return Fault(False, "The server did not answer in time.")
    return Fault(False, f"The server could not be reached: {str(error) or type(error).__name__}")


def _never(code: int) -> bool:
    return 500 <= code < 600


def _answer(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_text(error.smtp_error)}"


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words

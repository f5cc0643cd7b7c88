"""A mail server on loopback that answers as a test tells it: real SMTP, and every fault of it."""

import email
import email.policy
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """answers: by verb, what is said in place of "250 OK". "drop" hangs up without a word, and
    "sleep" says nothing until the client goes. by_recipient: the same for one address."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.answers: dict[str, str] = {}
        self.by_recipient: dict[str, str] = {}
        self.delay_s = 0.0
        self.talks = 0
        self.received: list[tuple[list[str], bytes]] = []
        self.lock = threading.Lock()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def mails(self) -> list[EmailMessage]:
        return [
            email.message_from_bytes(data, policy=email.policy.default)  # type: ignore[misc]
            for _, data in self.received
        ]


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        with self.server.lock:
            self.server.talks += 1
        recipients: list[str] = []
        if not self._say("CONNECT", "220 loopback"):
            return
        while line := self.rfile.readline():
            text = line.decode("latin-1").strip()
            verb = text.partition(" ")[0].upper()
            if verb == "RCPT":
                recipients.append(text.partition("<")[2].partition(">")[0])
                own = self.server.by_recipient.get(recipients[-1])
                if not self._say("RCPT", "250 OK", own=own):
                    return
            elif verb == "DATA":
                if not self._say("DATA", "354 Go on") or not self._take(recipients):
                    return
            elif not self._say(verb, "221 Bye" if verb == "QUIT" else "250 OK") or verb == "QUIT":
                return

    def _take(self, recipients: list[str]) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        time.sleep(self.server.delay_s)
        answer = self.server.answers.get("END", "250 Taken")
        if answer.startswith("250") or answer == "drop after":
            with self.server.lock:
                self.server.received.append((recipients, b"".join(lines)))
        return self._say("END", "250 Taken")

    def _say(self, verb: str, usual: str, *, own: str | None = None) -> bool:
        """Whether to go on."""
        answer = own or self.server.answers.get(verb, usual)
        if answer.startswith("drop"):
            self.connection.shutdown(socket.SHUT_RDWR)
            return False
        if answer == "sleep":
            self.rfile.readline()  # until the client has gone
            return False
        self.wfile.write(f"{answer}\r\n".encode())
        return True


@contextmanager
def serving() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def use(settings: Any, server: MailServer) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    settings.MAIL_IS_ON = True
    settings.SUPPORT_EMAIL = "Devora Support <support@devora.example>"
    settings.SUPPORT_REPLY_TO = ""

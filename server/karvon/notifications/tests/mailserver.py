"""A mail server on a socket of this machine that does as it is told: takes, refuses, hangs up."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default


def _set_event() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass
class Behaviour:
    """Answers to the steps of a delivery, taken one per delivery; the last one stays."""

    recipients: list[str] = field(default_factory=lambda: ["250 ok"])
    data: list[str] = field(default_factory=lambda: ["250 taken"])
    taken: list[Message] = field(default_factory=list)
    deliveries: int = 0
    port: int = 0
    # cleared, what was taken waits for its answer
    may_answer: threading.Event = field(default_factory=_set_event)

    def answer(self, answers: list[str]) -> str:
        return answers[min(self.deliveries - 1, len(answers) - 1)]


HANG_UP = "hang up"


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        behaviour: Behaviour = self.server.behaviour  # type: ignore[attr-defined]
        self._say("220 test mail server")
        for raw in self.rfile:
            verb = raw.split(None, 1)[0].upper().decode() if raw.strip() else ""
            if verb == "QUIT":
                self._say("221 bye")
                return
            if verb == "MAIL":
                behaviour.deliveries += 1
            answer = self._answer(verb, behaviour)
            if answer == HANG_UP:
                return
            self._say(answer)

    def _answer(self, verb: str, behaviour: Behaviour) -> str:
        if verb == "RCPT":
            return behaviour.answer(behaviour.recipients)
        if verb == "DATA":
            return self._take(behaviour)
        return "250 ok"

    def _take(self, behaviour: Behaviour) -> str:
        self._say("354 go on")
        lines = []
        for raw in self.rfile:
            if raw.rstrip(b"\r\n") == b".":
                break
            lines.append(raw.removeprefix(b".") if raw.startswith(b"..") else raw)
        answer = behaviour.answer(behaviour.data)
        # hanging up after the last dot: the mail may well have been taken
        if answer.startswith("250") or answer == HANG_UP:
            behaviour.taken.append(message_from_bytes(b"".join(lines), policy=default))
        behaviour.may_answer.wait(60)
        return answer

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def mail_server(settings, **answers: list[str]) -> Iterator[Behaviour]:
    """A running server that Django's settings point at."""
    behaviour = Behaviour(**answers)
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        server.behaviour = behaviour  # type: ignore[attr-defined]
        behaviour.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        try:
            yield behaviour
        finally:
            server.shutdown()
            thread.join(5)

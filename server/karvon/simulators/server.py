"""The HTTP server of all simulators: one port, a path prefix for each provider."""

from __future__ import annotations

import functools
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from karvon.simulators.click import Click
from karvon.simulators.control import Control
from karvon.simulators.core import Act, Request, Response
from karvon.simulators.credentials import DEMO, Credentials, environment
from karvon.simulators.pages import missing_page
from karvon.simulators.payme import Payme
from karvon.simulators.paypal import PayPal
from karvon.simulators.razorpay import Razorpay
from karvon.simulators.stripe import Stripe
from karvon.simulators.uzum import Uzum
from karvon.simulators.world import Caller, HangUp, World

PROVIDERS = (Stripe, Razorpay, PayPal, Payme, Click, Uzum)
LARGEST_BODY = 2 * 1024 * 1024
KEEPS_TIME_EVERY = 0.2


class _Handler(BaseHTTPRequestHandler):
    """Reads one request, hands it over, writes the answer in one piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    simulators: Simulators  # set on the class that each server makes

    def _any(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            self.close_connection = True
            return self._write(Response.of({"error": "the body is too large"}, 413))
        try:
            self._write(
                self.simulators.respond(
                    self.command, self.path, dict(self.headers.items()), self.rfile.read(int(length))
                )
            )
        except HangUp:
            self.close_connection = True
        except (BrokenPipeError, ConnectionResetError):  # who asked did not wait
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

    def _write(self, response: Response) -> None:
        # through the header buffer, so that head and body leave together
        self.send_response(response.status)
        headers = {
            "Content-Type": response.content_type,
            "X-Content-Type-Options": "nosniff",
            **response.headers,
        }
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self._headers_buffer.append(b"\r\n" + response.body)  # type: ignore[attr-defined]
        self.flush_headers()

    def log_message(self, format: str, *args: Any) -> None:
        if self.simulators.is_talking:
            sys.stdout.write(f"{format % args}\n")
            sys.stdout.flush()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class Simulators:
    """All six providers on one port.

    `with Simulators(callback_base=live_server.url) as simulators:` runs them in a thread of this process; port 0 is a free
    one. `caller` takes the calls to the shop instead of HTTP, in the very thread that acts: a test's own client.
    `keeps_time`: what is to come later comes by itself; without it, when `deliver` is said.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        public_base: str = "",
        callback_base: str = "http://127.0.0.1:8000",
        caller: Caller | None = None,
        credentials: Credentials = DEMO,
        keeps_time: bool = False,
        is_talking: bool = False,
    ) -> None:
        self.world = World(credentials=credentials, caller=caller, callback_base=callback_base)
        for kind in PROVIDERS:
            self.world.join(kind(self.world))
        self.control = Control(self.world)
        self.is_talking = is_talking
        self._address, self._public_base, self._keeps_time = (host, port), public_base, keeps_time
        self._ended = threading.Event()
        self._server: _Server | None = None

    # --- running ---
    def start(self) -> Simulators:
        """Listen and answer, in threads of this process. Raises OSError when the port is taken."""
        self._server = _Server(self._address, type("Handler", (_Handler,), {"simulators": self}))
        host, port = self._server.server_address[:2]
        self.world.base = self._public_base.rstrip("/") or f"http://{host!s}:{port}"
        self._run("simulators", functools.partial(self._server.serve_forever, poll_interval=0.05))
        if self._keeps_time:
            self._run("simulators-clock", self._keep_time)
        return self

    def _run(self, name: str, work: Callable[[], Any]) -> None:
        threading.Thread(target=work, name=name, daemon=True).start()

    def _keep_time(self) -> None:
        while not self._ended.wait(KEEPS_TIME_EVERY):
            try:
                self.world.run_due()
            except Exception:  # noqa: BLE001 - the next round goes on
                traceback.print_exc()

    def stop(self) -> None:
        self._ended.set()
        for mode in self.world.modes.values():
            mode.changed.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def __enter__(self) -> Simulators:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- where they are, for the shop's settings ---
    @property
    def base(self) -> str:
        return self.world.base

    def environment(self) -> dict[str, str]:
        """Environment names of a shop that pays here: keys and `<PROVIDER>_BASE_URL`."""
        return environment(self.base, self.world.credentials)

    # --- what tests say, without HTTP ---
    def act(self, link: str, behaviour: str, delay: float | None = None) -> Act:
        """Press a button of the page that a link of the shop leads to; calls to the shop come from this thread.

        Raises LookupError for links that lead nowhere and unknown behaviours, CannotAct for what is impossible now.
        """
        name, reference = self.world.open(link)
        return self.world.contract_of(name, reference).act(reference, behaviour, delay)

    def add_account(self, provider: str, account: str, **credentials: str) -> None:
        """A merchant's own contract, by the fields of `Credentials`; its callbacks go to …/callbacks/of/<account>/…"""
        self.world.add_account(provider, account, replace(self.world.credentials, **credentials))

    def deliver(self) -> int:
        """Let everything happen that waits; how much it was."""
        return self.world.deliver()

    def complaints(self) -> list[str]:
        """Where the shop did not keep to a protocol."""
        return [each["title"] for each in self.world.journal.listed(kind="complaint")]

    def charges(self, provider: str = "") -> list[dict[str, Any]]:
        """What was taken from buyers (`amount`) and given back of it (`returned`)."""
        return self.world.ledger.listed(provider)

    def reset(self) -> None:
        self.world.reset()

    # --- answering ---
    def respond(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Response:
        """The answer to one HTTP request. Raises HangUp where there is to be none."""
        parts = urlsplit(target)
        path, query = unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True))
        named = {name.lower(): text for name, text in headers.items()}
        try:
            if path == "/":
                return Response.redirect(f"{self.base}/_/")
            if path == "/_" or path.startswith("/_/"):
                return self.control.answer(Request(method, path, query, named, body))
            name, _, rest = path[1:].partition("/")
            if name not in self.world.providers:
                return missing_page(f"There is no provider at {path}")
            request = Request(method, f"/{rest}", query, named, body, f"{self.base}/{name}")
            return self.world.contract_for(name, request).answer(request)
        except HangUp:
            raise
        except LookupError as error:
            return missing_page(str(error))
        except Exception:  # noqa: BLE001 - a fault of ours is told and written down
            self.world.complain("", "a simulator failed", path=path, fault=traceback.format_exc())
            traceback.print_exc()
            return Response.of({"error": "the simulator failed; see its journal"}, 500)

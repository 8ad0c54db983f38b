"""`/_/…`: what tests and operators say to the simulators and ask of them; JSON, but for the front page and the pay pages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from karvon.simulators.core import CannotAct, Request, Response
from karvon.simulators.credentials import DEMO
from karvon.simulators.pages import after_press, front_page, missing_page, pay_page
from karvon.simulators.world import World

LONGEST_DELAY = 86_400


class Control:
    """Answers below `/_/`."""

    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, request: Request) -> Response:
        try:
            return self._answer(request)
        except LookupError as error:
            return _problem(404, str(error).strip("'\""))
        except CannotAct as error:
            return _problem(409, str(error))
        except (ValueError, TypeError) as error:
            return _problem(400, str(error))

    def _answer(self, request: Request) -> Response:
        verb = request.path.removeprefix("/_").rstrip("/") or "/"
        if request.method == "GET":
            return self._read(verb, request)
        if request.method == "POST":
            return self._write(verb, request)
        raise LookupError(f"no {request.method} here")

    def _read(self, verb: str, request: Request) -> Response:
        query = request.query
        if verb == "/":
            return front_page(self.world)
        if verb == "/health":
            return Response.of({"status": "ok", "providers": list(self.world.providers)})
        if verb == "/journal":
            after = int(query.get("after", 0))
            return Response.of(
                {
                    "entries": self.world.journal.listed(
                        query.get("provider", ""), query.get("kind", ""), after
                    )
                }
            )
        if verb == "/charges":
            return Response.of({"charges": self.world.ledger.listed(query.get("provider", ""))})
        if verb == "/waiting":
            return Response.of({"waiting": self.world.waiting()})
        if found := re.fullmatch(r"/(\w+)/report", verb):
            day = datetime.fromisoformat(query.get("day") or datetime.now(UTC).date().isoformat()).replace(
                tzinfo=UTC
            )
            rows = self.world.providers[found[1]].report(
                day.timestamp(), (day + timedelta(days=1)).timestamp()
            )
            return Response.of({"day": day.date().isoformat(), "charges": rows})
        raise LookupError(f"nothing at {request.path}")

    def _write(self, verb: str, request: Request) -> Response:
        asked = _asked(request)
        if verb == "/reset":
            self.world.reset()
            return Response.of({"status": "empty"})
        if verb == "/deliver":
            return Response.of({"done": self.world.deliver(), "waiting": self.world.waiting()})
        if verb == "/open":
            name, reference = self.world.open(str(asked.get("url", "")))
            return Response.of(
                {
                    "provider": name,
                    "reference": reference,
                    "bill": vars(self.world.contract_of(name, reference).bill(reference)),
                }
            )
        if verb == "/accounts":
            own = {field: str(asked[field.upper()]) for field in vars(DEMO) if field.upper() in asked}
            added = self.world.add_account(
                str(asked["provider"]), str(asked["account"]), replace(DEMO, **own)
            )
            return Response.of({"provider": added.name, "callbacks": added.callback()})
        if found := re.fullmatch(r"/(\w+)/mode", verb):
            mode = self.world.set_mode(found[1], asked)
            return Response.of({name: text for name, text in vars(mode).items() if name != "changed"})
        if verb == "/payme/statement":
            return Response.of(self.world.providers["payme"].statement(int(asked["from"]), int(asked["to"])))  # type: ignore[attr-defined]
        if found := re.fullmatch(r"/(\w+)/(.+)/press", verb):
            return self._press(found[1], found[2], asked, request)
        if found := re.fullmatch(r"/(\w+)/(.+)/([\w-]+)", verb):
            act = self.world.contract_of(found[1], found[2]).act(found[2], found[3], _delay(asked))
            return Response.of(act.summary())
        raise LookupError(f"nothing at {request.path}")

    def _press(self, name: str, reference: str, asked: dict[str, Any], request: Request) -> Response:
        """A button of the pay page."""
        provider = self.world.contract_of(name, reference)
        try:
            return after_press(
                provider, provider.act(reference, str(asked.get("behaviour", "")), _delay(asked))
            )
        except CannotAct as error:
            return pay_page(provider, reference, request, f"Not possible: {error}")
        except LookupError as error:
            return missing_page(str(error))


def _asked(request: Request) -> dict[str, Any]:
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if form and not request.body.startswith(b"{"):  # curl -d says that JSON is a form
        return dict(request.form())
    asked = request.json() if request.body else {}
    if not isinstance(asked, dict):
        raise ValueError("the body is no object")
    return asked


def _delay(asked: dict[str, Any]) -> float | None:
    """Seconds; None without a word of it."""
    if asked.get("delay") in (None, ""):
        return None
    delay = float(asked["delay"])
    if not 0 <= delay <= LONGEST_DELAY:
        raise ValueError("delay is between 0 and a day")
    return delay


def _problem(status: int, text: str) -> Response:
    return Response.of({"error": text}, status)

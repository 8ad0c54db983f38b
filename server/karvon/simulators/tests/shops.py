"""Small shops that keep to the providers' protocols, to be called instead of a real one; each has orders 41 (paid for by
12,500.00) and writes down what it is told."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from karvon.simulators.credentials import DEMO
from karvon.simulators.world import Answer, Call

AMOUNT = 1_250_000  # tiyin
ORDER = "41"


class Shop:
    """Hears everything, and answers 200."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.is_deaf = False
        self.is_paid = False

    def __call__(self, call: Call) -> Answer:
        self.calls.append(call)
        if self.is_deaf:
            return Answer(0, error="refused")
        return self.answer(call)

    def answer(self, call: Call) -> Answer:
        return Answer(200, b"{}")

    def titles(self) -> list[str]:
        return [call.title for call in self.calls]


def of(data: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(data).encode())


class PaymeShop(Shop):
    def __init__(self) -> None:
        super().__init__()
        self.transactions: dict[str, dict[str, Any]] = {}

    def answer(self, call: Call) -> Answer:
        asked = json.loads(call.body)
        authorization = base64.b64decode(call.headers["Authorization"].removeprefix("Basic ")).decode()
        try:
            if authorization != f"Paycom:{DEMO.payme_key}":
                raise self.refusal(-32504)
            return of({"id": asked["id"], "result": getattr(self, asked["method"])(**asked["params"])})
        except ValueError as error:
            code = int(str(error))
            message = dict.fromkeys(("ru", "uz", "en"), "no")
            return of({"id": asked["id"], "error": {"code": code, "message": message, "data": None}})

    def give_up(self) -> None:
        """The orders are no longer waited for."""
        for each in self.transactions.values():
            each["state"] = -1

    def refusal(self, code: int) -> ValueError:
        return ValueError(code)

    def check(self, amount: int, account: dict[str, str]) -> None:
        if account != {"order_id": ORDER} or self.is_paid:
            raise self.refusal(-31050)
        if amount != AMOUNT:
            raise self.refusal(-31001)

    def find(self, id: str) -> dict[str, Any]:
        if id not in self.transactions:
            raise self.refusal(-31003)
        return self.transactions[id]

    def CheckPerformTransaction(self, amount: int, account: dict[str, str]) -> Any:
        self.check(amount, account)
        return {"allow": True}

    def CreateTransaction(self, id: str, time: int, amount: int, account: dict[str, str]) -> Any:
        if id not in self.transactions:
            self.check(amount, account)
            if any(each["state"] == 1 for each in self.transactions.values()):
                raise self.refusal(-31008)
            self.transactions[id] = {"create_time": time, "transaction": id[:4], "state": 1}
        if self.transactions[id]["state"] != 1:
            raise self.refusal(-31008)
        return {name: self.transactions[id][name] for name in ("create_time", "transaction", "state")}

    def PerformTransaction(self, id: str) -> Any:
        found = self.find(id)
        if found["state"] < 0:
            raise self.refusal(-31008)
        found |= {"state": 2, "perform_time": 5}
        self.is_paid = True
        return {"transaction": found["transaction"], "perform_time": 5, "state": 2}

    def CancelTransaction(self, id: str, reason: int) -> Any:
        found = self.find(id)
        if found["state"] > 0:
            found |= {"state": -found["state"], "reason": reason}
        return {"transaction": found["transaction"], "cancel_time": 6, "state": found["state"]}

    def CheckTransaction(self, id: str) -> Any:
        return self.find(id)

    def GetStatement(self, **period: int) -> Any:
        return {"transactions": [{"id": name, **each} for name, each in self.transactions.items()]}


class ClickShop(Shop):
    def __init__(self) -> None:
        super().__init__()
        self.prepared: dict[str, str] = {}
        self.cancelled: set[str] = set()

    def answer(self, call: Call) -> Answer:
        asked = dict(parse_qsl(call.body.decode(), keep_blank_values=True))
        error = self.judge(asked)
        ids = {name: int(asked[name]) for name in ("click_trans_id", "merchant_trans_id")}
        name = "merchant_confirm_id" if asked["action"] == "1" else "merchant_prepare_id"
        found = int(self.prepared.get(asked["click_trans_id"], 0)) if not error else None
        return of({**ids, name: found, "error": error, "error_note": "said"})

    def give_up(self) -> None:
        self.cancelled.update(self.prepared)

    def judge(self, asked: dict[str, str]) -> int:
        is_complete = asked["action"] == "1"
        text = (
            asked["click_trans_id"] + asked["service_id"] + DEMO.click_secret_key + asked["merchant_trans_id"]
            + (asked["merchant_prepare_id"] if is_complete else "") + asked["amount"] + asked["action"] + asked["sign_time"]
        )  # fmt: skip
        if hashlib.md5(text.encode()).hexdigest() != asked["sign_string"]:
            return -1
        trans = asked["click_trans_id"]
        if is_complete and self.prepared.get(trans) != asked["merchant_prepare_id"]:
            return -6
        if self.is_paid:
            return -4
        if asked["amount"] != "12500.00":
            return -2
        if trans in self.cancelled or int(asked["error"]) < 0:
            self.cancelled.add(trans)
            return -9
        self.prepared.setdefault(trans, str(len(self.prepared) + 1))
        self.is_paid = is_complete
        return 0


class UzumShop(Shop):
    def __init__(self) -> None:
        super().__init__()
        self.states: dict[str, str] = {}

    def answer(self, call: Call) -> Answer:
        asked = json.loads(call.body)
        authorization = base64.b64decode(call.headers["Authorization"].removeprefix("Basic ")).decode()
        if authorization != f"{DEMO.uzum_username}:{DEMO.uzum_password}":
            return of({"status": "FAILED", "errorCode": "10001"}, 400)
        judge: Callable[..., str] = getattr(self, call.title)
        if code := judge(asked):
            return of({"serviceId": asked["serviceId"], "status": "FAILED", "errorCode": code}, 400)
        trans = asked.get("transId")
        status = {"check": "OK"}.get(call.title) or self.states[trans]
        times = {"transTime": 1, "confirmTime": 2, "reverseTime": 3}
        return of(
            {"serviceId": asked["serviceId"], "transId": trans, "status": status, "amount": AMOUNT, **times}
        )

    def give_up(self) -> None:
        self.states = dict.fromkeys(self.states, "FAILED")

    def check(self, asked: dict[str, Any]) -> str:
        if asked["params"] != {"order_id": ORDER}:
            return "10007"
        return "10008" if self.is_paid else ""

    def create(self, asked: dict[str, Any]) -> str:
        if asked["transId"] in self.states:
            return "10010"
        if code := self.check(asked):
            return code
        if "CREATED" in self.states.values():
            return "10008"
        if asked["amount"] != AMOUNT:
            return "10011"
        self.states[asked["transId"]] = "CREATED"
        return ""

    def confirm(self, asked: dict[str, Any]) -> str:
        state = self.states.get(asked["transId"])
        if state != "CREATED":
            return {None: "10014", "CONFIRMED": "10016"}.get(state, "10015")
        self.states[asked["transId"]] = "CONFIRMED"
        self.is_paid = True
        return ""

    def reverse(self, asked: dict[str, Any]) -> str:
        if self.states.get(asked["transId"]) in (None, "REVERSED"):
            return "10018" if asked["transId"] in self.states else "10014"
        self.states[asked["transId"]] = "REVERSED"
        return ""

    def status(self, asked: dict[str, Any]) -> str:
        return "" if asked["transId"] in self.states else "10014"

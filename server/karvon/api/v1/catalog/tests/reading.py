"""Asking the catalogue's endpoints as shoppers do, for this folder's tests."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from rest_framework.test import APIClient

PRODUCTS = "/api/v1/products/"


def ask(path: str = PRODUCTS, *, language: str = "en", status: int = 200, **params: Any) -> Any:
    """A guest's GET; the parsed answer, which has this status."""
    answer = APIClient().get(path, params, headers={"Accept-Language": language})
    assert answer.status_code == status, answer.content[:500]
    return answer.json()


def titles(page: dict[str, Any]) -> list[str]:
    return [each["title"] for each in page["results"]]


def found(**params: Any) -> set[str]:
    """Titles of everything that these filters leave, whose number is the page's `count`."""
    page = ask(page_size=100, **params)
    assert page["count"] == len(page["results"])
    return set(titles(page))


def follow(page: dict[str, Any]) -> dict[str, Any]:
    """The page behind `next`."""
    url = urlsplit(page["next"])
    answer = APIClient().get(f"{url.path}?{url.query}", headers={"Accept-Language": "en"})
    assert answer.status_code == 200, answer.content[:500]
    return answer.json()


def assert_refused(answer: Any, status: int, *fields: str) -> dict[str, Any]:
    """The one error shape, with these fields to blame."""
    body = answer.json()
    assert (answer.status_code, sorted(body)) == (status, ["code", "details", "error"]), body
    assert isinstance(body["error"], str)
    assert body["error"]
    assert sorted(body["details"]) == sorted(fields), body
    assert all(isinstance(each, str) for messages in body["details"].values() for each in messages)
    return body

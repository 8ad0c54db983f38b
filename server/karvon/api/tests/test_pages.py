"""Lists come in pages: `{"count", "next", "previous", "results"}`."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import path
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.serializers import ModelSerializer
from rest_framework.test import APIClient

from karvon.kernel.models import StoredAnswer

pytestmark = pytest.mark.django_db


class AnswerShape(ModelSerializer):
    class Meta:
        model = StoredAnswer
        fields = ("id",)


class Numbered(ListAPIView):
    permission_classes = (AllowAny,)
    queryset = StoredAnswer.objects.order_by("id")
    serializer_class = AnswerShape


urlpatterns = [path("numbered/", Numbered.as_view())]


@pytest.fixture(autouse=True)
def rows(settings) -> list[int]:
    settings.ROOT_URLCONF = __name__
    made = StoredAnswer.objects.bulk_create(
        StoredAnswer(scope="page", key=str(number), fingerprint="") for number in range(45)
    )
    return [each.pk for each in made]


def get(url: str) -> Any:
    return APIClient().get(url)


def ids(answer: Any) -> list[int]:
    return [each["id"] for each in answer.json()["results"]]


def test_twenty_a_page_with_links_to_the_neighbours(rows):
    first = get("/numbered/")
    second = get(first.json()["next"])
    third = get(second.json()["next"])

    assert list(first.json()) == ["count", "next", "previous", "results"]
    assert first.json()["count"] == 45
    assert [len(ids(each)) for each in (first, second, third)] == [20, 20, 5]
    assert ids(first) + ids(second) + ids(third) == rows
    assert (first.json()["previous"], third.json()["next"]) == (None, None)
    assert get(third.json()["previous"]).json() == second.json()


@pytest.mark.parametrize(("size", "shown"), [("1", 1), ("45", 45), ("100", 45), ("101", 45), ("5000", 45)])
def test_a_page_has_as_many_as_asked_up_to_a_hundred(size, shown):
    StoredAnswer.objects.bulk_create(
        StoredAnswer(scope="more", key=str(number), fingerprint="") for number in range(60)
    )

    expected = min(int(size), 100) if int(size) > 45 else shown
    assert len(ids(get(f"/numbered/?page_size={size}"))) == expected


@pytest.mark.parametrize("page", ["4", "99", "1000000000"])
def test_a_page_past_the_end_is_404(page):
    answer = get(f"/numbered/?page={page}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "value", ["0", "-1", "1.5", "1e3", "abc", "", "last", "²", "٣", "9" * 5000, "%00", "+1", " 1"]
)
@pytest.mark.parametrize("name", ["page", "page_size"])
def test_a_bad_number_is_400_and_named(name, value):
    answer = get(f"/numbered/?{name}={value}")

    assert answer.status_code == 400
    assert answer.json()["code"] == "validation_failed"
    assert list(answer.json()["details"]) in ([name], [])


def test_an_empty_list_is_one_empty_page():
    StoredAnswer.objects.all().delete()

    answer = get("/numbered/")
    assert answer.json() == {"count": 0, "next": None, "previous": None, "results": []}

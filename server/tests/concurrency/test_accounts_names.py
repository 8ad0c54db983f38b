"""One email asked for by many at once."""

from collections import Counter
from threading import Barrier

import pytest
from django.db import connection

from karvon.accounts.models import User
from karvon.accounts.services import people
from karvon.accounts.tests.factories import PASSWORD, make_client
from tests.concurrency.racing import PATIENCE, race

pytestmark = pytest.mark.django_db(transaction=True)

CONTENDERS = 20
EMAIL = "aziza@example.com"


def register(number):
    body = {
        "email": EMAIL.upper() if number % 2 else EMAIL,
        "username": f"person{number}",
        "password": PASSWORD,
    }
    answer = make_client().post("/api/v1/auth/users/", body, format="json")
    return answer.status_code, tuple(answer.json().get("details", ()))


def test_of_twenty_registrations_with_one_email_exactly_one_is_made():
    outcomes = race([lambda number=number: register(number) for number in range(CONTENDERS)])

    assert Counter(outcomes) == {(201, ()): 1, (400, ("email",)): CONTENDERS - 1}
    assert User.objects.get().email == EMAIL


@pytest.fixture
def without_unique_emails():
    constraint = next(c for c in User._meta.constraints if c.name == "user_email_unique_ci")
    with connection.schema_editor() as editor:
        editor.remove_constraint(User, constraint)
    yield
    User.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(User, constraint)


@pytest.mark.usefixtures("without_unique_emails")
def test_control_looking_first_instead_of_the_unique_index_makes_several(monkeypatch):
    all_have_looked = Barrier(CONTENDERS)
    save = people._save_with_unique_names

    def look_then_save(user, update_fields=None):
        if User.objects.filter(email=user.email).exists():
            raise AssertionError
        all_have_looked.wait(PATIENCE)
        save(user, update_fields)

    monkeypatch.setattr(people, "_save_with_unique_names", look_then_save)

    outcomes = race([lambda number=number: register(number) for number in range(CONTENDERS)])

    assert Counter(outcomes)[(201, ())] > 1

"""Passwords that were hashed in Django's own way are good, and are hashed in ours from the next login on."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from rest_framework.test import APIClient

from karvon.accounts.models import User
from karvon.accounts.tests.factories import make_user

pytestmark = pytest.mark.django_db
OWN = ["karvon.accounts.hashing.ShopArgon2PasswordHasher"]


def test_an_older_hash_is_made_anew_at_the_next_login(settings):
    settings.PASSWORD_HASHERS = OWN
    older = Argon2PasswordHasher().encode("a long password", "saltsaltsalt")
    user = make_user()
    User.objects.filter(pk=user.pk).update(password=older)

    answer = APIClient().post(
        "/api/v1/auth/jwt/create/", {"username": user.username, "password": "a long password"}, "json"
    )

    user.refresh_from_db()
    assert answer.status_code == 200
    assert "m=47104,t=1,p=1" in user.password
    assert user.check_password("a long password")

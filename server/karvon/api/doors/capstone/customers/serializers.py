"""Customers as this door takes and shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.accounts.models import Membership, User
from karvon.api.doors.capstone.letters import MEMBERSHIP_LETTERS, MEMBERSHIPS

MEMBERSHIP_CHOICES = tuple(MEMBERSHIPS)


class StoreCustomerRequest(serializers.Serializer[Any]):
    """What is left out stays. B bronze, S silver, G gold: only staff change the `membership`."""

    phone = serializers.CharField(max_length=32, required=False, allow_blank=True, allow_null=True)
    birth_date = serializers.DateField(required=False, allow_null=True)
    membership = serializers.ChoiceField(choices=MEMBERSHIP_CHOICES, required=False)


class StoreCustomer(serializers.ModelSerializer[User]):
    user_id = serializers.IntegerField(source="pk")
    membership = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = [
            "id",
            "user_id",
            "username",
            "email",
            "first_name",
            "last_name",
            "phone",
            "birth_date",
            "membership",
        ]
        read_only_fields = fields

    def get_membership(self, user: User) -> str:
        return MEMBERSHIP_LETTERS[Membership(user.membership)]

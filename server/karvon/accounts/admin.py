"""Back-office pages of people and permission groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from karvon.accounts.admin_base import MomentFilter, ReadOnlyInline, RoomAdmin, badge, get_user
from karvon.accounts.admin_pages import Task, choice_field, get_row, password_field, show_task
from karvon.accounts.models import Address, Membership, Role, User
from karvon.accounts.services import operating, register_user, update_profile
from karvon.accounts.services.people import PROFILE_FIELDS, Registration

ROLE_COLOURS = {
    Role.ADMIN: "danger",
    Role.STAFF: "warning",
    Role.MERCHANT: "primary",
    Role.MERCHANT_STAFF: "info",
    Role.COURIER: "success",
}

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """What each role may do; for administrators."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        # asked of guests too, on the login page
        return request.user.is_authenticated and request.user.role == Role.ADMIN

    def has_view_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return self.has_module_permission(request)


class UserAddForm(forms.ModelForm[User]):
    new_password = password_field(gettext_lazy("Password"))

    class Meta:
        model = User
        fields = ["email", "username", "phone", "first_name", "last_name", "language"]


class PasswordForm(forms.Form):
    password = password_field(gettext_lazy("New password"))


class RoleForm(forms.Form):
    role = choice_field(gettext_lazy("Role"), Role.choices)


class MembershipForm(forms.Form):
    membership = choice_field(
        gettext_lazy("Membership"),
        [("", gettext_lazy("What the nightly count says")), *Membership.choices],
        required=False,
    )


class AddressInline(ReadOnlyInline):
    model = Address
    fields = ["label", "recipient", "phone", "line1", "city", "is_default"]
    tab = True


@admin.register(User)
class UserAdmin(RoomAdmin[User]):
    offers = frozenset({"view", "add", "change"})
    list_display = ["person", "phone", "shown_role", "membership", "is_active", "created_at"]
    list_filter = [
        ("role", ChoicesDropdownFilter),
        ("membership", ChoicesDropdownFilter),
        "is_active",
        ("created_at", MomentFilter),
    ]
    search_fields = ["email", "username", "phone", "first_name", "last_name"]
    ordering = ["-id"]
    readonly_fields = [
        "role",
        "membership",
        "is_membership_fixed",
        "is_active",
        "is_email_verified",
        "is_phone_verified",
        "created_at",
        "closed_at",
    ]
    autocomplete_fields = ["groups"]
    inlines = [AddressInline]
    field_names = {"password": "new_password"}
    add_fieldsets = [
        (
            None,
            {"fields": ["email", "username", "phone", "first_name", "last_name", "language", "new_password"]},
        )
    ]
    actions_detail = ["set_password", "set_role", "set_membership", "block", "unblock", "log_out"]

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        names = ["email", "username", "phone", "first_name", "last_name", "language", "birth_date"]
        states = ["role", "is_active", "is_email_verified", "is_phone_verified", "created_at", "closed_at"]
        states += ["membership", "is_membership_fixed"]
        rights = ["groups"] if get_user(request).role == Role.ADMIN else []
        return [(None, {"fields": names}), (_("Account"), {"fields": states + rights})]

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = UserAddForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_inlines(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.inlines if obj is not None else []

    def allows_row(self, request: HttpRequest, verb: str, row: Any) -> bool:
        if verb == "view" or row is None:
            return get_user(request).is_operator
        return operating.may_operate_on(get_user(request), row)

    def write(
        self, request: HttpRequest, row: User, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> User:
        if not change:
            given = dict(form.cleaned_data)
            return register_user(registration=Registration(password=given.pop("new_password"), **given))
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in PROFILE_FIELDS}
        if "groups" in form.changed_data:
            operating.set_groups(actor=get_user(request), user_id=row.pk, groups=form.cleaned_data["groups"])
        return update_profile(user=row, changes=changes)

    @display(description=gettext_lazy("Person"), header=True, ordering="first_name")
    def person(self, user: User) -> list[str]:
        initials = (user.first_name[:1] + user.last_name[:1]) or str(user)[:2]
        return [str(user), user.email or user.username or "", initials]

    @badge(description=gettext_lazy("Role"), colours=ROLE_COLOURS, ordering="role")
    def shown_role(self, user: User) -> tuple[str, str]:
        return user.role, user.get_role_display()

    @action(
        description=gettext_lazy("Set password"), url_path="set-password", permissions=["change"], icon="key"
    )
    def set_password(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = get_row(self, request, object_id)

        def run(given: dict[str, Any]) -> str:
            operating.replace_password(actor=get_user(request), user_id=user.pk, password=given["password"])
            return _("The password is set; the person has to log in again.")

        task = Task(title=_("Set password"), submit=_("Set password"), run=run, form=PasswordForm)
        return show_task(self, request, task, row=user)

    @action(description=gettext_lazy("Change role"), url_path="set-role", permissions=["role"], icon="badge")
    def set_role(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = get_row(self, request, object_id)

        def run(given: dict[str, Any]) -> str:
            changed = operating.change_role(actor=get_user(request), user_id=user.pk, role=given["role"])
            return _("The role is now: %(role)s.") % {"role": changed.get_role_display()}

        task = Task(
            title=_("Change role"),
            submit=_("Change role"),
            run=run,
            form=RoleForm,
            form_options={"initial": {"role": user.role}},
            explanation=_("The person is logged out everywhere."),
        )
        return show_task(self, request, task, row=user)

    @action(
        description=gettext_lazy("Set membership"),
        url_path="set-membership",
        permissions=["change"],
        icon="loyalty",
    )
    def set_membership(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = get_row(self, request, object_id)

        def run(given: dict[str, Any]) -> str:
            changed = operating.set_membership(
                actor=get_user(request), user_id=user.pk, membership=given["membership"] or None
            )
            if not changed.is_membership_fixed:
                return _("The nightly count decides again.")
            return _("The membership is now: %(name)s.") % {"name": changed.get_membership_display()}

        task = Task(
            title=_("Set membership"),
            submit=_("Set membership"),
            run=run,
            form=MembershipForm,
            form_options={"initial": {"membership": user.membership if user.is_membership_fixed else ""}},
            explanation=_("What is set here stays until it is handed back to the nightly count."),
        )
        return show_task(self, request, task, row=user)

    @action(
        description=gettext_lazy("Suspend"),
        url_path="suspend",
        permissions=["suspend"],
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def block(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = get_row(self, request, object_id)

        def run(_given: dict[str, Any]) -> str:
            operating.suspend_account(actor=get_user(request), user_id=user.pk)
            return _("This person cannot log in any more.")

        task = Task(
            title=_("Suspend account"),
            submit=_("Suspend"),
            run=run,
            explanation=_(
                "The person is logged out everywhere and cannot log in until the account is reinstated."
            ),
            is_dangerous=True,
        )
        return show_task(self, request, task, row=user)

    @action(
        description=gettext_lazy("Reinstate"),
        url_path="reinstate",
        permissions=["reinstate"],
        icon="lock_open",
    )
    def unblock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = get_row(self, request, object_id)

        def run(_given: dict[str, Any]) -> str:
            operating.reinstate_account(actor=get_user(request), user_id=user.pk)
            return _("This person can log in again.")

        task = Task(title=_("Reinstate account"), submit=_("Reinstate"), run=run)
        return show_task(self, request, task, row=user)

    @action(
        description=gettext_lazy("Log out everywhere"),
        url_path="log-out",
        permissions=["change"],
        icon="logout",
    )
    def log_out(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = get_row(self, request, object_id)

        def run(_given: dict[str, Any]) -> str:
            operating.end_logins(actor=get_user(request), user_id=user.pk)
            return _("The person is logged out everywhere.")

        task = Task(title=_("Log out everywhere"), submit=_("Log out everywhere"), run=run)
        return show_task(self, request, task, row=user)

    def has_role_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return get_user(request).role == Role.ADMIN and self.has_change_permission(request, object_id)

    def has_suspend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._is_state(request, object_id, is_active=True)

    def has_reinstate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._is_state(request, object_id, is_active=False)

    def _is_state(self, request: HttpRequest, object_id: Any, *, is_active: bool) -> bool:
        user = self.get_object(request, str(object_id)) if object_id else None
        if user is None or user.closed_at is not None or user.is_active != is_active:
            return False
        return self.has_change_permission(request, user)


@admin.register(Address)
class AddressAdmin(RoomAdmin[Address]):
    """For looking something up; people keep their address books themselves."""

    offers = frozenset({"view"})
    list_display = ["user", "label", "line1", "city", "phone", "is_default"]
    list_select_related = ["user"]
    search_fields = ["line1", "city", "phone", "user__email", "user__username", "user__phone"]
    list_filter = ["is_default"]
    ordering = ["-id"]

    def visible(self, rows: QuerySet[Address], user: User) -> QuerySet[Address]:
        return rows if user.is_operator else rows.none()

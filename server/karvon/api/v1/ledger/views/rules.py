"""Commission rules, for operators."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import IsOperator
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.ledger import examples, shapes
from karvon.api.v1.ledger import serializers as s
from karvon.api.v1.ledger.views.reading import read
from karvon.kernel.idempotency import idempotent
from karvon.ledger import selectors, services
from karvon.ledger.services import RuleInput

TAGS = ["payouts"]


class RuleListView(PagedView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="commission_rules_list",
        tags=TAGS,
        summary="Commission rules, newest first",
        parameters=[s.CommissionRuleQuery],
        responses={200: s.CommissionRuleDetail(many=True), **errors(400, 401, 403, 404, 429)},
        examples=[examples.RULE_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """The most specific one in force applies: merchant and category, merchant, category, all."""
        asked = read(s.CommissionRuleQuery, request.query_params)
        rules = selectors.list_rules(get_caller(request)).filter(**asked)
        return self.answer_page(rules, lambda page: [shapes.rule_json(each) for each in page])

    @extend_schema(
        operation_id="commission_rules_create",
        tags=TAGS,
        summary="Make a commission rule",
        request=s.CommissionRuleRequest,
        responses={201: s.CommissionRuleDetail, **errors(400, 401, 403, 409, 429)},
        examples=[examples.RULE_REQUEST, examples.RULE_ANSWER],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """For orders to come: those that were placed keep their terms."""
        body = s.CommissionRuleRequest(data=request.data)
        body.is_valid(raise_exception=True)
        rule = services.create_rule(data=body.to_input(), actor=get_caller(request))
        return Response(shapes.rule_json(rule), status=status.HTTP_201_CREATED)


class RuleView(APIView):
    permission_classes = [IsOperator]

    @extend_schema(
        operation_id="commission_rules_retrieve",
        tags=TAGS,
        summary="One commission rule",
        responses={200: s.CommissionRuleDetail, **errors(401, 403, 404, 429)},
        examples=[examples.RULE_ANSWER],
    )
    def get(self, request: Request, rule_id: int) -> Response:
        """As it is now."""
        return Response(shapes.rule_json(selectors.get_rule(rule_id, get_caller(request))))

    @extend_schema(
        operation_id="commission_rules_partial_update",
        tags=TAGS,
        summary="Change a commission rule",
        request=s.CommissionRuleRequest,
        responses={200: s.CommissionRuleDetail, **errors(400, 401, 403, 404, 409, 429)},
        examples=[examples.RULE_REQUEST, examples.RULE_ANSWER],
    )
    def patch(self, request: Request, rule_id: int) -> Response:
        """What is left out stays."""
        caller = get_caller(request)
        known = RuleInput.of(selectors.get_rule(rule_id, caller))
        body = s.CommissionRuleRequest(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        rule = services.update_rule(rule_id=rule_id, data=body.to_input(known), actor=caller)
        return Response(shapes.rule_json(rule))

    @extend_schema(
        operation_id="commission_rules_destroy",
        tags=TAGS,
        summary="Remove a commission rule",
        request=None,
        responses={204: None, **errors(401, 403, 404, 429)},
    )
    def delete(self, request: Request, rule_id: int) -> Response:
        """Orders that were placed keep their terms."""
        services.delete_rule(rule_id=rule_id, actor=get_caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

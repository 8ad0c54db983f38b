"""What the demo tells its processes of payment providers."""

from __future__ import annotations

from karvon.runtime.programs import behind_the_web, read_plan, simulated_payments
from karvon.simulators.credentials import DEMO

PRODUCTION = {"DJANGO_SETTINGS_MODULE": "karvon.settings.production", "KARVON_SECRET_KEY": "x"}


def test_the_demo_has_its_payments_beside_it():
    plan = read_plan({"KARVON_PORT": "8100"})

    told = simulated_payments(plan, {})

    assert "payments" in [program.name for program in behind_the_web(plan)]
    assert told["STRIPE_BASE_URL"] == "http://localhost:8101/stripe"
    assert told["PAYME_KEY"] == DEMO.payme_key
    assert read_plan({"KARVON_SIMULATORS_PORT": "9000"}).simulators_base == "http://localhost:9000"


def test_a_provider_of_one_s_own_is_not_sent_to_the_simulators():
    told = simulated_payments(read_plan({}), {"STRIPE_SECRET_KEY": "sk_test_mine"})

    assert not [name for name in told if name.startswith("STRIPE_")]
    assert told["CLICK_BASE_URL"] == "http://localhost:8001/click"


def test_production_simulates_nothing():
    plan = read_plan(PRODUCTION)

    assert (plan.simulators_port, plan.simulators_base) == (0, "")
    assert "payments" not in [program.name for program in behind_the_web(plan)]
    assert simulated_payments(plan, {}) == {}

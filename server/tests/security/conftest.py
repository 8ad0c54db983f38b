from tests.contracts.conftest import _shared_world as _shared_world
from tests.contracts.conftest import simulators as simulators
from tests.contracts.conftest import world as world

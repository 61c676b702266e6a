from itertools import count

import pytest

from benchmarks import postgres_server
from reliability.register.store import create
from tests.register.samples import REGISTER

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def server():
    if postgres_server.programs() is None:
        pytest.skip("PostgreSQL is not installed: no server to keep a register on")
    with postgres_server.started(durable=False) as running:
        yield running


_names = count(1)


def url_of(request):
    """The URL of a database that holds nothing yet; None is SQLite in the folder."""
    if request.param == "sqlite":
        return None
    return request.getfixturevalue("server").new_schema(f"register_{next(_names)}")


@pytest.fixture(params=DATABASES)
def new_url(request):
    """Make the URL of an empty database, as often as one is needed."""
    return lambda: url_of(request)


@pytest.fixture
def register(new_url, tmp_path):
    with create(tmp_path / "register", prefix="JJ", register_id=REGISTER, url=new_url()) as made:
        yield made


@pytest.fixture(scope="module", params=DATABASES)
def read_only(request, tmp_path_factory):
    """A register that the tests of a module only read, or put back as it was."""
    folder = tmp_path_factory.mktemp("kept") / "register"
    with create(folder, prefix="JJ", register_id=REGISTER, url=url_of(request)) as made:
        yield made

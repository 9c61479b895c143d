"""What the tests of all clients share: the address of the stack, and people who may log in."""

import os

import httpx
import pytest

ADDRESS = os.environ["NEXTCLOUD_URL"]
ADMIN = ("admin", "admin")
BEN = ("ben", "tea-for-two")
HEADERS = {"OCS-APIRequest": "true", "Accept": "application/json"}


def ask(method, path, person, **fields):
    """The data of an answer that was granted."""
    answer = httpx.request(method, ADDRESS + path, auth=person, headers=HEADERS, data=fields or None, timeout=30)
    answer.raise_for_status()
    return answer.json()["ocs"]["data"]


@pytest.fixture(scope="session")
def address():
    return ADDRESS


@pytest.fixture(scope="session", autouse=True)
def ben():
    """Somebody beside the administrator."""
    ask("POST", "/ocs/v2.php/cloud/users", ADMIN, userid=BEN[0], password=BEN[1], displayName="Ben")
    yield BEN
    ask("DELETE", f"/ocs/v2.php/cloud/users/{BEN[0]}", ADMIN)


@pytest.fixture(scope="session")
def app_password():
    """A password for an app of the administrator's."""
    return ask("GET", "/ocs/v2.php/core/getapppassword", ADMIN)["apppassword"]

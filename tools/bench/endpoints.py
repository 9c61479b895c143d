"""The requests that are measured, and what grows while they are: rooms, people, messages."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field

USER = "anna"
PASSWORD = "a" * 72
SENTENCE = "Shall we say half past five, in the room with the large window?"
PAGE = 100


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    function: str
    query: str = ""
    body: dict = field(default_factory=dict, hash=False)
    status: int = 200
    # Whether an answer holds what a stage of this size has.
    is_right: Callable = lambda data, size: True
    # The request that has to come before.
    after: "Endpoint | None" = None

    def __str__(self):
        return f"{self.method} {self.path}{'?modifiedSince=…' if 'modifiedSince' in self.query else ''}"

    def event(self, token):
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        headers = {"host": "bench.example", "ocs-apirequest": "true", "authorization": f"Basic {login}"}
        sent = {"headers": headers | {"content-type": "application/json"}, "body": json.dumps(self.body)}
        path = f"/ocs/v2.php/apps/spreed/api{self.path.format(token=token)}"
        http = {"method": self.method, "path": path, "sourceIp": "192.0.2.1"}
        return json.dumps({
            "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": f"format=json&{self.query}",
            "requestContext": {"requestId": "r", "http": http}, "isBase64Encoded": False,
            **(sent if self.body else {"headers": headers})}).encode()


def lists_all(data, size):
    return len(data) == size


JOIN = Endpoint("POST", "/v1/call/{token}", "calls", is_right=lambda data, size: data["sessionId"])
LEAVE = Endpoint("DELETE", "/v1/call/{token}", "calls")
PING = Endpoint("POST", "/v1/call/{token}/ping", "calls", after=JOIN)
SHOW = Endpoint("GET", "/v1/room/{token}", "rooms", is_right=lambda data, size: len(data["participants"]) == size)
SHOW_V4 = Endpoint("GET", "/v4/room/{token}", "rooms", is_right=lambda data, size: data["lastMessage"]["message"] == SENTENCE)
MEMBERS = Endpoint("GET", "/v1/room/{token}/participants", "participants", is_right=lists_all)
MEMBERS_V4 = Endpoint("GET", "/v4/room/{token}/participants", "participants", is_right=lists_all)
MY_ROOMS = Endpoint("GET", "/v1/room", "rooms", is_right=lists_all)
MY_ROOMS_V4 = Endpoint("GET", "/v4/room", "rooms", is_right=lists_all)
NO_CHANGES = Endpoint("GET", "/v4/room", "rooms", "modifiedSince=4102444800", is_right=lambda data, size: data == [])
CREATE = Endpoint("POST", "/v1/room", "rooms", body={"roomType": 3}, status=201)
CREATE_V4 = Endpoint("POST", "/v4/room", "rooms", body={"roomType": 3, "roomName": "Tea at five"}, status=201)
SEND = Endpoint("POST", "/v1/chat/{token}", "chat", body={"message": SENTENCE}, status=201,
                is_right=lambda data, size: data["message"] == SENTENCE)
HISTORY = Endpoint("GET", "/v1/chat/{token}", "chat", f"lookIntoFuture=0&limit={PAGE}",
                   is_right=lambda data, size: len(data) == min(size, PAGE))


@dataclass(frozen=True)
class Growth:
    """The sizes of one thing, and the requests at each; those that undo each other take turns."""

    sizes: tuple
    turns: tuple


GROWTHS = {
    "rooms": Growth((1, 10, 50, 100, 1000), ((NO_CHANGES,), (MY_ROOMS_V4,), (MY_ROOMS,), (CREATE_V4,), (CREATE,))),
    "people": Growth((10, 100, 1000), (
        (SHOW,), (SHOW_V4,), (MEMBERS,), (MEMBERS_V4,), (JOIN, LEAVE), (SEND,), (PING,))),
    "messages": Growth((10, 100, 1000, 10000), ((HISTORY,), (SEND,))),
}

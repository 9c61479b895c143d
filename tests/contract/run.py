#!/usr/bin/env python3
"""Holds docs/openapi.json against a stack of its own, from outside: as user, guest, app, administrator and nobody.

schemathesis makes up requests to every operation. No answer may be a 5xx, have a status or a type that is not in the
document, or JSON that does not fit its schema; and every operation has to be granted to somebody at least once.
"""

import base64
import collections
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from tour import free_port, start  # noqa: E402

DOCUMENT = ROOT / "docs" / "openapi.json"
TALK = "/ocs/v2.php/apps/spreed/api/v1"
ROOMS = "/ocs/v2.php/apps/spreed/api/v4/room"
CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
          "response_headers_conformance", "unsupported_method", "allow_header_conformance"]
EXAMPLES = 8
# A browser keeps the latest few guests' cookies in a header that a gateway takes.
MOST_COOKIES = 6
SEED = 1


class Stack:
    """A stack of the test's own, and what people do there."""

    def __init__(self):
        self.port = free_port()
        os.environ["POLL_SECONDS"] = "1"
        # All of its requests come from one address.
        os.environ["ADDRESS_LIMIT"] = "1000000"
        self.process = start(self.port)
        # What the stack logs has to go somewhere.
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)
        self.address = f"http://127.0.0.1:{self.port}"
        self.is_over = threading.Event()

    def stop(self):
        self.is_over.set()
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(timeout=30)
        self.drain.kill()

    def ask(self, method, path, user=None, **fields):
        """An answer's data and cookies."""
        headers = {"OCS-APIRequest": "true", "Accept": "application/json"}
        if user:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{user[0]}:{user[1]}".encode()).decode()
        body = urllib.parse.urlencode(fields).encode() if fields else None
        request = urllib.request.Request(self.address + path, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["ocs"]["data"], answer.headers.get_all("Set-Cookie") or []

    def keep(self, guests):
        """Pings for guests from now on, who would be gone after 100 seconds."""
        def ping():
            while not self.is_over.wait(20):
                for token, cookie in guests:
                    headers = {"OCS-APIRequest": "true", "Cookie": cookie}
                    request = urllib.request.Request(f"{self.address}{TALK}/call/{token}/ping", b"", headers)
                    try:
                        urllib.request.urlopen(request, timeout=30).close()
                    except (urllib.error.URLError, OSError):
                        # Removed, or the room is gone.
                        continue
        threading.Thread(target=ping, daemon=True).start()

    def rooms(self, user, count):
        return [self.ask("POST", TALK + "/room", user, roomType=3)[0]["token"] for _ in range(count)]


def things(stack, role, credential, admin):
    """What the one who calls meets: rooms with people in them, a guest, people and groups to change."""
    if role == "app":
        return {"paths": [], "fields": {}, "guests": {}, "attendees": {}, "calls": [], "cookies": {}}
    owner = credential or ("alice", "alice")
    tokens = stack.rooms(owner, 90)
    guests, attendees, messages, cookies, everybody = {}, {}, {}, {}, []
    for token in tokens:
        stack.ask("POST", f"{TALK}/room/{token}/participants", owner, newParticipant="bob")
        stack.ask("POST", f"{TALK}/room/{token}/participants", owner, newParticipant="carol")
        stack.ask("POST", f"{TALK}/room/{token}/moderators", owner, participant="carol")
        messages[token] = stack.ask("POST", f"{TALK}/chat/{token}", owner, message="Hello")[0]["id"]
        stack.ask("POST", f"{TALK}/reaction/{token}/{messages[token]}", owner, reaction="👍")
        people = stack.ask("GET", f"{ROOMS}/{token}/participants", owner)[0]
        attendees[token] = [entry["attendeeId"] for entry in people if entry["actorId"] in ("bob", "carol")]
        session, set_cookies = stack.ask("POST", f"{TALK}/call/{token}")
        guests[token] = session["sessionId"]
        everybody.append((token, "; ".join(cookie.split(";")[0] for cookie in set_cookies)))
        if len(cookies) < MOST_COOKIES:
            cookies.update(re.match(r"([^=]+)=([^;]*)", cookie).groups() for cookie in set_cookies)
    calls = tokens[:MOST_COOKIES] if role == "guest" else []
    if credential:
        stack.ask("POST", f"{TALK}/call/{tokens[0]}", credential)
        calls = tokens[:1]
    paths = [{"token": token, "message": messages[token]} for token in tokens]
    if credential:
        paths += [{"id": app_password(stack, credential)} for _ in range(20)]
    if role == "administrator":
        for number in range(20):
            person, group = f"person{number}", f"group{number}"
            stack.ask("POST", "/ocs/v2.php/cloud/users", admin, userid=person, password=f"password of {person}")
            stack.ask("POST", f"/ocs/v2.php/cloud/users/{person}/groups", admin, groupid="team")
            stack.ask("POST", "/ocs/v2.php/cloud/groups", admin, groupid=group)
            paths += [{"user": person, "id": app_password(stack, (person, f"password of {person}"))}, {"group": group}]
    fields = {
        "participant": ["bob", "carol"], "newParticipant": ["bob", "carol"], "invite": ["bob", "team"],
        "groupid": ["team", "new one"], "userid": ["new person", "another"], "messages": ["[]"], "roomType": [1, 2, 3],
        "key": ["displayname", "email"], "value": ["a@b.example"], "password": ["a long secret", "secret", ""], "email": ["a@b.example"],
        "displayName": ["Somebody"], "permissions": [128, 0], "state": [0, 1], "level": [0, 1], "source": ["users", "groups"],
        "mode": ["set", "add"], "method": ["remove"], "modifiedSince": [0], "objectType": ["event"], "objectId": ["1"],
        "message": ["Hello, @bob"], "replyTo": [0], "reaction": ["👍"], "metaData": ['{"name": "Card"}'], "timeout": [1],
        "lookIntoFuture": [0, 1], "lastKnownMessageId": [1, 2], "statusType": ["away"], "statusIcon": ["🍜"], "clearAt": [0], "roomName": ["Tea at five"], "description": ["Every day"], "search": ["", "a"],
    }
    stack.keep(everybody)
    return {"paths": paths, "fields": fields, "guests": guests, "attendees": attendees, "calls": calls,
            "cookies": cookies if role == "guest" else {}}


def app_password(stack, credential):
    """Makes an app password; returns what it is called where it must not be told."""
    password = stack.ask("GET", "/ocs/v2.php/core/getapppassword", credential)[0]["apppassword"]
    return hashlib.sha256(password.encode()).hexdigest()[:16]


def play(stack, role, credential, admin, folder, *only):
    """Lets schemathesis call as somebody; returns what was answered."""
    notes = Path(folder) / f"{role}.txt"
    environment = dict(
        os.environ, SCHEMATHESIS_HOOKS=str(Path(__file__).with_name("hooks.py")), CONTRACT_NOTES=str(notes),
        CONTRACT_THINGS=json.dumps(things(stack, role, credential, admin)), PYTHONDONTWRITEBYTECODE="1")
    command = [
        "schemathesis", "run", str(DOCUMENT), "--url", stack.address, "--checks", ",".join(CHECKS), "--max-examples",
        str(EXAMPLES), "--seed", str(SEED), "--phases", "examples,coverage,fuzzing", "--generation-database", "none",
        "--suppress-health-check", "all", "--request-timeout", "60", "--warnings", "off", "--no-color", "--continue-on-failure",
        "-H", "OCS-APIRequest: true", "-H", "Accept: application/json"]
    if credential:
        command += ["--auth", ":".join(credential)]
    command += [argument for path in only for argument in ("--include-path", path)]
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    answers = collections.Counter(tuple(line.rsplit(" ", 1)) for line in notes.read_text(encoding="utf-8").splitlines())
    granted = {operation for operation, status in answers if status.startswith("2")}
    print(f"{role}: {sum(answers.values())} requests, {len(granted)} operations granted", flush=True)
    if os.environ.get("CONTRACT_VERBOSE"):
        for answer, count in sorted(answers.items()):
            print(f"  {' '.join(answer)} x {count}")
    if done.returncode:
        print(done.stdout)
    return done.returncode == 0, answers, granted


def main():
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    operations = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    admin = ("admin", "admin")
    stack, passed, requests, granted = Stack(), True, 0, set()
    try:
        with tempfile.TemporaryDirectory() as folder:
            alice, forget = ("alice", "alice"), "/ocs/v2.php/core/apppassword"
            app = stack.ask("GET", "/ocs/v2.php/core/getapppassword", ("bob", "bob"))[0]["apppassword"]
            for role, credential, *only in [("user", alice), ("guest", None), ("nobody", None),
                                            ("app", ("bob", app), forget), ("administrator", admin)]:
                fits, answers, some = play(stack, role, credential, admin, folder, *only)
                passed &= fits
                requests += sum(answers.values())
                granted |= some
    finally:
        stack.stop()
    for operation in sorted(operations - granted):
        passed = False
        print(f"Nobody was granted {operation}, so its answer was never looked at.")
    print(f"{requests} requests to {len(operations)} operations, as five kinds of callers: "
          + ("all answers are as documented" if passed else "FAILED"))
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()

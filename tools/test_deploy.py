#!/usr/bin/env python3
"""Deploys two tenants to an emulator of AWS and lives with them for a while.

The template as it is, the binaries as they are deployed, the operator's own commands; then the API cases of
tests/ through each tenant's gateway. Cleans up after itself, also when something fails.
"""

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import boto3
from websockets.sync.client import connect

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
# What the cases below need of the emulator.
SERVICES = "apigateway,cloudformation,cloudwatch,dynamodb,events,iam,lambda,logs,s3,sns,ssm,sts"
# The modules whose cases hold for any stack, and in them the cases that do not.
CASES = ["permissions::", "envelope::", "participants::", "rooms::", "calls::", "signaling::", "stories::"]
# A second tenant has the same template; these show that it answers.
CASES_OF_ANOTHER = ["participants::", "rooms::", "stories::"]
SKIPPED = {
    "rooms::two_rooms_that_draw_one_token_become_two_rooms": "decides what two functions draw",
    "calls::the_cookie_is_for_https": "the emulator's gateway speaks plain HTTP on loopback",
    "calls::the_cookie_is_for_plain_http_on_loopback": "is about a laptop",
    "signaling::the_oldest_clients_need_no_token": "sets the clock",
    "signaling::after_two_minutes_a_message_is_worth_nothing": "sets the clock",
    "signaling::a_quiet_poll_waits_and_keeps_everybody_in": "sets the clock",
    "signaling::a_message_ends_the_waiting": "stops the clock",
    "signaling::coming_and_going_ends_the_waiting": "stops the clock",
    "signaling::the_removed_are_told_while_they_wait": "stops the clock",
    "signaling::a_later_poll_gets_what_an_abandoned_one_must_not_swallow": "stops the clock",
    "signaling::two_polls_at_once_never_both_get_a_message": "lets polls wait for minutes",
    "envelope::options_are_405": "the emulator answers OPTIONS itself",
}
PASSWORD = "correct horse battery"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Emulator:
    """ministack on a port of its own."""

    def __init__(self, folder):
        self.port = free_port()
        self.log = Path(folder) / "emulator.log"
        self.environment = dict(
            os.environ, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1",
            AWS_REGION="us-east-1", AWS_ENDPOINT_URL=f"http://127.0.0.1:{self.port}", SAM_CLI_TELEMETRY="0")
        served = dict(self.environment, GATEWAY_PORT=str(self.port), BIND_HOST="127.0.0.1", SERVICES=SERVICES,
                      IOT_MTLS_ENABLED="0", TMPDIR=str(folder))
        self.process = subprocess.Popen(
            ["ministack"], env=served, stdout=self.log.open("w"), stderr=subprocess.STDOUT, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_ministack/health", timeout=1).close()
                return
            except (urllib.error.URLError, OSError):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    sys.exit("The emulator did not start:\n" + self.log.read_text())
                time.sleep(0.2)

    def login(self):
        """What an AWS client needs to come here."""
        return {"endpoint_url": self.environment["AWS_ENDPOINT_URL"], "region_name": "us-east-1",
                "aws_access_key_id": "test", "aws_secret_access_key": "test"}

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)


class Operator:
    """Types what docs/operations.md says."""

    def __init__(self, emulator):
        self.emulator = emulator

    def type(self, *words, typed=""):
        """What `make` with these words ended with, and all that it said."""
        done = subprocess.run(
            ["make", "--no-print-directory", *words], cwd=ROOT, env=self.emulator.environment, input=typed, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout

    def make(self, *words, typed=""):
        """What `make` with these words said, which has to work."""
        status, said = self.type(*words, typed=typed)
        if status:
            sys.exit(f"make {' '.join(words)} failed:\n{said}\n{self.emulator.log.read_text()[-3000:]}")
        return said

    def deploy(self, tenant, parameters=""):
        parameters = ("DeletionProtection=false PollSeconds=1 AddressLimit=1000000 " + parameters).strip()
        said = self.make("deploy", f"TENANT={tenant}", "RELEASE=test", f"PARAMETERS={parameters}")
        return Tenant(re.search(r"^BaseUrl +(\S+)", said, re.MULTILINE).group(1), self.emulator.port)

    def admin(self, tenant):
        self.make("admin", f"TENANT={tenant}", "USER=boss", typed=PASSWORD + "\n")

    def remove(self, tenant, *words):
        return self.make("remove", f"TENANT={tenant}", *words, typed=tenant + "\n")


class Tenant:
    """A tenant's API, through the emulator's gateway."""

    def __init__(self, url, port):
        self.url, self.port = url, port

    def ask(self, method, path, user="boss", secret=PASSWORD, **fields):
        """The status and the answer, without the time and the numbers in it that differ each time."""
        body = "&".join(f"{name}={urllib.parse.quote(value)}" for name, value in fields.items()).encode() or None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, method=method)
        login = base64.b64encode(f"{user}:{secret}".encode()).decode()
        for name, value in [("Host", self.url.split("//")[1]), ("Authorization", f"Basic {login}"),
                            ("OCS-APIRequest", "true"), ("Accept", "application/json")]:
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=40) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def settings(self, user):
        """What a client is told of signaling."""
        return self.ask("GET", SETTINGS, user=user)[1]["ocs"]["data"]

    def open_page(self, name):
        """Somebody opens the page in a browser, logs in and out."""
        host = self.url.split("//")[1]
        done = subprocess.run(["node", "tests/page/open.mjs", host, str(self.port), "boss", PASSWORD], cwd=ROOT, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        check(f"the page of {name} opens in a browser, and the administrator logs in and out", done.returncode == 0, done.stdout)

    def cases(self, modules):
        """Runs the API cases of modules of tests/; returns how many passed."""
        skips = [part for name in SKIPPED for part in ("--skip", name)]
        environment = dict(os.environ, API_URL=self.url, API_ADMIN=f"boss:{PASSWORD}")
        # An inherited endpoint would lead the tests' own database astray.
        environment.pop("AWS_ENDPOINT_URL", None)
        done = subprocess.run(
            ["cargo", "test", "--locked", "--package", "tests", "--test", "api", "--", *modules, *skips, "--test-threads=4"],
            cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        counted = re.search(r"test result: ok\. (\d+) passed", done.stdout)
        if done.returncode or not counted or counted.group(1) == "0":
            sys.exit(done.stdout)
        return int(counted.group(1))


class Client:
    """Somebody with a WebSocket, through the emulator's gateway."""

    def __init__(self, tenant, user):
        self.tenant, self.user, self.unread = tenant, user, []
        server = tenant.settings(user)["server"]
        api = re.match(r"https://([a-z0-9]+)\.execute-api\.", server).group(1)
        self.socket = connect(f"ws://127.0.0.1:{tenant.port}/_aws/execute-api/{api}/spreed", open_timeout=20)

    def send(self, **frame):
        self.socket.send(json.dumps(frame))

    def next(self, what, fits, seconds=30):
        """The first frame that fits, whenever it comes."""
        deadline = time.monotonic() + seconds
        while True:
            for place, frame in enumerate(self.unread):
                if fits(frame):
                    return self.unread.pop(place)
            try:
                self.unread.append(json.loads(self.socket.recv(timeout=max(0.1, deadline - time.monotonic()))))
            except TimeoutError:
                sys.exit(f"{what} did not come to {self.user}; there is {self.unread}")

    def hello(self, ticket):
        url = f"{self.tenant.url}/ocs/v2.php/apps/spreed/api/v1/signaling/backend"
        auth = {"url": url, "params": {"userid": self.user, "ticket": ticket}}
        self.send(id="hello", type="hello", hello={"version": "1.0", "auth": auth})
        answer = self.next("an answer to hello", lambda frame: frame.get("id") == "hello")
        self.id = answer.get("hello", {}).get("sessionid")
        return answer

    def enter(self, token):
        status, answer = self.tenant.ask("POST", f"{CALL}/{token}", user=self.user)
        assert status == 200, answer
        room = {"roomid": token, "sessionid": answer["ocs"]["data"]["sessionId"]}
        self.send(id="room", type="room", room=room)
        return self.next("an answer to room", lambda frame: frame.get("id") == "room")


def is_event(target, kind):
    return lambda frame: frame["type"] == "event" and (frame["event"]["target"], frame["event"]["type"]) == (target, kind)


def talk(name, tenant, other):
    """Two people of a tenant meet over WebSockets; a ticket is nothing to the other tenant."""
    for user in ("wanda", "xaver"):
        tenant.ask("POST", USERS, userid=user, password=PASSWORD)
    token = tenant.ask("POST", ROOM, user="wanda", roomType="3")[1]["ocs"]["data"]["token"]
    tenant.ask("POST", f"{ROOM}/{token}/participants", user="wanda", newParticipant="xaver")
    wanda, xaver = Client(tenant, "wanda"), Client(tenant, "xaver")
    stranger = Client(other, "boss")
    stranger.user = "wanda"
    refused = stranger.hello(tenant.settings("wanda")["ticket"])
    check(f"a ticket of {name} is nothing to the other tenant", refused.get("error", {}).get("code") == "invalid_ticket", refused)
    for client in (wanda, xaver):
        answer = client.hello(tenant.settings(client.user)["ticket"])
        check(f"{client.user} of {name} says hello over a WebSocket", answer["type"] == "hello", answer)
        answer = client.enter(token)
        check(f"{client.user} enters the room", answer.get("room", {}).get("roomid") == token, answer)
    wanda.next("who joined", lambda frame: is_event("room", "join")(frame)
               and any(entry["sessionid"] == xaver.id for entry in frame["event"]["join"]))
    check("those who were there are told by the table's stream", True)
    wanda.send(type="message", message={"recipient": {"type": "session", "sessionid": xaver.id}, "data": {"type": "offer"}})
    wanda.send(type="message", message={"recipient": {"type": "session", "sessionid": xaver.id}, "data": {"type": "candidate"}})
    heard = [xaver.next("a message", lambda frame: frame["type"] == "message") for _ in range(2)]
    check("an offer and a candidate arrive", sorted(it["message"]["data"]["type"] for it in heard) == ["candidate", "offer"], heard)
    tenant.ask("DELETE", f"{ROOM}/{token}/participants", user="wanda", participant="xaver")
    xaver.next("the removal", is_event("roomlist", "disinvite"))
    for _ in xaver.socket:
        pass
    check("who is removed is told so, and the socket closed", True)
    wanda.send(id="bye", type="bye", bye={})
    wanda.next("an answer to bye", lambda frame: frame["type"] == "bye")
    for client in (wanda, stranger):
        client.socket.close()


ROOM = "/ocs/v2.php/apps/spreed/api/v1/room"
CALL = "/ocs/v2.php/apps/spreed/api/v1/call"
USERS = "/ocs/v2.php/cloud/users"
SETTINGS = "/ocs/v2.php/apps/spreed/api/v1/signaling/settings"
CHECKS = []


def lasting(file):
    """The items that do not expire; the others may have done so meanwhile."""
    return sorted(line for line in Path(file).read_text(encoding="utf-8").splitlines() if "expires_at" not in line)


def check(what, is_so, told=""):
    CHECKS.append(what)
    print(f"ok     {what}" if is_so else f"WRONG  {what}: {told}", flush=True)
    if not is_so:
        sys.exit(1)


def typed_as_it_is(operator, folder):
    """What is typed after make is never a command, and no export follows a link."""
    trap = Path(folder) / "trap"
    for text in (f"$(touch {trap})", f"$(shell touch {trap})", f"`touch {trap}`", f'"; touch {trap}; "', f"x; touch {trap}"):
        for words in (("export", f"FILE={folder}/x"), ("import", f"FILE={text}"), ("deploy", f"PARAMETERS={text}"),
                      ("admin", f"USER={text}"), ("remove", "TABLE=keep")):
            tenant = text if words[0] in ("export", "remove") else "nobody"
            operator.type(words[0], f"TENANT={tenant}", *words[1:])
    check("nothing that is typed becomes a command", not trap.exists())


def exported_alone(operator, folder):
    secret, file = Path(folder) / "secret", Path(folder) / "trapped.jsonl"
    secret.write_text("keep me", encoding="utf-8")
    part = Path(f"{file}.part")
    for put in (lambda: part.symlink_to(secret), lambda: part.write_text("another export", encoding="utf-8")):
        put()
        status, said = operator.type("export", "TENANT=acme", f"FILE={file}")
        check("an export writes into no file or link that is there", status and "is there" in said, said)
        part.unlink()
    check("what the link leads to is as it was", secret.read_text(encoding="utf-8") == "keep me")
    operator.make("export", "TENANT=acme", f"FILE={file}")
    check("an export is its owner's alone", file.stat().st_mode & 0o777 == 0o600)


def abandon_a_room(file):
    """Adds to an export a room that its last user left to a guest, as releases before did."""
    room = {"pk": {"S": "ROOM#abandoned"}, "sk": {"S": "ROOM"}, "id": {"N": "1"}, "room_type": {"N": "3"},
            "name": {"S": ""}, "created_at": {"N": "1"}, "revision": {"N": "2"}}
    with open(file, "a", encoding="utf-8") as lines:
        lines.write(json.dumps(room) + "\n")


def live(operator):
    acme, globex = operator.deploy("acme"), operator.deploy("globex")
    for tenant in ("acme", "globex"):
        operator.admin(tenant)
    listed = operator.make("tenants")
    check("make tenants lists both", "acme" in listed and "globex" in listed, listed)

    for name, tenant, modules, fewest in (("acme", acme, CASES, 150), ("globex", globex, CASES_OF_ANOTHER, 15)):
        passed = tenant.cases(modules)
        check(f"{passed} API cases through the gateway of {name}", passed >= fewest)

    talk("acme", acme, globex)
    talk("globex", globex, acme)

    for name, tenant in (("acme", acme), ("globex", globex)):
        tenant.open_page(name)

    acme.ask("POST", USERS, userid="anna", password=PASSWORD)
    status, answer = acme.ask("POST", ROOM, user="anna", roomType="3")
    token = answer["ocs"]["data"]["token"]
    check("a person of one tenant makes a room", status == 201, answer)
    check("the person is nobody to the other tenant", globex.ask("GET", ROOM, user="anna")[0] == 401)
    check("the room is nothing to the other tenant", globex.ask("GET", f"{ROOM}/{token}")[0] == 404)
    users = globex.ask("GET", USERS)[1]["ocs"]["data"]["users"]
    check("the other tenant's list of people does not have the person", "anna" not in users, users)

    acme.ask("POST", USERS, userid="gus", password=PASSWORD)
    statuses = [acme.ask("GET", ROOM, user="gus", secret=f"guess {number}")[0] for number in range(20)]
    check("somebody who guesses at a password is turned away", statuses == [401] * 15 + [429] * 5, statuses)
    told = operator.make("unblock", "TENANT=acme", "USER=gus")
    check("make unblock says from where", ": 15 different wrong passwords" in told, told)
    # Warm functions remember a refusal for ten seconds.
    statuses = []
    while statuses[-1:] != [200] and len(statuses) < 60:
        statuses.append(acme.ask("GET", ROOM, user="gus")[0])
        time.sleep(0.5)
    check("and the guesses are forgotten", statuses[-1] == 200, statuses)

    before = acme.ask("GET", ROOM, user="anna")
    updated = operator.deploy("acme", "MemorySize=512 LogLevel=warn AlarmAddress= Dashboard=false")
    check("an update with other parameters keeps address and data",
          (updated.url, updated.ask("GET", ROOM, user="anna")) == (acme.url, before))

    ssm = boto3.client("ssm", **operator.emulator.login())
    ssm.put_parameter(Name="/spreed/acme/shared", Type="SecureString", Value="a-secret-that-nobody-prints")
    operator.deploy("acme", "SignalingServer=https://signaling.example SignalingSecretParameter=/spreed/acme/shared "
                            "TurnServers=turn.example:3478?transport=udp TurnSecretParameter=/spreed/acme/shared")
    settings = acme.settings("anna")
    check("functions read the secrets of the signaling server and of TURN from the parameter store",
          (settings["server"], settings["turnservers"][0]["urls"])
          == ("https://signaling.example", ["turn:turn.example:3478?transport=udp"]), settings)
    operator.deploy("acme", "SignalingServer= SignalingSecretParameter= TurnServers= TurnSecretParameter=")
    server = acme.settings("anna")["server"]
    check("a parameter that is emptied takes the server away, and the stack's own sockets are back", ".execute-api." in server, server)
    operator.deploy("acme", "WebSockets=false")
    check("without WebSockets all poll", acme.settings("anna")["server"] == [], acme.settings("anna"))

    with tempfile.TemporaryDirectory() as folder:
        typed_as_it_is(operator, folder)
        exported_alone(operator, folder)
        file = str(Path(folder) / "acme.jsonl")
        print(operator.make("export", "TENANT=acme", f"FILE={file}").strip())
        kept = operator.remove("acme")
        table = re.search(r"The table (\S+) is kept", kept).group(1)
        check("a removed tenant is not listed", "acme" not in operator.make("tenants"))
        other = str(Path(folder) / "kept.jsonl")
        operator.make("export", "TENANT=acme", f"FILE={other}", f"FROM={table}")
        check("the kept table has all that was exported before", lasting(file) == lasting(other))
        # The emulator would give the next one its name.
        dynamodb = boto3.client("dynamodb", **operator.emulator.login())
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=table)
        again = operator.deploy("acme")
        check("a new tenant knows nobody", again.ask("GET", ROOM, user="anna")[0] == 401)
        abandon_a_room(file)
        said = operator.make("import", "TENANT=acme", f"FILE={file}").strip()
        print(said)
        check("an import leaves out rooms that belong to nobody", "Left out: 1 items" in said, said)
        # What a function knows of a login it knows for a minute; a wrong one it does not remember.
        check("after the import the answers are the same", again.ask("GET", ROOM, user="anna") == before)
        status, said = operator.type("import", "TENANT=acme", f"FILE={file}")
        check("an import into a tenant with data is refused", status and "not empty" in said, said)
        status, said = operator.type("remove", "TENANT=acme", typed="globex\n")
        check("a removal that is not confirmed removes nothing", status and "Nothing was removed" in said, said)
    for tenant in ("acme", "globex"):
        operator.remove(tenant, "TABLE=delete")
    check("nothing is left", operator.make("tenants").count("\n") == 1)


def main():
    # A terminated test cleans up, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for name, reason in SKIPPED.items():
        print(f"not through the gateway: {name}, which {reason}")
    with tempfile.TemporaryDirectory() as folder:
        emulator = Emulator(folder)
        try:
            live(Operator(emulator))
        finally:
            emulator.stop()
    print(f"{len(CHECKS)} passed, 0 failed")


if __name__ == "__main__":
    main()

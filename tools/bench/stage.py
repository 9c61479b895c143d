"""The stage of a measurement: a database with little or much in it, and the functions before it.

The functions themselves make the room whose items are copied, so that everything is stored as they store it today.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack

import boto3

from endpoints import CREATE_V4, PASSWORD, SEND, USER
from stand_ins import ROOT, TABLE, Cost, Front, Function, binary_of, certified, environment_of

LOGIN = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "us-east-1"}
# The people in each room, unless they are what grows.
PEOPLE = 10
# The first requests log in and connect.
WARM_UP = 3
# Requests that are measured, within ten seconds: the embedded database scans for the rooms of version 1, which takes seconds
# for 1,000.
FEWEST, MOST, SECONDS = 5, 40, 10


class Stage:
    """A person with a room, and as much of one thing as the size says."""

    def __init__(self, what, size):
        self.what, self.size, self.functions, self.closing = what, size, {}, ExitStack()

    def __enter__(self):
        with self.closing:
            folder = self.closing.enter_context(tempfile.TemporaryDirectory())
            database = subprocess.Popen(
                [ROOT / "target" / "debug" / "database", TABLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.closing.callback(database.communicate)
            endpoint = database.stdout.readline().strip()
            self.dynamodb = boto3.client(
                "dynamodb", endpoint_url=endpoint, region_name=LOGIN["AWS_REGION"], aws_access_key_id="local",
                aws_secret_access_key="local")
            context, trusted = certified(folder)
            self.front = Front(endpoint.removeprefix("http://"), context)
            self.closing.callback(self.front.shutdown)
            environment = environment_of(os.environ | LOGIN, self.front.server_address[1], trusted)
            self.start = lambda name: Function(binary_of(name, "bench-api"), environment, self.front, f"{folder}/{name}.log")
            self.fill()
            self.closing = self.closing.pop_all()
        return self

    def __exit__(self, *_):
        self.closing.close()

    def ask(self, endpoint):
        """What a request costs. Ends the measurement if the answer is wrong."""
        if endpoint.function not in self.functions:
            self.functions[endpoint.function] = self.start(endpoint.function)
            self.closing.callback(self.functions[endpoint.function].stop)
        answer, cost = self.functions[endpoint.function].call(endpoint.event(self.token))
        self.data = json.loads(answer["body"])["ocs"]["data"]
        if answer["statusCode"] != endpoint.status or not endpoint.is_right(self.data, self.size):
            sys.exit(f"{endpoint} with {self.size} {self.what} is answered {answer['statusCode']}: {answer['body'][:300]}")
        return cost

    def measure(self, turn):
        """The median cost of each request of a turn, which are sent one after the other."""
        for endpoint in turn:
            if endpoint.after:
                self.ask(endpoint.after)
        costs = {endpoint: [] for endpoint in turn}
        begun = time.monotonic()
        for number in range(WARM_UP + MOST):
            if number >= WARM_UP + FEWEST and time.monotonic() > begun + SECONDS:
                break
            for endpoint in turn:
                costs[endpoint].append(self.ask(endpoint))
        return {endpoint: Cost.median(all_of_it[WARM_UP:]) for endpoint, all_of_it in costs.items()}

    def fill(self):
        self.write([
            item(f"USER#{USER}", "ACCOUNT", display_name={"S": "Anna"}, email={"S": ""}, password_hash={"S": "-"},
                 is_enabled={"BOOL": True}, is_admin={"BOOL": False}),
            item(f"USER#{USER}", f"APP#{hashlib.sha256(PASSWORD.encode()).hexdigest()}", created_at={"N": "1"})])
        self.token = ""
        self.ask(CREATE_V4)
        self.token = self.data["token"]
        self.ask(SEND)
        fillings = {"people": self.add_people, "rooms": self.add_rooms, "messages": self.add_messages}
        self.add_people(PEOPLE)
        if self.what in fillings:
            fillings[self.what](self.size)

    def add_people(self, count):
        """People in the room beside its owner."""
        own = self.read(f"ROOM#{self.token}", f"USER#{USER}")
        people = (f"person{number:04}" for number in range(1, count))
        self.write(own | item(
            own["pk"]["S"], f"USER#{person}", participant_type={"N": "3"}, display_name={"S": f"Somebody called {person}"})
            for person in people)

    def add_rooms(self, count):
        """Copies of the room, with all who are in it."""
        items = self.partition(f"ROOM#{self.token}") + [self.read(f"USER#{USER}", f"ROOM#{self.token}")]
        for number in range(1, count):
            token = f"copy{number:04}"
            copied = json.loads(json.dumps(items).replace(f"ROOM#{self.token}", f"ROOM#{token}"))
            for one in copied:
                if one["sk"]["S"] == "ROOM":
                    one["id"] = {"N": str(number)}
            self.write(copied)

    def add_messages(self, count):
        """Copies of a message, and then one that is sent, so that the room knows which is the last."""
        said, room = self.partition(f"CHAT#{self.token}"), self.read(f"ROOM#{self.token}", "ROOM")
        last, known = said[-1], len(said)
        self.write(last | {"sk": {"S": f"{number:020}"}, "id": {"N": str(number)}, "count": {"N": str(number)}}
                   for number in range(known + 1, count))
        latest = {"N": str(count - 1)}
        chat = json.loads(room["chat"]["S"]) | {"said": count - 1, "count": count - 1}
        self.write([room | {"said": latest, "chat": {"S": json.dumps(chat)}}])
        self.ask(SEND)
        if self.data["id"] != count:
            sys.exit(f"The latest of {count} messages has the number {self.data['id']}.")

    def read(self, partition, sort):
        return self.dynamodb.get_item(TableName=TABLE, Key=item(partition, sort))["Item"]

    def partition(self, partition):
        return self.dynamodb.query(
            TableName=TABLE, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": partition}})["Items"]

    def write(self, items):
        requests = [{"PutRequest": {"Item": one}} for one in items]
        for start in range(0, len(requests), 25):
            self.dynamodb.batch_write_item(RequestItems={TABLE: requests[start:start + 25]})


def item(partition, sort, **attributes):
    return {"pk": {"S": partition}, "sk": {"S": sort}, **attributes}

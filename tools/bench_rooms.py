#!/usr/bin/env python3
"""Measures what GET /room costs of a processor, and how that grows with the caller's rooms.

A stand-in for Lambda's Runtime API hands the release binary one request after the other, against DynamoDB behind TLS.
Counted is the time that the function's own process was on a processor. Ratios of one run are to be kept. BINARY names
another binary to measure, to compare two.
"""

import base64
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3

from bench_cold import ROOT, TABLE, tls_front

PEOPLE = 10
# The first requests log in and connect. The embedded database scans for a list of rooms, and takes seconds for 1,000.
WARM_UP = 2
REQUESTS = {1: 60, 10: 60, 50: 60, 100: 30, 1000: 5}
PASSWORD = "a" * 72
LIMITS = {"50 rooms / one room": 8.0, "1,000 rooms / 100 rooms": 15.0}


def event(user):
    login = base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
    return json.dumps({
        "version": "2.0", "routeKey": "$default", "rawPath": "/ocs/v2.php/apps/spreed/api/v1/room",
        "rawQueryString": "format=json",
        "headers": {"host": "bench.example", "ocs-apirequest": "true", "authorization": f"Basic {login}"},
        "requestContext": {"requestId": "r", "http": {"method": "GET", "path": "/"}}, "isBase64Encoded": False,
    }).encode()


def items(user, rooms):
    """A user with an app password, and rooms with people in them."""
    def item(partition, sort, **attributes):
        return {"pk": {"S": partition}, "sk": {"S": sort}, **attributes}

    yield item(f"USER#{user}", "ACCOUNT", display_name={"S": user}, email={"S": ""}, password_hash={"S": "-"},
               is_enabled={"BOOL": True}, is_admin={"BOOL": False})
    yield item(f"USER#{user}", f"APP#{hashlib.sha256(PASSWORD.encode()).hexdigest()}", created_at={"N": "1"})
    for number in range(rooms):
        room = f"ROOM#{user}{number:05}"
        yield item(room, "ROOM", id={"N": str(number + 1)}, room_type={"N": "3"}, name={"S": ""}, created_at={"N": "1"},
                   revision={"N": "1"})
        yield item(f"USER#{user}", room)
        for person in [user, *(f"person{other}" for other in range(PEOPLE - 1))]:
            yield item(room, f"USER#{person}", participant_type={"N": "1" if person == user else "3"},
                       display_name={"S": f"Somebody called {person}"})


def fill(dynamodb, user, rooms):
    batch = []
    for item in items(user, rooms):
        batch.append({"PutRequest": {"Item": item}})
        if len(batch) == 25:
            dynamodb.batch_write_item(RequestItems={TABLE: batch})
            batch = []
    if batch:
        dynamodb.batch_write_item(RequestItems={TABLE: batch})


class Runtime(ThreadingHTTPServer):
    """Lambda's Runtime API for one process, which notes what each request cost."""

    daemon_threads = True

    def __init__(self, sent, requests):
        super().__init__(("127.0.0.1", 0), Handler)
        self.event, self.wanted, self.process = sent, WARM_UP + requests, None
        self.before, self.costs, self.rooms = 0, [], 0
        self.done = threading.Event()

    def on_processor(self):
        """Seconds on a processor, of all threads."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        # The answer to the one before is sent, and its log line written.
        time.sleep(0.01)
        now = self.server.on_processor()
        if self.server.before:
            self.server.costs.append(now - self.server.before)
        if len(self.server.costs) == self.server.wanted:
            self.server.done.set()
            time.sleep(3600)
        self.server.before = now
        self.send_response(200)
        for name, value in [("Content-Type", "application/json"), ("Content-Length", str(len(self.server.event))),
                            ("Lambda-Runtime-Aws-Request-Id", "r"), ("Lambda-Runtime-Deadline-Ms", "9999999999999"),
                            ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:1:function:bench")]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.event)
        self.wfile.flush()

    def do_POST(self):
        answer = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.server.rooms = len(json.loads(answer["body"])["ocs"]["data"])
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def measure(binary, environment, user, rooms):
    """Milliseconds on a processor for one request."""
    runtime = Runtime(event(user), REQUESTS[rooms])
    address = f"127.0.0.1:{runtime.server_address[1]}"
    runtime.process = subprocess.Popen(
        [binary], env=dict(environment, AWS_LAMBDA_RUNTIME_API=address), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    threading.Thread(target=runtime.serve_forever, daemon=True).start()
    try:
        if not runtime.done.wait(timeout=300):
            sys.exit(f"{binary} did not answer.")
    finally:
        runtime.process.kill()
        runtime.process.wait()
        runtime.shutdown()
    if runtime.rooms != rooms:
        sys.exit(f"{binary} lists {runtime.rooms} of {rooms} rooms.")
    return 1000 * statistics.median(runtime.costs[WARM_UP:])


def main():
    binary = Path(os.environ.get("BINARY") or ROOT / "target" / "lambda" / "rooms" / "bootstrap")
    if not binary.exists():
        sys.exit(f"{binary} is not built. Run 'make bench-rooms', which builds it.")
    login = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "us-east-1"}
    with tempfile.TemporaryDirectory() as folder:
        database = subprocess.Popen(
            [ROOT / "target" / "debug" / "database", TABLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            endpoint = database.stdout.readline().strip()
            dynamodb = boto3.client(
                "dynamodb", endpoint_url=endpoint, region_name=login["AWS_REGION"], aws_access_key_id="local",
                aws_secret_access_key="local")
            port, trusted = tls_front(int(endpoint.rsplit(":", 1)[1]), folder)
            environment = dict(
                os.environ, **login, AWS_ENDPOINT_URL=f"https://localhost:{port}", SSL_CERT_FILE=str(trusted),
                TABLE_NAME=TABLE, AWS_LAMBDA_FUNCTION_NAME="bench", AWS_LAMBDA_FUNCTION_MEMORY_SIZE="256",
                AWS_LAMBDA_FUNCTION_VERSION="1")
            environment.pop("SSL_CERT_DIR", None)
            costs = {}
            print(f"GET /room with {PEOPLE} people in each room", flush=True)
            for rooms in REQUESTS:
                user = f"user{rooms}x"
                fill(dynamodb, user, rooms)
                costs[rooms] = measure(binary, environment, user, rooms)
                print(f"{rooms:>7} rooms {costs[rooms]:>8.2f} ms of a processor", flush=True)
        finally:
            database.stdin.close()
            database.wait()
    missed = 0
    for (what, limit), value in zip(LIMITS.items(), [costs[50] / costs[1], costs[1000] / costs[100]]):
        missed += value > limit
        print(f"{'ok    ' if value <= limit else 'MISSED'} {what}: {value:.2f}, to be at most {limit}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()

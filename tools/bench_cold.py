#!/usr/bin/env python3
"""Measures cold starts: how long a function needs until it asks for its first event, and for that event.

A stand-in for Lambda's Runtime API starts the release binary under the processor share of a 256 MB
function, against DynamoDB behind TLS, beside a hello-world binary in the same run. Printed are figures of
several starts and the ratios that are to be kept. Needs root, for the control group.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path

import boto3

from bench.stand_ins import ROOT, SHARE, TABLE, Handler, binary_of, certified, environment_of
from test_deploy import Emulator

PERIOD = 20_000
STARTS = 15
REQUESTS = 21
EVENT = json.dumps({
    "version": "2.0", "routeKey": "$default", "rawPath": "/ocs/v2.php/apps/spreed/api/v1/room/abcdefgh",
    "rawQueryString": "format=json", "headers": {"host": "bench.example", "ocs-apirequest": "true"},
    "requestContext": {
        "accountId": "1", "apiId": "a", "domainName": "bench.example", "domainPrefix": "bench", "requestId": "r",
        "routeKey": "$default", "stage": "$default", "time": "t", "timeEpoch": 1,
        "http": {"method": "GET", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "bench"}},
    "isBase64Encoded": False,
}).encode()
# The page itself.
VISIT = EVENT.replace(b"/ocs/v2.php/apps/spreed/api/v1/room/abcdefgh", b"/")
# The clock's tick, which reads the list of open sockets.
TICK = json.dumps({"source": "aws.events"}).encode()
LIMITS = {"init / hello's init": 3.0, "first / median request": 2.0, "largest binary in MB": 5.0, "peak memory in MB": 25.0}


class Share:
    """A control group with a part of a processor, in either version of control groups."""

    def __init__(self):
        second = Path("/sys/fs/cgroup/cgroup.controllers").exists() and not Path("/sys/fs/cgroup/cpu").exists()
        self.path = Path("/sys/fs/cgroup" if second else "/sys/fs/cgroup/cpu") / f"bench-cold-{os.getpid()}"
        try:
            if second:
                Path("/sys/fs/cgroup/cgroup.subtree_control").write_text("+cpu")
            self.path.mkdir()
            if second:
                (self.path / "cpu.max").write_text(f"{int(PERIOD * SHARE)} {PERIOD}")
            else:
                (self.path / "cpu.cfs_period_us").write_text(str(PERIOD))
                (self.path / "cpu.cfs_quota_us").write_text(str(int(PERIOD * SHARE)))
        except OSError as error:
            sys.exit(f"A control group cannot be made ({error}). make bench-cold needs root on Linux.")

    def enter(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        self.path.rmdir()


class Runtime(ThreadingHTTPServer):
    """Lambda's Runtime API for one process."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), RuntimeHandler)
        self.asked, self.sent, self.took, self.answers = None, None, [], set()
        self.done = threading.Event()


class RuntimeHandler(Handler):
    def do_GET(self):
        self.server.asked = self.server.asked or time.perf_counter()
        if len(self.server.took) == REQUESTS:
            self.server.done.set()
            time.sleep(3600)
        self.server.sent = time.perf_counter()
        self.hand_over(self.server.event)

    def do_POST(self):
        self.server.answers.add(json.loads(self.read())["statusCode"])
        self.server.took.append(time.perf_counter() - self.server.sent)
        self.answer(202)


def pipe(source, target):
    try:
        while data := source.recv(65536):
            # For the same reason, what comes in pieces is acknowledged at once.
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            target.sendall(data)
    except OSError:
        pass
    finally:
        target.close()


def tls_front(port, folder):
    """Puts TLS before a port; returns the port and the file with the authorities to trust."""
    context, trusted = certified(folder)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(plain):
        try:
            secured = context.wrap_socket(plain, server_side=True)
            behind = socket.create_connection(("127.0.0.1", port))
            for side in (secured, behind):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            return
        threading.Thread(target=pipe, args=(secured, behind), daemon=True).start()
        pipe(behind, secured)

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1], trusted


def start(binary, environment, share, event):
    """One start: seconds of init, of the first request, of the median one, and peak memory in MB."""
    runtime = Runtime()
    runtime.event = event
    threading.Thread(target=runtime.serve_forever, daemon=True).start()
    begun = time.perf_counter()
    process = subprocess.Popen(
        [binary], env=dict(environment, AWS_LAMBDA_RUNTIME_API=f"127.0.0.1:{runtime.server_address[1]}"),
        preexec_fn=share.enter, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if not runtime.done.wait(timeout=120):
            sys.exit(f"{binary} did not answer {REQUESTS} events.")
        status = Path(f"/proc/{process.pid}/status").read_text()
        peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
    finally:
        process.kill()
        process.wait()
        runtime.shutdown()
    # The room is not there; anything else would measure a failure.
    if not runtime.answers <= {200, 404}:
        sys.exit(f"{binary} answered {runtime.answers}.")
    return runtime.asked - begun, runtime.took[0], statistics.median(runtime.took[1:]), peak


def measure(name, environment, share, event=EVENT):
    binary = binary_of(name, "bench-cold")
    # Once for the disk's cache.
    start(binary, environment, share, event)
    init, *others = zip(*(start(binary, environment, share, event) for _ in range(STARTS)))
    # The processor comes in slices of 20 ms. A start takes several, between which a median would jump; a
    # request takes none, and one that has to wait for the next slice would spoil a mean;
    # of the starts, the two fastest and the two slowest are left out of theirs.
    return [statistics.mean(sorted(init)[2:-2]), *map(statistics.median, others), binary.stat().st_size / 1e6]


def main():
    with tempfile.TemporaryDirectory() as folder:
        emulator, share = Emulator(folder), Share()
        try:
            dynamodb = boto3.client("dynamodb", **emulator.login())
            keys = [("pk", "HASH"), ("sk", "RANGE")]
            dynamodb.create_table(
                TableName=TABLE, BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
                KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys])
            port, trusted = tls_front(emulator.port, folder)
            environment = environment_of(emulator.environment, port, trusted)
            environment["SOCKETS_ENDPOINT"] = f"https://localhost:{port}/spreed"
            hello, rooms = (measure(name, environment, share) for name in ("hello", "rooms"))
            sockets = measure("sockets", environment, share, TICK)
            web = measure("web", environment, share, VISIT)
        finally:
            emulator.stop()
            share.remove()
    print(f"{STARTS} starts with {100 * SHARE:.1f} % of a processor")
    print(f"{'':10}{'init':>10}{'first':>10}{'median':>10}{'peak':>10}{'binary':>10}")
    for name, row in (("hello", hello), ("rooms", rooms), ("sockets", sockets), ("web", web)):
        print(f"{name:10}" + "".join(f"{1000 * value:>7.1f} ms" for value in row[:3]) + f"{row[3]:>7.1f} MB{row[4]:>7.2f} MB")
    largest = max(binary.stat().st_size / 1e6 for binary in (ROOT / "target" / "lambda").glob("*/bootstrap"))
    slowest, peak = (max(ours[place] for ours in (rooms, sockets)) for place in (0, 3))
    reached = [slowest / hello[0], rooms[1] / rooms[2], largest, peak]
    missed = 0
    for (what, limit), value in zip(LIMITS.items(), reached):
        missed += value > limit
        print(f"{'ok    ' if value <= limit else 'MISSED'} {what}: {value:.2f}, to be at most {limit}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()

"""What stands in for AWS while a release binary is measured: Lambda's Runtime API, and TLS before the database."""

import json
import re
import ssl
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import certifi
import trustme

ROOT = Path(__file__).resolve().parents[2]
TABLE = "bench"
# A 256 MB function has 256 of the 1,769 MB that make a whole processor.
SHARE = 256 / 1769
READING = {"GetItem", "BatchGetItem", "Query", "ExecuteStatement"}
# How often to look whether a function has come to rest, every five milliseconds.
LOOKS = 400


def binary_of(function, command):
    binary = ROOT / "target" / "lambda" / function / "bootstrap"
    if not binary.exists():
        sys.exit(f"{binary} is not built. Run 'make {command}', which builds it.")
    return binary


def certified(folder):
    """What a server called localhost shows, and the file with the authorities to trust."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    # As many authorities as Lambda's own file has: reading them is a good part of a start.
    trusted = Path(folder) / "authorities.pem"
    trusted.write_bytes(Path(certifi.where()).read_bytes() + authority.cert_pem.bytes())
    return context, trusted


def environment_of(outside, port, trusted):
    """The variables that Lambda and the stack give a function of 256 MB."""
    tunables = re.search(r"GLIBC_TUNABLES: \"(.*)\"", (ROOT / "template.yaml").read_text())[1]
    environment = dict(
        outside, GLIBC_TUNABLES=tunables, AWS_ENDPOINT_URL=f"https://localhost:{port}", SSL_CERT_FILE=str(trusted), TABLE_NAME=TABLE,
        AWS_LAMBDA_FUNCTION_NAME="bench", AWS_LAMBDA_FUNCTION_MEMORY_SIZE="256", AWS_LAMBDA_FUNCTION_VERSION="1")
    environment.pop("SSL_CERT_DIR", None)
    return environment


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet: apart, the second would wait 40 ms for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def read(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status, headers=(), body=b""):
        self.send_response(status)
        for name, value in [*headers, ("Content-Length", str(len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def hand_over(self, event):
        """Answers the question for the next event."""
        self.answer(200, [
            ("Content-Type", "application/json"), ("Lambda-Runtime-Aws-Request-Id", "r"),
            ("Lambda-Runtime-Deadline-Ms", "9999999999999"),
            ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:1:function:bench")], event)

    def log_message(self, *_):
        pass


class Front(ThreadingHTTPServer):
    """TLS before the database; counts what passes."""

    daemon_threads = True

    def __init__(self, database, context):
        super().__init__(("127.0.0.1", 0), FrontHandler)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.database, self.counted, self.lock = database, Counter(), threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def count(self, operation, answer):
        consumed = answer.get("ConsumedCapacity") or []
        units = sum(part["CapacityUnits"] for part in ([consumed] if isinstance(consumed, dict) else consumed))
        with self.lock:
            self.counted["requests"] += 1
            self.counted["read units" if operation in READING else "written units"] += units


class FrontHandler(Handler):
    def setup(self):
        super().setup()
        self.behind = HTTPConnection(self.server.database)

    def do_POST(self):
        self.behind.request("POST", self.path, self.read(), dict(self.headers))
        response = self.behind.getresponse()
        body = response.read()
        self.server.count(self.headers["X-Amz-Target"].rpartition(".")[2], json.loads(body))
        kept = [(name, value) for name, value in response.getheaders() if name.lower().startswith(("content-type", "x-amz"))]
        self.answer(response.status, kept, body)


@dataclass(frozen=True)
class Cost:
    """What one request cost, or the medians of several."""

    milliseconds: float
    requests: float
    round_trips: float
    read_units: float
    written_units: float

    @classmethod
    def median(cls, costs):
        return cls(*(statistics.median(getattr(cost, name) for cost in costs) for name in cls.__dataclass_fields__))


class Runtime(ThreadingHTTPServer):
    """Lambda's Runtime API for one process, which is given an event when somebody calls."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), RuntimeHandler)
        self.wants, self.given, self.answered = threading.Semaphore(0), threading.Semaphore(0), threading.Semaphore(0)
        self.event, self.said = None, None
        threading.Thread(target=self.serve_forever, daemon=True).start()


class RuntimeHandler(Handler):
    def do_GET(self):
        self.server.wants.release()
        self.server.given.acquire()
        self.hand_over(self.server.event)

    def do_POST(self):
        self.server.said = json.loads(self.read())
        self.answer(202)
        self.server.answered.release()


class Function:
    """The release binary of one function, which answers one event after the other."""

    def __init__(self, binary, environment, front, log):
        self.binary, self.front, self.runtime = binary, front, Runtime()
        self.log = open(log, "w+", encoding="utf-8")
        address = f"127.0.0.1:{self.runtime.server_address[1]}"
        self.process = subprocess.Popen(
            [binary], env=dict(environment, AWS_LAMBDA_RUNTIME_API=address), stdout=self.log, stderr=subprocess.DEVNULL)
        self.lines = open(log, encoding="utf-8")
        self.await_rest()

    def on_processor(self):
        """Milliseconds on a processor, of all threads."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6

    def await_rest(self):
        """Waits until the function asks for its next event, has written its log, and does nothing more."""
        if not self.runtime.wants.acquire(timeout=120):
            sys.exit(f"{self.binary} does not ask for an event. Start it by hand, and look what it says.")
        before = self.on_processor()
        for _ in range(LOOKS):
            time.sleep(0.005)
            now = self.on_processor()
            if now == before:
                return
            before = now
        sys.exit(f"{self.binary} does not come to rest between two requests.")

    def call(self, event):
        """What it answers, and what that costs."""
        before, counted = self.on_processor(), Counter(self.front.counted)
        self.runtime.event = event
        self.runtime.given.release()
        if not self.runtime.answered.acquire(timeout=120):
            sys.exit(f"{self.binary} did not answer {event.decode()}.")
        self.await_rest()
        line = json.loads(self.lines.readlines()[-1])
        spent = Counter(self.front.counted)
        spent.subtract(counted)
        return self.runtime.said, Cost(
            self.on_processor() - before, line["dynamodb_requests"], line["round_trips"], spent["read units"],
            spent["written units"])

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.runtime.shutdown()
        self.log.close()
        self.lines.close()

#!/usr/bin/env python3
"""Lets clients of today, as their authors publish them, talk to a stack of their own.

Each has a file of tests here, which calls every method that the client has for what this server does. The authors of
nc-py-api have tests of their own, which are in their repository and in no package: with NC_PY_API=folder of a checkout they
run as well, unmodified.
"""

import http.client
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from tour import free_port, start  # noqa: E402

HERE = Path(__file__).resolve().parent
# Of the tests of nc-py-api's own, what is about something that this server has not.
NOT_THERE = {
    "poll": "polls are no part of the chat here",
    "avatar": "rooms have no pictures of their own here",
    "file": "there are no files",
}
ALREADY_SEEN = b'<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"/>'


class Proxy(BaseHTTPRequestHandler):
    """Hands requests on to the stack, but answers those for files, which nc-py-api's tests prepare before any of them."""

    protocol_version = "HTTP/1.1"
    stack = None

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/remote.php/"):
            return self.reply(*self.of_files(), {"OC-FileId": "1"})
        connection = http.client.HTTPConnection("127.0.0.1", self.stack, timeout=60)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in (
            "content-length", "transfer-encoding", "connection", "date")}
        self.reply(answer.status, answer.read(), headers)
        connection.close()

    def of_files(self):
        match self.command:
            case "MKCOL" | "PUT":
                return 201, b""
            case "PROPPATCH":
                return 207, ALREADY_SEEN
            case _:
                return 404, b""

    def reply(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_MKCOL = do_PROPPATCH = do_PROPFIND = answer

    def log_message(self, *_):
        pass


def play(name, arguments, folder, address):
    """Runs tests against an address; whether all of them passed."""
    print(f"== {name}", flush=True)
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    environment.update(NEXTCLOUD_URL=address, SKIP_AA_TESTS="1", PYTHONDONTWRITEBYTECODE="1")
    command = [sys.executable, "-m", "pytest", "-q", "--color=no", "--tb=short", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode == 0


def main():
    port = free_port()
    stack = start(port)
    drain = subprocess.Popen(["cat"], stdin=stack.stdout, stdout=subprocess.DEVNULL)
    Proxy.stack = port
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{proxy.server_address[1]}"
    try:
        is_good = play("the clients' methods", [str(HERE)], HERE, address)
        checkout = os.environ.get("NC_PY_API")
        if checkout:
            for word, reason in NOT_THERE.items():
                print(f"left out, because {reason}: tests named {word}")
            tests = ["tests/actual_tests/talk_test.py", "-k", " and ".join(f"not {word}" for word in NOT_THERE)]
            is_good &= play("the tests of nc-py-api's own", tests, checkout, address)
    finally:
        os.killpg(stack.pid, signal.SIGINT)
        stack.wait(timeout=30)
        drain.kill()
        proxy.shutdown()
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()

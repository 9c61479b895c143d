#!/usr/bin/env python3
"""Types the README's tour against a stack of its own and compares the answers.

A line of a console block that begins with "$ " is typed, the lines after it are what must come back;
the sign … stands for anything. Needs nothing beyond Python's own library, curl, and what make run needs.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README_ADDRESS = "http://127.0.0.1:9000"
START_SECONDS = 600


def steps(text):
    """The commands of all console blocks, each with the lines that it must print."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(port):
    """Starts the stack and waits until it says that it is there."""
    environment = dict(os.environ, PORT=str(port), EPHEMERAL="1")
    stack = subprocess.Popen(
        ["make", "run"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )
    signal.alarm(START_SECONDS)
    said = []
    for line in stack.stdout:
        said.append(line)
        if line.startswith("The API is there"):
            signal.alarm(0)
            return stack
    sys.exit("The stack did not start:\n" + "".join(said))


def type_all(tour, port, folder):
    """Types all lines into one shell; returns how many answers were not as shown."""
    shell = subprocess.Popen(
        ["bash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)
    wrong = 0
    for command, shown in tour:
        typed = command.replace(README_ADDRESS, f"http://127.0.0.1:{port}").replace("/tmp/", f"{folder}/")
        shell.stdin.write(f"{typed}\necho; echo --- end of step ---\n")
        shell.stdin.flush()
        lines = []
        for line in shell.stdout:
            if line == "--- end of step ---\n":
                break
            lines.append(line.rstrip("\n"))
        printed = [line for line in lines if line]
        patterns = [re.escape(line).replace("…", ".*?") for line in shown]
        same = len(printed) == len(shown) and all(map(re.fullmatch, patterns, printed))
        print(("ok     " if same else "WRONG  ") + command)
        if not same:
            wrong += 1
            print("  README shows: " + "\n                ".join(shown))
            print("  came back:    " + "\n                ".join(printed))
    shell.stdin.close()
    return wrong


def main():
    tour = steps((ROOT / "README.md").read_text(encoding="utf-8"))
    port = free_port()
    stack = start(port)
    # What the stack logs has to go somewhere.
    drain = subprocess.Popen(["cat"], stdin=stack.stdout, stdout=subprocess.DEVNULL)
    try:
        with tempfile.TemporaryDirectory() as folder:
            wrong = type_all(tour, port, folder)
    finally:
        os.killpg(stack.pid, signal.SIGINT)
        stack.wait(timeout=30)
        drain.kill()
    print(f"{len(tour) - wrong} passed, {wrong} failed")
    sys.exit(1 if wrong or not tour else 0)


if __name__ == "__main__":
    main()

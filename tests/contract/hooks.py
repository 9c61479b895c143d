"""Leads what schemathesis makes up to things that are there, and counts what it sends.

The environment says which: rooms, people, groups and app passwords of the one who calls, the cookies of a guest, and
the file in which each request is noted.
"""

import json
import os
import random

import schemathesis

THINGS = json.loads(os.environ["CONTRACT_THINGS"])
NOTES = open(os.environ["CONTRACT_NOTES"], "a", encoding="utf-8")
# Most requests are about something that is there, the others about nothing.
THERE = 0.8
# Drawn apart from schemathesis, so that its own draws can be repeated.
DRAWN = random.Random(10)


def documented(operation, place):
    """The names of the parameters that an operation takes in its query or its body."""
    raw = operation.definition.raw
    if place == "query":
        return {entry["name"] for entry in raw.get("parameters", []) if entry.get("in") == "query"}
    content = raw.get("requestBody", {}).get("content", {})
    return {name for kind in content.values() for name in kind["schema"].get("properties", {})}


def lead(operation, place, fields):
    """Fills in what is there: names of people, groups and sessions, and values that are acceptable."""
    known = documented(operation, place) & THINGS["fields"].keys()
    if known and (fields is None or isinstance(fields, dict)) and DRAWN.random() < THERE:
        return {name: DRAWN.choice(THINGS["fields"][name]) for name in sorted(known)}
    return fields


@schemathesis.hook
def map_path_parameters(_context, path_parameters):
    if not path_parameters:
        return path_parameters
    names = path_parameters.keys()
    known = [things for things in THINGS["paths"] if names <= things.keys()]
    if known and DRAWN.random() < THERE:
        things = DRAWN.choice(known)
        path_parameters.update({name: things[name] for name in names})
    return path_parameters


@schemathesis.hook
def map_query(context, query):
    return lead(context.operation, "query", query)


@schemathesis.hook
def map_body(context, body):
    return lead(context.operation, "body", body)


@schemathesis.hook
def before_call(_context, case, _kwargs):
    guest = THINGS["guests"].get((case.path_parameters or {}).get("token"))
    if guest and case.operation.path.endswith("/guests") and DRAWN.random() < THERE:
        case.query = {"participant": guest}
    attendees = THINGS["attendees"].get((case.path_parameters or {}).get("token"))
    if attendees and DRAWN.random() < THERE:
        if "attendeeId" in documented(case.operation, "query"):
            case.query = {"attendeeId": DRAWN.choice(attendees)}
        if "attendeeId" in documented(case.operation, "body") and isinstance(case.body, dict):
            case.body["attendeeId"] = DRAWN.choice(attendees)
    # To wait for a message for half a minute proves no more than to wait for a second.
    if case.operation.path.endswith("/chat/{token}") and case.method == "GET" and DRAWN.random() < 0.95:
        case.query = {**(case.query if isinstance(case.query, dict) else {}), "timeout": 1}
    # Of ninety rooms somebody is in the call of a few, where alone there is something to hear.
    if THINGS["calls"] and case.operation.path.endswith("/signaling/{token}") and DRAWN.random() < THERE:
        case.path_parameters["token"] = DRAWN.choice(THINGS["calls"])
    for name, value in THINGS["cookies"].items():
        case.cookies = {**(case.cookies or {}), name: value}


@schemathesis.hook
def after_call(_context, case, response):
    NOTES.write(f"{case.operation.method.upper()} {case.operation.path} {response.status_code}\n")
    NOTES.flush()

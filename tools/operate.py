#!/usr/bin/env python3
"""What an operator does with tenants: deploy, tenants, admin, unblock, remove, export, import.

Called by make, which says how. AWS credentials and region come from the environment, as for every AWS
tool; AWS_ENDPOINT_URL leads to an emulator.
"""

import argparse
import getpass
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "spreed-serverless"
# Where wrong passwords are counted, by where they came from.
GUESSES = "GUESSES"
# The most items that DynamoDB takes in one batch.
BATCH = 25
PROGRESS_EVERY = 1000
# The machine in the head of a binary, as Lambda calls it.
MACHINES = {0x3E: "x86_64", 0xB7: "arm64"}


class Failure(Exception):
    """Something that the operator has to know, in one sentence."""


def stack_name(tenant):
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", tenant or ""):
        raise Failure("TENANT must be a lower-case letter, then up to 30 lower-case letters, digits and hyphens.")
    return f"spreed-{tenant}"


def stack(tenant):
    """The tenant's stack as CloudFormation describes it."""
    name = stack_name(tenant)
    try:
        return boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            raise Failure(f"There is no stack {name} in this region. 'make tenants' lists what is there.") from error
        raise


def table_of(tenant):
    described = stack(tenant)
    table = outputs(described).get("TableName")
    if not table:
        raise Failure(f"{described['StackName']} has no table; it is in the state {described['StackStatus']}. "
                      f"If its first deployment failed: make remove TENANT={tenant}, then deploy again.")
    return table


def outputs(described):
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def architecture():
    """What the functions are built for, read off the binaries: another one would not start."""
    found = set()
    for function in (ROOT / "functions").iterdir():
        binary = ROOT / "target" / "lambda" / function.name / "bootstrap"
        if not binary.exists():
            raise Failure("The functions are not built. Run 'make build' first.")
        with binary.open("rb") as file:
            found.add(MACHINES.get(int.from_bytes(file.read(20)[18:20], "little")))
    if len(found) != 1 or None in found:
        raise Failure("The functions are built for different machines. Run 'make build' again.")
    return found.pop()


def deploy(arguments):
    name = stack_name(arguments.tenant)
    parameters = [f"Tenant={arguments.tenant}", f"Release={arguments.release}", f"Architecture={architecture()}"]
    # sam takes an empty value in quotes only.
    parameters += [f'{given}""' if given.endswith("=") else given for given in arguments.parameters.split()]
    command = ["sam", "deploy", "--stack-name", name, "--parameter-overrides", *parameters,
               "--tags", f"project={PROJECT}", f"tenant={arguments.tenant}"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise Failure(f"{name} was not deployed. What is above says why; nothing was changed, or it was rolled back.")
    for key, value in outputs(stack(arguments.tenant)).items():
        print(f"{key:<10} {value}")
    print(f"Next, if there is none yet: make admin TENANT={arguments.tenant} USER=...")


def tenants(_arguments):
    pages = boto3.client("cloudformation").get_paginator("describe_stacks").paginate()
    rows = [("TENANT", "RELEASE", "STATE", "URL")]
    for described in (one for page in pages for one in page["Stacks"]):
        tags = {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])}
        if tags.get("project") == PROJECT:
            known = outputs(described)
            rows.append((tags.get("tenant", "?"), known.get("Release", "?"), described["StackStatus"], known.get("BaseUrl", "?")))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in [rows[0], *sorted(rows[1:])]:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())


def admin(arguments):
    table = table_of(arguments.tenant)
    password = ""
    if sys.stdin.isatty():
        password = getpass.getpass("Password (empty: one is made up and shown): ")
    else:
        password = sys.stdin.readline().rstrip("\n")
    environment = dict(os.environ, TABLE_NAME=table)
    environment["AWS_REGION"] = boto3.session.Session().region_name or ""
    program = ROOT / "target" / "debug" / "operator"
    done = subprocess.run([program, arguments.user], input=password + "\n", text=True, env=environment, check=False)
    if done.returncode:
        raise Failure("No administrator was made.")


def unblock(arguments):
    """Says from where somebody guesses at an account, and forgets it."""
    table = table_of(arguments.tenant)
    dynamodb = boto3.client("dynamodb")
    # As shared/src/domain/guesses.rs marks what a guess is about.
    subject = hashlib.sha256(f"account\0{arguments.user.lower()}".encode()).hexdigest()[:4] + ":"
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": GUESSES}})
    found = 0
    for item in (one for page in pages for one in page["Items"]):
        marks = [mark for mark in item.get("marks", {}).get("SS", []) if mark.startswith(subject)]
        seconds = int(item["expires_at"]["N"]) - int(time.time())
        if not marks or seconds <= 0:
            continue
        dynamodb.update_item(
            TableName=table, Key={"pk": item["pk"], "sk": item["sk"]}, UpdateExpression="DELETE marks :marks",
            ConditionExpression="attribute_exists(pk)", ExpressionAttributeValues={":marks": {"SS": marks}})
        print(f"{key(item)[1]}: {len(marks)} different wrong passwords, forgotten {seconds // 60 + 1} minutes early")
        found += 1
    if not found:
        print(f"Nobody has guessed at {arguments.user} in the last half an hour.")


def remove(arguments):
    described = stack(arguments.tenant)
    table = outputs(described).get("TableName")
    keeps = arguments.table != "delete" or not table
    print(f"This removes {described['StackName']}" + (f"; the table {table} stays." if keeps else f" and the table {table} with all its data."))
    if input("Type the tenant's name to go on: ") != arguments.tenant:
        raise Failure("Nothing was removed.")
    dynamodb = boto3.client("dynamodb")
    if not keeps:
        # Before the stack goes, so that what cannot be done is known while 'make remove' can be repeated.
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    cloudformation = boto3.client("cloudformation")
    cloudformation.delete_stack(StackName=described["StackName"])
    print("Removing", end="", flush=True)
    while True:
        try:
            state = cloudformation.describe_stacks(StackName=described["StackId"])["Stacks"][0]["StackStatus"]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            break
        if state == "DELETE_COMPLETE":
            break
        if state == "DELETE_FAILED":
            raise Failure(f"\n{described['StackName']} could not be removed whole. CloudFormation's events say what resists.")
        print(".", end="", flush=True)
        time.sleep(1)
    print(" done.")
    if keeps and table:
        print(f"The table {table} is kept. It costs what it stores; 'aws dynamodb delete-table' ends that.")
    if keeps:
        return
    try:
        dynamodb.get_waiter("table_exists").wait(TableName=table)
        dynamodb.delete_table(TableName=table)
    except (BotoCoreError, ClientError) as error:
        raise Failure(f"The stack is gone, its table is not ({error}). Type: "
                      f"aws dynamodb delete-table --table-name {table}") from error
    print(f"The table {table} is deleted.")


def export(arguments):
    table = arguments.table or table_of(arguments.tenant)
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    count = 0
    # Beside the file first: a broken export must not look like a whole one.
    unfinished = Path(arguments.file + ".part")
    descriptor = exclusive(unfinished)
    with open(descriptor, "w", encoding="utf-8") as lines:
        for item in (one for page in pages for one in page["Items"]):
            # Addresses of people, which are forgotten after half an hour.
            if key(item)[0] == GUESSES:
                continue
            lines.write(json.dumps(item, sort_keys=True, ensure_ascii=False) + "\n")
            count += 1
            if count % PROGRESS_EVERY == 0:
                print(f"{count} items", flush=True)
    unfinished.rename(arguments.file)
    print(f"{count} items are in {arguments.file}. It holds password hashes: keep it as you keep the table.")


def exclusive(path):
    """Opens a file that is new and only its owner's: nobody has put another one, or a link, in its place."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError as error:
        raise Failure(f"{path} is there, from an export that was broken off or is under way. "
                      "Remove it if none is.") from error


def items(file):
    """The items of an export, one a line."""
    with open(file, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                item = json.loads(line)
            except json.JSONDecodeError as error:
                raise Failure(f"Line {number} of {file} is no item ({error.msg}).") from error
            if not isinstance(item, dict):
                raise Failure(f"Line {number} of {file} is no item.")
            yield item


def key(item):
    return item.get("pk", {}).get("S", ""), item.get("sk", {}).get("S", "")


def inhabited(file):
    """The rooms of an export that belong to somebody."""
    keys = map(key, items(file))
    return {partition for partition, sort in keys if partition.startswith("ROOM#") and sort.startswith("USER#")}


def import_(arguments):
    table = table_of(arguments.tenant)
    dynamodb = boto3.client("dynamodb")
    # Somebody who tried to log in there before has left a mark, which is no data.
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table, ConsistentRead=True, FilterExpression="pk <> :guesses",
        ExpressionAttributeValues={":guesses": {"S": GUESSES}})
    if any(page["Items"] for page in pages):
        raise Failure(f"The table {table} is not empty, and nothing was written. Import into a new tenant.")
    if not Path(arguments.file).is_file():
        raise Failure(f"{arguments.file} is no file. It is read twice, so it cannot come from a pipe.")
    # The whole file is read before anything is written.
    rooms = inhabited(arguments.file)
    count, left_out, batch = 0, 0, []
    for item in items(arguments.file):
        partition, _ = key(item)
        if partition.startswith("ROOM#") and partition not in rooms:
            left_out += 1
            continue
        batch.append({"PutRequest": {"Item": item}})
        if len(batch) == BATCH:
            count += write(dynamodb, table, batch)
            batch = []
            if count % PROGRESS_EVERY == 0:
                print(f"{count} items", flush=True)
    count += write(dynamodb, table, batch)
    print(f"{count} items are in the table {table}.")
    if left_out:
        print(f"Left out: {left_out} items of rooms that belong to nobody.")


def write(dynamodb, table, batch):
    """Writes a batch, and again what DynamoDB did not get to."""
    left, pause = batch, 0.05
    while left:
        left = dynamodb.batch_write_item(RequestItems={table: left}).get("UnprocessedItems", {}).get(table, [])
        if left:
            time.sleep(pause)
            pause = min(2 * pause, 5)
    return len(batch)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name, function):
        added = commands.add_parser(name)
        added.set_defaults(function=function)
        if name != "tenants":
            added.add_argument("--tenant", required=True)
        return added

    added = command("deploy", deploy)
    added.add_argument("--release", required=True)
    added.add_argument("--parameters", default="")
    command("tenants", tenants)
    added = command("admin", admin)
    added.add_argument("--user", required=True)
    command("unblock", unblock).add_argument("--user", required=True)
    added = command("remove", remove)
    added.add_argument("--table", choices=["keep", "delete"], default="keep")
    added = command("export", export)
    added.add_argument("--file", required=True)
    added.add_argument("--table", default="", help="another table than the tenant's: one that was kept or restored")
    command("import", import_).add_argument("--file", required=True)
    arguments = parser.parse_args()
    # Other AWS tools go by AWS_REGION; boto3 knows the second name only.
    if os.environ.get("AWS_REGION"):
        os.environ["AWS_DEFAULT_REGION"] = os.environ["AWS_REGION"]
    try:
        arguments.function(arguments)
    except (Failure, BotoCoreError, ClientError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

"""Writes shared/src/domain/common_passwords.txt: what the password policy refuses.

These are the 10,000 most common passwords that the crate zxcvbn knows, without those that are shorter than any policy
allows. The crate itself would be a fifth of the function, for estimates that nobody asks for.
"""

import json
import pathlib
import re
import subprocess

MOST_COMMON = 10_000
SHORTEST = 8

ROOT = pathlib.Path(__file__).parent.parent
LIST = ROOT / "shared/src/domain/common_passwords.txt"


def main():
    """Reads the crate's source, which cargo has unpacked, and writes the list in order."""
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked"], cwd=ROOT, check=True, stdout=subprocess.PIPE
    ).stdout
    crate = next(package for package in json.loads(metadata)["packages"] if package["name"] == "zxcvbn")
    source = pathlib.Path(crate["manifest_path"]).parent / "src/frequency_lists.rs"
    ranked = re.search(r'const PASSWORDS: &str = "([^"]*)"', source.read_text()).group(1).split(",")
    common = sorted(word for word in ranked[:MOST_COMMON] if len(word) >= SHORTEST)
    LIST.write_text("".join(f"{word}\n" for word in common))
    print(f"{LIST.relative_to(ROOT)}: {len(common)} passwords")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""clang-tidy over the sources of a build, all cores, only what changed since it was clean.

    tidy.py --build build/dev FOLDER...

A source counts as unchanged while its compile command, .clang-tidy, it and every header of the
repository that it includes (as ninja recorded them) are the same.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def recorded_headers(build):
    """Object file -> the repository's files it was built from."""
    output = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True).stdout
    headers, current = {}, []
    for line in output.splitlines():
        if line and not line.startswith(" "):
            current = headers.setdefault(line.split(":")[0], [])
        elif line.strip():
            path = (build / line.strip()).resolve()
            if path.is_relative_to(ROOT):
                current.append(path)
    return headers


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "absent"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", type=Path, required=True)
    arguments.add_argument("folders", nargs="+")
    options = arguments.parse_args()
    build = options.build.resolve()
    folders = [ROOT / folder for folder in options.folders]
    tool = shutil.which("clang-tidy-14") or shutil.which("clang-tidy")
    if not tool:
        sys.exit("clang-tidy is not installed")
    settings = digest(ROOT / ".clang-tidy")
    headers = recorded_headers(build)
    clean = ROOT / "build/lint/tidy"
    clean.mkdir(parents=True, exist_ok=True)

    work, seen = [], set()
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = (Path(entry["directory"]) / entry["file"]).resolve()
        if source in seen or not any(source.is_relative_to(folder) for folder in folders):
            continue
        seen.add(source)
        parts = [tool, settings, entry.get("command", ""), digest(source)]
        parts += sorted(f"{path} {digest(path)}" for path in headers.get(entry.get("output", ""), []))
        key = clean / hashlib.sha256("\n".join(parts).encode()).hexdigest()
        if not key.exists():
            work.append((source, key))
    print(f"clang-tidy: {len(work)} of {len(seen)} sources to check", flush=True)

    def check(item):
        source, key = item
        # The commands are g++'s: clang need not know every option of it.
        done = subprocess.run(
            [tool, "-p", str(build), "--quiet", "--extra-arg=-Wno-unknown-warning-option",
             "--extra-arg=-Wno-ignored-optimization-argument", str(source)],
            capture_output=True, text=True)
        if done.returncode == 0:
            key.touch()
        return source, done

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, (source, done) in enumerate(pool.map(check, work), 1):
            print(f"[{number}/{len(work)}] {source.relative_to(ROOT)}", flush=True)
            if done.returncode:
                failed += 1
                print(done.stdout or done.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

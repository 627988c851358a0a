#!/usr/bin/env python3
"""Kills a process that writes to a store, at any moment, again and again: whatever was acknowledged must be there afterwards.

    crash.py WRITER LIBRARY [ROUNDS]

Each second round two processes write to the one file at once. The wait before a kill is random, and only that: nothing is judged by time.
"""
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

writer, library = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 20
random.seed(1)

with tempfile.TemporaryDirectory() as directory:
    config = '{"path": "%s/crash.db"}' % directory
    acknowledged = []
    for number in range(rounds):
        processes = []
        for process in range(1 + number % 2):
            out = open(f"{directory}/{number}.{process}", "wb")
            command = [writer, library, config, "write", str(number * 2 + process), str(random.choice([1, 4, 16]))]
            processes.append(subprocess.Popen(command, stdout=out))
        while not os.path.getsize(f"{directory}/{number}.0"):  # it works
            if processes[0].poll() is not None:
                sys.exit(f"the writer ended by itself: {processes[0].returncode}")
        time.sleep(random.uniform(0, 0.25))
        for process in processes:
            process.send_signal(signal.SIGKILL)
            process.wait()
        for process in range(len(processes)):
            with open(f"{directory}/{number}.{process}") as lines:
                acknowledged += lines.read().splitlines()
    check = subprocess.run([writer, library, config, "verify"], input="\n".join(acknowledged) + "\n", text=True, stdout=subprocess.PIPE)
    print(f"{rounds} kills: {check.stdout.strip()}")
    database = sqlite3.connect(f"{directory}/crash.db")
    for what, query in {
        "a link to a blob that isn't there": "SELECT count(*) FROM record_blobs WHERE blob NOT IN (SELECT key FROM blobs)",
        "a link of a record that isn't there": "SELECT count(*) FROM record_blobs WHERE record NOT IN (SELECT key FROM records)",
        "a blob of no record": "SELECT count(*) FROM blobs WHERE key NOT IN (SELECT blob FROM record_blobs)",
        "an owner whose bytes are counted wrongly": "SELECT count(*) FROM owners o WHERE bytes <>"
        " (SELECT total(length(value)) FROM records WHERE owner = o.key) + (SELECT total(length(data)) FROM blobs WHERE owner = o.key)",
        "a chain of another owner than its records": "SELECT count(*) FROM records r LEFT JOIN chains c ON c.root = coalesce(r.root, r.key)"
        " WHERE c.owner IS NOT r.owner",
        "bytes that are counted wrongly": "SELECT value_bytes - (SELECT sum(length(value)) FROM records)"
        " - (SELECT total(length(data)) FROM blobs) FROM totals",
    }.items():
        wrong = database.execute(query).fetchone()[0]
        if wrong:
            sys.exit(f"{what}: {wrong}")
    sys.exit(check.returncode or (0 if len(acknowledged) > rounds else 1))

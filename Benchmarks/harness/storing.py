"""What remembering costs: turns that are committed, and conversations that are replayed."""

import http.client
import json
import os
import time

from . import measure, tools
from .measure import Figure
from .servers import Patchbay
from .table import Row

TEXT = "Tell me more about the quick brown fox and the lazy dog, and why the one jumps over the other. " * 2


def post(connection, body):
    connection.request("POST", "/v1/responses", json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    data = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{answer.status}: {data.decode()}")
    return json.loads(data)["id"]


def chain(port, turns, model="scripted-echo"):
    """A conversation of so many turns; the last one's id."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    last = None
    for number in range(turns):
        body = {"model": model, "input": f"{number}: {TEXT}"}
        last = post(connection, body | ({"previous_response_id": last} if last else {}))
    connection.close()
    return last


def fdatasync_us(folder, count=100):
    """The disk's own time for a page and its commit."""
    file = os.open(folder / "probe", os.O_CREAT | os.O_WRONLY)
    times = []
    for number in range(count):
        os.pwrite(file, os.urandom(4096), number * 4096)
        start = time.perf_counter_ns()
        os.fdatasync(file)
        times.append((time.perf_counter_ns() - start) / 1000)
    os.close(file)
    return Figure(times).median


def turns(quick):
    """Turns stored with `durability: commit`, by one client and by 64."""
    rounds, rows, rates = 3 if quick else 5, [], {}
    for clients in (1, 64):
        rate, cpu, per_commit, disk = [], [], [], []
        for _ in range(rounds):
            server = Patchbay(store="bench.db", syncs=True)
            with server:
                request = {"model": "scripted-echo", "input": TEXT}
                tools.load(server.port, "/v1/responses", request, connections=clients, requests=clients * 3)
                commits, before = server.commits(), measure.cpu_ns(server.pid)
                result = tools.load(server.port, "/v1/responses", request, connections=clients, requests=50000, seconds=2)
                cpu.append((measure.cpu_ns(server.pid) - before) / 1000 / result["requests"])
                rate.append(result["requests"] / result["seconds"])
                per_commit.append(result["requests"] / max(server.commits() - commits, 1))
                disk.append(1e6 / fdatasync_us(server.folder))
        rates[clients] = Figure(rate)
        rows.append(
            Row(f"stored turns, commit, {clients} client{'s' if clients > 1 else ''}", Figure(rate), "turns/s", digits=0,
                reference=("fdatasync/s of the disk", Figure(disk)),
                note=f"{Figure(per_commit).median:.1f} turns a commit; {Figure(cpu).median:.0f} us CPU a turn"))
    rows[-1].note += f"; {rates[64].median / rates[1].median:.1f} x one client"
    return rows


def database_bytes(folder):
    return sum(file.stat().st_size for file in folder.glob("bench.db*"))


def replay(quick):
    """What a request costs more because 200 turns come before it, the provider costing nothing; alone, and among 50,000 others."""
    requests, rounds, rows = (200, 5, []) if quick else (500, 7, [])
    with Patchbay(store="bench.db", durability="memory") as server:
        leaf = chain(server.port, 200)
        for others in (0, 5000 if quick else 50000):
            if others:
                request = {"model": "bench-none", "input": TEXT}
                tools.load(server.port, "/v1/responses", request, connections=32, requests=others, seconds=120)
            cost = []
            for _ in range(rounds):
                used = []
                for previous in ({}, {"previous_response_id": leaf}):
                    body = {"model": "bench-none", "input": "And now?", "store": False} | previous
                    tools.load(server.port, "/v1/responses", body, requests=20)
                    before = measure.cpu_ns(server.pid)
                    tools.load(server.port, "/v1/responses", body, requests=requests)
                    used.append((measure.cpu_ns(server.pid) - before) / 1e6 / requests)
                cost.append(used[1] - used[0])
            rows.append(
                Row("replay of 200 turns: CPU" + (f", {others:,} other responses" if others else ""), Figure(cost), "ms", target=1, digits=3,
                    note="store and host, against a request without a history"))
    return rows + disk()


def disk():
    """Bytes on disk of a conversation, a turn."""
    rows = []
    for turns in (50, 100, 200):
        with Patchbay(store="bench.db", durability="memory") as server:
            chain(server.port, 1)
            tools.stop(server.process)
            empty = database_bytes(server.folder)
            server.begin()
            chain(server.port, turns)
            tools.stop(server.process)
            rows.append(
                Row(f"disk of a turn, conversation of {turns}", Figure([(database_bytes(server.folder) - empty) / turns]), "bytes", digits=0,
                    note=f"{len(TEXT)} bytes asked, as many answered"))
    return rows

"""WebSocket mode beside HTTP: a turn's CPU and latency, a chain's, and what an idle socket holds."""

import http.client
import time

from . import measure, tools
from .measure import Figure
from .servers import Patchbay
from .storing import post
from .table import Row

CONNECTIONS = 16


def message(model, **more):
    return {"type": "response.create", "model": model, "input": "Say hello to the quick brown fox, please.", "store": False} | more


def cpu_of(server, work):
    before = measure.cpu_ns(server.pid)
    result = work()
    return (measure.cpu_ns(server.pid) - before) / 1000 / result["requests"], result["p50_us"]


def turn(quick):
    """A streamed turn that isn't stored, over either; then chains of turns, over a WebSocket from memory and over HTTP from the store."""
    turns, rounds = (2000, 3) if quick else (10000, 7)
    request = message("scripted-echo")
    over_http = {name: value for name, value in request.items() if name != "type"} | {"stream": True}
    rows = []
    for clients in (CONNECTIONS, 1):
        ours, theirs, p50, p50_http = [], [], [], []
        with Patchbay() as server:
            for _ in range(rounds):
                tools.sockets(server.port, request, connections=clients, turns=max(turns // 5, clients))
                cpu, latency = cpu_of(server, lambda: tools.sockets(server.port, request, connections=clients, turns=turns))
                ours.append(cpu)
                p50.append(latency)
                cpu, latency = cpu_of(
                    server, lambda: tools.load(server.port, "/v1/responses", over_http, connections=clients, requests=turns))
                theirs.append(cpu)
                p50_http.append(latency)
        name = f"WebSocket turn, {clients} client{'s' if clients > 1 else ''}"
        rows.append(Row(f"{name}: CPU", Figure(ours), "us", reference=("HTTP", Figure(theirs))))
        rows.append(Row(f"{name}: p50", Figure(p50), "us", reference=("HTTP", Figure(p50_http))))
    return rows + [chain(50 if quick else 200, 1 if quick else 3)]


def chain(turns, rounds):
    """Each turn continues the one before it: from the connection's memory, and over HTTP from SQLite."""
    ours, theirs = [], []
    for _ in range(rounds):
        with Patchbay(store="bench.db", durability="memory") as server:
            result = tools.sockets(server.port, message("scripted-echo"), turns=turns, chain=True)
            ours.append(result["seconds"] * 1e6 / turns)
            connection, last = http.client.HTTPConnection("127.0.0.1", server.port), None
            start = time.perf_counter()
            for _ in range(turns):
                body = {"model": "scripted-echo", "input": message("")["input"]}
                last = post(connection, body | ({"previous_response_id": last} if last else {}))
            theirs.append((time.perf_counter() - start) * 1e6 / turns)
            connection.close()
    return Row(
        f"turn of a chain of {turns}, from the socket's memory", Figure(ours), "us",
        reference=("HTTP and SQLite, a Python client", Figure(theirs)))


def idle(quick):
    """Sockets that are open and say nothing."""
    count, rss, pss = 1000, [], []
    for _ in range(3 if quick else 5):
        with Patchbay() as server:
            tools.sockets(server.port, message("scripted-echo"), connections=50, turns=500)
            time.sleep(0.5)
            before = measure.memory_kb(server.pid)
            with tools.IdleSockets(server.port, count):
                time.sleep(0.5)
                after = measure.memory_kb(server.pid)
            rss.append((after[0] - before[0]) / count)
            pss.append((after[1] - before[1]) / count)
    return [Row(f"idle WebSocket of {count:,}: RSS", Figure(rss), "kB", target=30, note=f"PSS {Figure(pss).median:.1f} kB")]


def sockets(quick):
    return turn(quick) + idle(quick)

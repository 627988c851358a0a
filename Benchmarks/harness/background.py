"""Responses of the background, and streams that are taken up again."""

import http.client
import json
import socket
import time

from . import measure, tools
from .measure import Figure
from .servers import Patchbay
from .table import Row

EVENTS = 10_000
JOBS = 200


def ask(connection, method, path, body=None):
    connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    data = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{method} {path}: {answer.status}: {data.decode()}")
    return json.loads(data)


def read_stream(port, path, body=None):
    """Reads a whole stream as fast as it comes; its bytes, and the milliseconds to the first and to the last of them."""
    data = b"" if body is None else json.dumps(body).encode()
    head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    pieces, first = [], None
    with socket.create_connection(("127.0.0.1", port)) as connection:
        start = time.perf_counter()
        connection.sendall(head.encode() + data)
        while not (pieces and pieces[-1].endswith(b"0\r\n\r\n")):
            piece = connection.recv(1 << 20)
            if not piece:
                raise SystemExit("the stream ended too early: " + (b"".join(pieces)[-500:]).decode(errors="replace"))
            first = first or time.perf_counter()
            pieces.append(piece)
    return b"".join(pieces), (first - start) * 1000, (time.perf_counter() - start) * 1000


def body_of(text):
    """What is in the chunks of an HTTP response."""
    rest, pieces = text.partition(b"\r\n\r\n")[2], []
    while True:
        size, _, rest = rest.partition(b"\r\n")
        if not (length := int(size, 16)):
            return b"".join(pieces)
        pieces.append(rest[:length])
        rest = rest[length + 2:]


def resume(quick):
    """A stored stream of 10,000 events is given again: all of it, and its last hundred."""
    rounds, repeats = (3, 5) if quick else (7, 10)
    whole, wall, first, origin, tail, tail_wall = [], [], [], [], [], []
    with Patchbay(store="bench.db") as server:
        request = {"model": "scripted-long", "input": f"count {EVENTS}", "stream": True}
        for _ in range(rounds):
            before = measure.cpu_ns(server.pid)
            text = read_stream(server.port, "/v1/responses", request)[0]
            origin.append((measure.cpu_ns(server.pid) - before) / 1000 / EVENTS)
            identifier = text[text.index(b'"resp_') + 1:].partition(b'"')[0].decode()
            for query, cpu, times in (("", whole, wall), (f"&starting_after={EVENTS - 100}", tail, tail_wall)):
                before = measure.cpu_ns(server.pid)
                runs = [read_stream(server.port, f"/v1/responses/{identifier}?stream=true{query}") for _ in range(repeats)]
                cpu.append((measure.cpu_ns(server.pid) - before) / 1000 / repeats)
                times.append(Figure(run[2] for run in runs).median)
                if not query:
                    first.append(Figure(run[1] for run in runs).median)
                    if body_of(runs[0][0]) != body_of(text):
                        raise SystemExit("another stream")
    return [
        Row("resume of 10,000 events: CPU an event", Figure(cpu / EVENTS for cpu in whole), "us", digits=2,
            reference=("the stream itself", Figure(origin)), note=f"{EVENTS / Figure(wall).median:,.0f} events a ms to a Python client"),
        Row("resume of 10,000 events: first byte", Figure(first), "ms", digits=2, note=f"the last after {Figure(wall).median:.1f} ms"),
        Row("resume of the last 100 of 10,000: CPU", Figure(cpu / 1000 for cpu in tail), "ms", digits=2,
            note=f"to the last byte {Figure(tail_wall).median:.1f} ms"),
    ]


def jobs(quick):
    """200 background responses at once, each 25 words of 20 ms: acknowledged, made and stored; and what one holds while it runs."""
    acknowledged, late, cpu, memory = [], [], [], []
    text = " ".join(f"word{number}" for number in range(23)) + " every 20"
    for _ in range(2 if quick else 5):
        with Patchbay(store="bench.db", more=f"background: {{max_running: {JOBS}}}\n") as server:
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
            ask(connection, "POST", "/v1/responses", {"model": "scripted-echo", "input": "x"})
            before, begin, times, made = measure.cpu_ns(server.pid), time.perf_counter(), [], []
            for _ in range(JOBS):
                start = time.perf_counter()
                answer = ask(connection, "POST", "/v1/responses", {"model": "scripted-slow", "input": text, "background": True})
                times.append((time.perf_counter() - start) * 1000)
                made.append(answer["id"])
            last = time.perf_counter()
            for identifier in made:
                while (status := ask(connection, "GET", f"/v1/responses/{identifier}")["status"]) != "completed":
                    if status not in ("queued", "in_progress"):
                        raise SystemExit(f"a job is {status}")
                    time.sleep(0.005)
            late.append((time.perf_counter() - last) * 1000)
            cpu.append((measure.cpu_ns(server.pid) - before) / 1e6 / JOBS)
            acknowledged.append(Figure(times).median)
            connection.close()
        with Patchbay(store="bench.db", more=f"background: {{max_running: {JOBS}}}\n") as server:
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
            ask(connection, "POST", "/v1/responses", {"model": "scripted-echo", "input": "x"})
            time.sleep(0.5)
            before = measure.memory_kb(server.pid)[0]
            made = [ask(connection, "POST", "/v1/responses", {"model": "scripted-hang", "input": "x", "background": True})["id"] for _ in range(JOBS)]
            time.sleep(0.5)
            memory.append((measure.memory_kb(server.pid)[0] - before) / JOBS)
            for identifier in made:
                ask(connection, "POST", f"/v1/responses/{identifier}/cancel", {})
            connection.close()
    return [
        Row("200 background jobs: acknowledged after", Figure(acknowledged), "ms", digits=2, note="committed before, one client"),
        Row("200 background jobs: all done after the last was acknowledged", Figure(late), "ms", digits=0, note="each takes 500 ms"),
        Row("background job of 25 events, 20 ms apart: CPU", Figure(cpu), "ms", digits=2, note="posted, made, stored, polled"),
        Row("background job that runs: RSS", Figure(memory), "kB", note=f"{JOBS} of them"),
    ]

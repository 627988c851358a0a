"""How long the server takes to be there, and what it holds when it does nothing."""

import socket
import time

from . import measure, tools
from .measure import Figure
from .servers import Nginx, Patchbay, Upstream
from .table import Row


def first_answer(server):
    """Milliseconds from exec until /health answers 200."""
    start = time.perf_counter()
    server.begin(await_health=False)
    request = b"GET /health HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"
    while True:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
                connection.sendall(request)
                if connection.recv(4096).startswith(b"HTTP/1.1 200"):
                    return (time.perf_counter() - start) * 1000
        except OSError:
            if server.process.poll() is not None:
                raise SystemExit("patchbay ended:\n" + (server.folder / "log").read_text())
            time.sleep(0.0005)


def startup(quick):
    """Start-up, and idle memory."""
    times, rss, pss, nginx_rss = [], [], [], []
    for round in range(6 if quick else 16):
        server = Patchbay(store="bench.db")
        try:
            value = first_answer(server)
            if round > 0:  # the first brings the files into memory
                times.append(value)
            if round > 0 and len(rss) < 5:
                time.sleep(0.5)
                values = measure.memory_kb(server.pid)
                rss.append(values[0] / 1000)
                pss.append(values[1] / 1000)
                threads = measure.threads(server.pid)
        finally:
            server.__exit__()
    with Upstream() as upstream, Nginx(upstream) as nginx:
        nginx_rss = Figure([sum(measure.memory_kb(pid)[0] for pid in (nginx.pid, nginx.process.pid)) / 1000])
    return [
        Row("start-up: exec to the first answer of /health", Figure(times), "ms", target=60,
            note="Scripted, SQLite, OpenAI (4 instances) and a C plugin loaded"),
        Row("idle memory: RSS", Figure(rss), "MB", target=35, reference=("nginx, both processes", nginx_rss),
            note=f"PSS {Figure(pss).median:.1f} MB; {threads} threads"),
    ]

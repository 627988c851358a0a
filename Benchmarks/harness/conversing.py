"""What a long conversation costs: adding to it, reading it, and a turn in it."""

import http.client
import json
import time

from . import measure, tools
from .measure import Figure
from .servers import Patchbay
from .storing import TEXT, database_bytes
from .table import Row

ITEMS = 1000


class Client:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask(self, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{method} {path}: {answer.status}: {data.decode()}")
        return json.loads(data)

    def items(self, path):
        """All items, in pages of 100."""
        items, after = [], ""
        while True:
            page = self.ask("GET", f"{path}/items?order=asc&limit=100{after}")
            items += page["data"]
            if not page["has_more"]:
                return items
            after = f"&after={page['last_id']}"


def timed(server, work):
    """CPU of the server and time, both ms."""
    before, start = measure.cpu_ns(server.pid), time.perf_counter()
    work()
    return (measure.cpu_ns(server.pid) - before) / 1e6, (time.perf_counter() - start) * 1000


def conversation(quick):
    """A conversation of 1,000 items: an item added, all items read, a turn in it, an item deleted."""
    rounds = 2 if quick else 5
    append, late, reads, page, turn, delete, size = [], [], [], [], [], [], []
    for _ in range(rounds):
        with Patchbay(store="bench.db", durability="memory") as server:
            client = Client(server.port)
            path = "/v1/conversations/" + client.ask("POST", "/v1/conversations", {})["id"]

            def add(number):
                client.ask("POST", f"{path}/items", {"items": [{"role": "user", "content": f"{number}: {TEXT}"}]})

            spent = [timed(server, lambda: [add(number) for number in range(start, start + 100)]) for start in range(0, ITEMS, 100)]
            append.append(spent[0][0] * 10)
            late.append(sum(cpu for cpu, _ in spent[1:]) * 1000 / (ITEMS - 100))
            items = []
            reads.append(timed(server, lambda: items.extend(client.items(path)))[0])
            if [item["content"][0]["text"].partition(":")[0] for item in items] != [str(number) for number in range(ITEMS)]:
                raise SystemExit("the conversation has other items than were added")
            page.append(timed(server, lambda: [client.ask("GET", f"{path}/items?limit=20") for _ in range(20)])[0] / 20)
            tools.stop(server.process)  # its log is in the file then
            size.append(database_bytes(server.folder) / ITEMS)
            server.begin()
            client = Client(server.port)
            costs = []
            for fields in ({}, {"conversation": path.rpartition("/")[2]}):
                body = {"model": "bench-none", "input": "And now?"} | fields
                costs.append(timed(server, lambda: [client.ask("POST", "/v1/responses", body) for _ in range(20)])[0] / 20)
            turn.append(costs[1] - costs[0])
            delete.append(timed(server, lambda: client.ask("DELETE", f"{path}/items/{items[500]['id']}"))[0])
    return [
        Row("conversation: an item added, the first 100", Figure(append), "us CPU", digits=0),
        Row("conversation: an item added, 100 to 1,000", Figure(late), "us CPU", digits=0, reference=("the first 100", Figure(append)),
            note="all written anew at 500 records included"),
        Row("conversation of 1,000 items: all read, 10 pages", Figure(reads), "ms CPU"),
        Row("conversation of 1,000 items: the newest 20", Figure(page), "ms CPU", digits=2),
        Row("conversation of 1,000 items: a turn", Figure(turn), "ms CPU", digits=2, note="against a stored turn without one; the provider costs nothing"),
        Row("conversation of 1,000 items: an item deleted", Figure(delete), "ms CPU", digits=1, note="all others are written anew"),
        Row("conversation of 1,000 items: disk of an item", Figure(size), "bytes", digits=0, note=f"{len(TEXT)} bytes said"),
    ]

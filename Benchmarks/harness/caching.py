"""A request that was asked before: the cache's answer beside the provider's, by the same server without the cache."""

import json

from .measure import Figure
from .proxying import CONNECTIONS, body, cost
from .servers import Patchbay, Upstream
from .table import Row

ROUNDS = 5


class Caching(Patchbay):
    """The same server, with the cache as its only hook."""

    def __init__(self, upstream, **config):
        super().__init__(upstream, more="hooks:\n  - {plugin: cache}\n")
        self.config = json.dumps(config)

    def configuration(self):
        entry = f"  - {{name: cache, library: libpatchbay_cache.so, config: {self.config}}}\n"
        return super().configuration().replace("plugins:\n", "plugins:\n" + entry, 1)


def by_turns(one, other, request, requests, connections, rounds, per):
    """CPU, and the median time of a request, us, of both servers by turns, so that both see the same machine."""
    figures = ([], [], [], [])
    for _ in range(rounds):
        for at, server in enumerate((one, other)):
            value, result = cost(server, "/v1/responses", request, requests, connections, per)
            figures[at].append(value)
            figures[2 + at].append(result["p50_us"])
    return [Figure(values) for values in figures]


def cache(quick):
    """The cache's answer instead of a provider's, and what it costs a request that it can't answer."""
    requests, rounds = (2000, 3) if quick else (20000, ROUNDS)
    rows = []
    with Upstream() as upstream, Patchbay(upstream) as plain, Caching(upstream) as caching:
        hit, call, hit_p50, call_p50 = by_turns(caching, plain, body("once"), requests, CONNECTIONS, rounds, "requests")
        rows.append(
            Row(f"cache hit, {CONNECTIONS} clients: CPU", hit, "us", reference=("the call through OpenAI", call),
                note=f"p50 {hit_p50.median:.0f} us, of the call {call_p50.median:.0f} us"))
        hit, call, hit_p50, call_p50 = by_turns(caching, plain, body("once"), requests // 4, 1, rounds, "requests")
        rows.append(
            Row("cache hit, 1 client: CPU", hit, "us", reference=("the call through OpenAI", call),
                note=f"p50 {hit_p50.median:.0f} us, of the call {call_p50.median:.0f} us"))
        hit, call, _, _ = by_turns(
            caching, plain, body("bench-push-1000", stream=True), requests // 50, 4, rounds, "events")
        rows.append(
            Row("event of a stream of 1,000 out of the cache: CPU", hit, "us", digits=2, reference=("of a costless provider", call)))
        long = dict(body("bench-none"), input="All work and no play makes Jack a dull boy. " * 2300)
        hit, call, _, _ = by_turns(caching, plain, long, requests // 20, 4, rounds, "requests")
        rows.append(
            Row("cache hit of a prompt of 100 kB: CPU", hit, "us", reference=("the call of a costless provider", call)))
    # Nothing fits into it: each request is looked up, and none is kept.
    with Upstream() as upstream, Patchbay(upstream) as plain, Caching(upstream, max_entry_bytes=1, wait=0) as missing:
        miss, call, _, _ = by_turns(missing, plain, body("bench-none"), requests, CONNECTIONS, rounds, "requests")
        rows.append(
            Row("request that the cache doesn't have: CPU", miss, "us", reference=("without the cache", call),
                note=f"{miss.median - call.median:.1f} us more"))
    return rows

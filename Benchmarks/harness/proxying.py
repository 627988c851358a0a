"""What a request and an event cost the host's CPU on their way to an upstream, beside nginx on the same upstream in the same run."""

import time

from . import measure, tools
from .measure import Figure
from .servers import Nginx, Patchbay, Upstream
from .table import Row

CONNECTIONS = 16
ROUNDS = 7


def body(model, stream=False):
    return {"model": model, "input": "Say hello to the quick brown fox, please.", "stream": stream, "store": False}


def cost(server, path, request, requests, connections, per):
    """CPU of one request or event, us, after a warm-up; `per`: 'requests' or 'events'. Also what `load` said."""
    tools.load(server.port, path, request, connections=connections, requests=max(requests // 5, connections))
    before = measure.cpu_ns(server.pid)
    result = tools.load(server.port, path, request, connections=connections, requests=requests)
    return (measure.cpu_ns(server.pid) - before) / 1000 / result[per], result


def beside_nginx(path, model, stream, requests, connections, rounds, per):
    """Rounds of both servers by turns, so that both see the same machine."""
    with Upstream() as upstream, Nginx(upstream) as nginx, Patchbay(upstream) as patchbay:
        ours, theirs, results = [], [], []
        for _ in range(rounds):
            value, result = cost(patchbay, "/v1/responses", body(model, stream), requests, connections, per)
            ours.append(value)
            results.append(result)
            value, _ = cost(nginx, f"/{path}/v1/chat/completions", body(model, stream), requests, connections, per)
            theirs.append(value)
        return Figure(ours), Figure(theirs), results


def request(quick):
    """A request that isn't streamed."""
    requests = 4000 if quick else 20000
    ours, theirs, results = beside_nginx("once", "once", False, requests, CONNECTIONS, ROUNDS, "requests")
    p50 = Figure(result["p50_us"] for result in results)
    p99 = Figure(result["p99_us"] for result in results)
    alone, reference, single = beside_nginx("once", "once", False, requests // 4, 1, 5, "requests")
    return [
        Row(f"request through OpenAI, {CONNECTIONS} clients: CPU", ours, "us", target=60, reference=("nginx", theirs),
            note=f"p50 {p50.median:.0f} us, p99 {p99.median:.0f} us"),
        Row("request through OpenAI, 1 client: CPU", alone, "us", reference=("nginx", reference),
            note=f"p50 {Figure(r['p50_us'] for r in single).median:.0f} us"),
    ]


def stream(quick):
    """Events that come as fast as they can, and spaced."""
    requests = 100 if quick else 400
    ours, theirs, results = beside_nginx("burst/1000", "burst", True, requests, 4, ROUNDS, "events")
    rate = Figure(result["events"] / result["seconds"] for result in results)
    streams = 50 if quick else 200
    spaced, reference, _ = beside_nginx("spaced/50/20", "spaced", True, streams, 50 if quick else 100, 3 if quick else 5, "events")
    return [
        Row("event in a burst of 1,000: CPU", ours, "us", target=3.5, digits=2, reference=("nginx", theirs),
            note=f"{rate.median / 1000:,.0f}k events/s to 4 clients"),
        Row("event each 20 ms: CPU", spaced, "us", digits=1, reference=("nginx", reference)),
    ]


def pairs(quick):
    """A client's format to a provider's, beside nginx with the provider's own format: what it costs to translate."""
    chat = {"messages": [{"role": "user", "content": "Say hello to the quick brown fox, please."}]}
    clients = {
        "chat": ("/v1/chat/completions", chat),
        "messages": ("/v1/messages", {**chat, "max_tokens": 1000}),
        "responses": ("/v1/responses", {"input": chat["messages"][0]["content"], "store": False}),
    }
    upstreams = {
        "chat": ("once", "burst", "", "/v1/chat/completions"),
        "messages": ("once-messages", "burst-messages", "messages/", "/v1/messages"),
        "responses": ("once-responses", "burst-responses", "responses/", "/v1/responses"),
    }
    rows = []
    for client, upstream in [("chat", "chat"), ("responses", "chat"), ("messages", "messages"), ("responses", "responses")]:
        path, asked = clients[client]
        once, burst, kind, address = upstreams[upstream]
        ways = [
            ("request", "requests", {**asked, "model": once}, f"/once/{kind.rstrip('/') or 'chat'}{address}", CONNECTIONS, 2000 if quick else 10000, 1),
            ("event", "events", {**asked, "model": burst, "stream": True}, f"/burst/{kind}1000{address}", 4, 60 if quick else 200, 2),
        ]
        for what, per, request, direct, connections, requests, digits in ways:
            with Upstream() as model, Nginx(model) as nginx, Patchbay(model, all_apis=True) as patchbay:
                ours, theirs, results = [], [], []
                for _ in range(3 if quick else ROUNDS):
                    value, result = cost(patchbay, path, request, requests, connections, per)
                    ours.append(value)
                    results.append(result)
                    theirs.append(cost(nginx, direct, request, requests, connections, per)[0])
            if per == "requests":
                note = f"p50 {Figure(result['p50_us'] for result in results).median:.0f} us"
            else:
                note = f"{Figure(result['events'] / result['seconds'] for result in results).median / 1000:,.0f}k events/s to 4 clients"
            name = {"messages": "anthropic"}.get(upstream, upstream)
            rows.append(Row(f"{client} -> {name}, {what}: CPU", Figure(ours), "us", digits=digits, reference=("nginx", Figure(theirs)), note=note))
    return rows


def held(server, path, request, streams):
    """kB a stream: how much the server's memory grew, RSS and PSS, and its descriptors."""
    with tools.Held(server.port, path, request, 50):
        pass
    tools.load(server.port, "/v1/responses" if path.startswith("/v1") else "/once/", body("bench-none"), requests=10)
    time.sleep(0.5)
    rss, pss = measure.memory_kb(server.pid)
    descriptors = measure.descriptors(server.pid)
    with tools.Held(server.port, path, request, streams):
        time.sleep(0.5)
        held_rss, held_pss = measure.memory_kb(server.pid)
        sockets = measure.descriptors(server.pid) - descriptors
    return (held_rss - rss) / streams, (held_pss - pss) / streams, sockets / streams


def streams(quick):
    """Streams that are open and wait."""
    count, rows = 1000, []
    for name, model, path in [("Scripted's hang", "scripted-hang", None), ("OpenAI, upstream stalls", "stall", "stall")]:
        rss, pss, nginx_rss, sockets = [], [], [], 0
        for _ in range(3 if quick else 5):
            with Upstream() as upstream, Nginx(upstream) as nginx, Patchbay(upstream) as patchbay:
                a, b, sockets = held(patchbay, "/v1/responses", body(model, True), count)
                rss.append(a)
                pss.append(b)
                if path:
                    nginx_rss.append(held(nginx, f"/{path}/v1/chat/completions", body(model, True), count)[0])
        rows.append(
            Row(f"open stream of {count:,}, {name}: RSS", Figure(rss), "kB", target=25, reference=("nginx", Figure(nginx_rss)) if path else None,
                note=f"PSS {Figure(pss).median:.1f} kB; {sockets:.0f} sockets a stream"))
    return rows

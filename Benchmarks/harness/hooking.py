"""What hooks that do nothing cost a request and an event, beside the same server without them."""

from . import tools
from .measure import Figure
from .proxying import CONNECTIONS, body, cost
from .servers import Patchbay
from .table import Row


class Hooked(Patchbay):
    """The server of the benchmarks with so many hooks that do nothing, at one point or at all of them."""

    def __init__(self, count, points):
        self.names = [f"nothing-{number}" for number in range(count)]
        self.points = points
        super().__init__(more="hooks:\n" + "".join(f"  - {{plugin: {name}}}\n" for name in self.names) if count else "")

    def configuration(self):
        entries = "".join(f"  - {{name: {name}, library: {tools.BUILT / 'hook.so'}, config: {{points: {self.points}}}}}\n" for name in self.names)
        return super().configuration().replace("plugins:\n", "plugins:\n" + entries, 1)


def more(plain, hooked, request, requests, connections, rounds, per):
    """What the second server costs more than the first, us, round by round, so that both see the same machine; and what the first costs."""
    base, difference = [], []
    for number in range(rounds):
        # Who is first changes, so that neither always runs on the warmer machine.
        both = {}
        for server in (plain, hooked) if number % 2 == 0 else (hooked, plain):
            both[server] = cost(server, "/v1/responses", request, requests, connections, per)[0]
        base.append(both[plain])
        difference.append(both[hooked] - both[plain])
    return Figure(difference), Figure(base)


def row(name, plain, count, points, request, requests, connections, rounds, per, target=None, digits=2):
    with Hooked(count, points) as hooked:
        difference, base = more(plain, hooked, request, requests, connections, rounds, per)
    each = Figure(value / count for value in difference.values)
    return Row(name, each, "us", target=target, digits=digits, note=f"each; without hooks {base.median:.2f} us")


def hooked(quick):
    """A request with one hook and with five, and the events of a stream, in bursts and one by one."""
    requests, rounds = (4000, 3) if quick else (20000, 11)
    plain_body, rows = body("bench-none"), []
    with Hooked(0, "none") as plain:
        for count in (1, 5):
            name = "one hook" if count == 1 else "five hooks"
            for points, where in (("request", "at `request`"), ("all", "at all points")):
                rows.append(
                    row(f"{name} {where}: a request's CPU", plain, count, points, plain_body, requests, CONNECTIONS, rounds, "requests",
                        target=1 if points == "request" else None))
        streams = requests // 50
        for count in (1, 5):
            name = "one hook" if count == 1 else "five hooks"
            burst, single = body("bench-push-1000", stream=True), body("bench-tick-200", stream=True)
            rows.append(
                row(f"{name} at the events of a burst of 1,000: an event's CPU", plain, count, "events", burst, streams, 4, rounds, "events",
                    digits=3))
            rows.append(
                row(f"{name} at events one by one: an event's CPU", plain, count, "events", single, streams, CONNECTIONS, max(rounds // 2, 3),
                    "events"))
    return rows

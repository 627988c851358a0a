"""What vectors cost the host's CPU on their way from a plugin to a client, written as numbers and as base64, and beside an upstream that is asked direct."""

from . import measure, tools
from .measure import Figure
from .servers import Patchbay, Upstream
from .table import Row

DIMENSIONS = 1536
CONNECTIONS = 4
ROUNDS = 5


def body(model, inputs, encoding):
    texts = [f"The quick brown fox jumps over lazy dog number {number}." for number in range(inputs)]
    return {"model": model, "input": texts, "dimensions": DIMENSIONS, "encoding_format": encoding}


def asked(port, path, request, requests, inputs, pid=None):
    """Vectors a second, and CPU of the process for each, us, after a warm-up."""
    tools.load(port, path, request, connections=CONNECTIONS, requests=max(requests // 5, CONNECTIONS))
    before = measure.cpu_ns(pid) if pid else 0
    result = tools.load(port, path, request, connections=CONNECTIONS, requests=requests)
    vectors = result["requests"] * inputs
    return vectors / result["seconds"], (measure.cpu_ns(pid) - before) / 1000 / vectors if pid else 0


def embeddings(quick):
    """Vectors of 1,536 numbers, one a request and a hundred (which Scripted is asked for 16 at a time)."""
    rows = []
    # Of OpenAI itself the plugin asks base64, of a compatible server what that gives.
    providers = [
        (f"vectors-{inputs}-{encoding}", f"vectors/{inputs}/{DIMENSIONS}/{encoding}", f"dialect: {dialect}")
        for inputs in (1, 100) for encoding, dialect in (("float", "compatible"), ("base64", "openai"))]
    with Upstream() as upstream, Patchbay(upstream, providers=providers) as patchbay:
        for inputs in (1, 100):
            requests = (400 if quick else 4000) // (1 if inputs == 1 else 20)
            rounds = 3 if quick else ROUNDS
            for encoding, way in (("float", "numbers"), ("base64", "base64")):
                made = [
                    asked(patchbay.port, "/v1/embeddings", body("scripted-vectors", inputs, encoding), requests, inputs, patchbay.pid)
                    for _ in range(rounds)]
                rows.append(
                    Row(f"vector of {DIMENSIONS:,}, {inputs} a request, Scripted, as {way}: CPU", Figure(cpu for _, cpu in made), "us",
                        note=f"{Figure(rate for rate, _ in made).median:,.0f} vectors/s to {CONNECTIONS} clients"))
                rows += beside_upstream(upstream, patchbay, inputs, encoding, way, requests, rounds)
    return rows


def beside_upstream(upstream, patchbay, inputs, encoding, way, requests, rounds):
    """The same from an upstream of OpenAI's form through its plugin, and direct, by turns."""
    path = f"/vectors/{inputs}/{DIMENSIONS}/{encoding}/v1/embeddings"
    ours, direct = [], []
    for _ in range(rounds):
        model = f"vectors-{inputs}-{encoding}"
        ours.append(asked(patchbay.port, "/v1/embeddings", body(model, inputs, encoding), requests, inputs, patchbay.pid))
        direct.append(asked(upstream.port, path, body(model, inputs, encoding), requests, inputs)[0])
    rate = Figure(rate for rate, _ in ours)
    return [
        Row(f"vector of {DIMENSIONS:,}, {inputs} a request, through OpenAI, as {way}: CPU", Figure(cpu for _, cpu in ours), "us",
            note=f"{rate.median:,.0f} vectors/s; the upstream direct {Figure(direct).median:,.0f}/s")]

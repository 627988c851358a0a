"""The Redact plugin, without a server."""

from . import tools
from .measure import Figure
from .micro import lines
from .table import Row


def redact(quick):
    """Masking a request's texts, and unmasking an answer's events."""
    program = tools.build_redact()

    def figure(what):
        library = tools.RELEASE / "libpatchbay_redact.so"
        return Figure(float(line) for line in lines(str(program), str(library), what, "3" if quick else "9"))

    return [
        Row("redact: English, 4 MB, all kinds", figure("plain"), "MB/s CPU", target=100, at_least=True),
        Row("redact: a value every 60 bytes", figure("dense"), "MB/s CPU"),
        Row("redact: English, all kinds and ten patterns", figure("patterns"), "MB/s CPU", target=100, at_least=True),
        Row("redact: a request of 4 kB", figure("small"), "us CPU", target=100),
        Row("redact: an answer's event, nothing to unmask", figure("event"), "ns CPU", target=150),
        Row("redact: an answer's event, half a token", figure("token"), "ns CPU"),
    ]

"""Figures of other processes, from the kernel."""

import os
import pathlib
import statistics
import time


def cpu_ns(pid):
    """CPU time of a process with all its threads, ended ones included: clock_getcpuclockid(3), in nanoseconds."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def memory_kb(pid):
    """Resident and proportional set size, kB."""
    values = {}
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if rest.strip().endswith("kB"):
            values[name] = int(rest.split()[0])
    return values["Rss"], values["Pss"]


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


class Figure:
    """Several measurements of one thing."""

    def __init__(self, values):
        self.values = list(values)

    @property
    def median(self):
        return statistics.median(self.values)

    def text(self, digits):
        """`12.3 (11.9 to 14.0)`"""
        if len(self.values) == 1:
            return f"{self.median:,.{digits}f}"
        return f"{self.median:,.{digits}f} ({min(self.values):,.{digits}f} to {max(self.values):,.{digits}f})"


def machine():
    """What the figures depend on, as lines of text."""
    model = "unknown CPU"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    kernel = os.uname()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return [
        f"CPU: {model}, {os.cpu_count()} cores; memory: {pages / 2**30:.1f} GiB",
        f"kernel: {kernel.sysname} {kernel.release}; load average at the start: {load}",
    ]

"""The programs that the benchmarks need, built once into .build/bench, and the ways to start them."""

import json
import os
import pathlib
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "Benchmarks" / "Tools"
BUILT = ROOT / ".build" / "bench"
RELEASE = pathlib.Path(os.environ.get("PATCHBAY_RELEASE", ROOT / ".build" / "release"))

_running = []


def build():
    """Compiles the C tools that are older than their sources."""
    BUILT.mkdir(parents=True, exist_ok=True)
    shared = ["-shared", "-fPIC"]
    include = ["-I", str(ROOT / "Sources" / "CPatchbay" / "include")]
    _compile("cc", "upstream.c", "upstream", [])
    _compile("cc", "load.c", "load", [])
    _compile("cc", "sockets.c", "sockets", [])
    _compile("cc", "provider.c", "provider.so", shared + ["-fvisibility=hidden"] + include)
    _compile("cc", "hook.c", "hook.so", shared + ["-fvisibility=hidden"] + include)
    _compile("cc", "syncs.c", "syncs.so", shared)
    _compile("g++", "reference.cpp", "reference", ["-lsimdjson"])


def _compile(compiler, source, target, flags):
    source, target = SOURCES / source, BUILT / target
    newest = max(file.stat().st_mtime for file in [source, *SOURCES.glob("*.h")])
    if target.exists() and target.stat().st_mtime > newest:
        return
    subprocess.run([compiler, "-O2", "-Wall", "-Wextra", str(source), "-o", str(target), *flags], check=True)


def build_redact():
    """The program that runs the Redact plugin."""
    _compile("cc", "redact.c", "redact", ["-I", str(ROOT / "Sources" / "CPatchbay" / "include"), "-ldl", "-lpthread"])
    return BUILT / "redact"


def build_micro():
    """The harness inside the process. Its target is only there when PATCHBAY_BENCH is set (Package.swift)."""
    environment = dict(os.environ, PATCHBAY_BENCH="1")
    command = ["swift", "build", "-c", "release", "--product", "patchbay-micro"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)
    return RELEASE / "patchbay-micro"


def start(command, **options):
    """Starts a process that `stop_all` ends, whatever happens."""
    process = subprocess.Popen(command, **options)
    _running.append(process)
    return process


def stop(process, patience=10):
    """Ends a process by SIGTERM, and by SIGKILL where that doesn't help."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process in _running:
        _running.remove(process)


def stop_all():
    for process in list(_running):
        stop(process, patience=2)


def load(port, path, body, connections=1, requests=1, seconds=60, header=None):
    """Sends requests and waits for their answers; what `load` printed."""
    body_file = BUILT / "body.json"
    body_file.write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
    command = [str(BUILT / "load"), str(port), path, str(body_file), "-c", str(connections), "-n", str(requests), "-t", str(seconds)]
    if header:
        command += ["-H", header]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def sockets(port, message, connections=1, turns=1, chain=False, seconds=120):
    """Sends messages over WebSockets and waits for their answers; what `sockets` printed."""
    message_file = BUILT / "message.json"
    message_file.write_text(json.dumps(message))
    command = [str(BUILT / "sockets"), str(port), str(message_file), "-c", str(connections), "-n", str(turns)]
    done = subprocess.run(command + (["-chain"] if chain else []), capture_output=True, text=True, timeout=seconds)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


class Held:
    """Streams that are held open for the length of a `with` block."""

    def __init__(self, port, path, body, connections):
        body_file = BUILT / "held.json"
        body_file.write_bytes(json.dumps(body).encode())
        self.command = [str(BUILT / "load"), str(port), path, str(body_file), "-c", str(connections), "-hold", "-t", "60"]

    def __enter__(self):
        self.process = start(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "held\n":
            raise SystemExit(" ".join(self.command) + "\n" + self.process.stderr.read())
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)
        stop(self.process)


class IdleSockets(Held):
    """WebSockets that are held open, idle, for the length of a `with` block."""

    def __init__(self, port, connections):
        self.command = [str(BUILT / "sockets"), str(port), os.devnull, "-c", str(connections), "-hold"]


def wait_until(fact, what, seconds=10):
    """Waits for something to become true."""
    deadline = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what}: not within {seconds} s")
        time.sleep(0.002)

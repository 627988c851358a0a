"""Starts and stops a real server for the tests of clients."""

import json
import os
import signal
import subprocess
import tempfile
import textwrap
import threading

KEY_A = "key-a-0123456789abcdef"
KEY_B = "key-b-0123456789abcdef"


class Server:
    """`patchbay serve` with a configuration, on a free port, in a folder of its own. Survives `restart`."""

    def __init__(self, folder, configuration):
        self.executable = os.path.join(os.path.abspath(folder), "patchbay")
        self.home = tempfile.mkdtemp(prefix="patchbay-clients-")
        self.port = 0
        self.configure(configuration)
        self.start()

    def configure(self, configuration):
        """What it has from its next start on."""
        with open(os.path.join(self.home, "config.yaml"), "w") as file:
            file.write(textwrap.dedent(configuration))

    def start(self):
        self.process = subprocess.Popen(
            [self.executable, "serve", "--port", str(self.port), "--log-format", "json"],
            cwd=self.home, stderr=subprocess.PIPE, text=True)
        lines = []
        for line in self.process.stderr:
            lines.append(line)
            entry = json.loads(line) if line.startswith("{") else {}
            if entry.get("message") == "listening":
                self.port = int(entry["url"].rsplit(":", 1)[1])
                break
        else:
            raise RuntimeError("the server didn't start:\n" + "".join(lines))
        # What is logged later is kept, so that the server never waits for a reader.
        self.log = lines
        threading.Thread(target=lambda stream: lines.extend(stream), args=(self.process.stderr,), daemon=True).start()

    def stop(self, with_signal=signal.SIGTERM):
        self.process.send_signal(with_signal)
        return self.process.wait(timeout=60)

    def restart(self, with_signal=signal.SIGTERM):
        self.stop(with_signal)
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

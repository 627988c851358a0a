"""The servers that are measured, and the upstream behind them. Each is a context manager with `port` and `pid`."""

import http.client
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

from . import tools


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port, path):
    """Whether the server answers this path at all."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", path)
        connection.getresponse().read()
        connection.close()
        return True
    except OSError:
        return False


class Server:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="patchbay-bench-"))
        self.port = free_port()
        self.process = None

    def __enter__(self):
        self.begin()
        return self

    def __exit__(self, *_):
        tools.stop(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def pid(self):
        return self.process.pid


class Upstream(Server):
    """Benchmarks/Tools/upstream.c"""

    def begin(self):
        self.process = tools.start([str(tools.BUILT / "upstream"), str(self.port)], stdout=subprocess.PIPE)
        self.process.stdout.readline()


class Nginx(Server):
    """The reference: one worker, the same upstream, keep-alive on both sides."""

    def __init__(self, upstream):
        super().__init__()
        self.upstream = upstream

    def begin(self):
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        (self.folder / "nginx.conf").write_text(f"""
worker_processes 1; daemon off; pid {self.folder}/pid; error_log {self.folder}/errors;
events {{ worker_connections 8192; }}
http {{
    access_log off; keepalive_requests 100000000; client_body_temp_path {self.folder}/bodies;
    proxy_temp_path {self.folder}/proxied; fastcgi_temp_path {self.folder}/f; uwsgi_temp_path {self.folder}/u;
    scgi_temp_path {self.folder}/s; client_body_buffer_size 256k;
    upstream model {{ server 127.0.0.1:{self.upstream.port}; keepalive 2048; keepalive_requests 100000000; }}
    server {{
        listen 127.0.0.1:{self.port};
        location / {{
            proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
        }}
    }}
}}
""")
        self.process = tools.start([program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")], stderr=subprocess.DEVNULL)
        tools.wait_until(lambda: answers(self.port, "/once/health"), "nginx answers")

    @property
    def pid(self):
        """Of the worker, which does all of the work."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0])


class Patchbay(Server):
    """The release build with the plugins of the benchmarks."""

    def __init__(self, upstream=None, store=None, durability="commit", syncs=False, more="", providers=(), all_apis=False):
        """`store`: the SQLite file, or None. `syncs`: count its commits to the disk. `more`: other sections of the configuration.
        `providers`: further models through OpenAI, each its name, the upstream's path, and more of the plugin's configuration. `all_apis`: with
        models of upstreams that speak Messages and Responses, too."""
        super().__init__()
        self.upstream = upstream
        self.store = store
        self.durability = durability
        self.more = more
        self.providers = providers
        self.all_apis = all_apis
        self.syncs = self.folder / "syncs" if syncs else None

    def begin(self, await_health=True):
        environment = dict(os.environ)
        if self.syncs:
            self.syncs.write_bytes(bytes(8))
            environment |= {"LD_PRELOAD": str(tools.BUILT / "syncs.so"), "PATCHBAY_SYNCS": str(self.syncs)}
        configuration = self.folder / "config.yaml"
        configuration.write_text(self.configuration())
        command = [str(tools.RELEASE / "patchbay"), "serve", "--config", str(configuration), "--log-level", "warning"]
        self.process = tools.start(command, stderr=open(self.folder / "log", "wb"), env=environment, cwd=self.folder)
        if await_health:
            tools.wait_until(self.is_healthy, "patchbay answers")

    def is_healthy(self):
        if self.process.poll() is not None:
            raise SystemExit("patchbay ended:\n" + (self.folder / "log").read_text())
        return answers(self.port, "/health")

    def configuration(self):
        """Scripted, the costless provider, SQLite, and the plugins once for each way in which the upstream answers."""
        lines = [f"server: {{host: 127.0.0.1, port: {self.port}}}", "plugins:"]
        models = [("scripted-*", "scripted", "*"), ("bench-*", "bench", "*")]
        lines += ["  - {name: scripted, library: libpatchbay_scripted.so}"]
        lines += [f"  - {{name: bench, library: {tools.BUILT / 'provider.so'}}}"]
        ways = {"once": "once", "burst": "burst/1000", "spaced": "spaced/50/20", "stall": "stall"}
        port = self.upstream.port if self.upstream else 9
        for name in ("once", "burst") if self.all_apis else ():
            for api, library, more in (
                ("messages", "anthropic", "timeouts: {idle: 60s}"), ("responses", "openai", "api: responses")
            ):
                url = f"http://127.0.0.1:{port}/{name}/{api}/{'1000/' if name == 'burst' else ''}v1"
                lines += [
                    f"  - name: {name}-{api}", f"    library: libpatchbay_{library}.so",
                    f"    config: {{base_url: '{url}', api_key: benchmark-key, {more}}}"]
                models.append((f"{name}-{api}", f"{name}-{api}", None))
        for name, path in ways.items():
            url = f"http://127.0.0.1:{port}/{path}/v1"
            lines += [
                f"  - name: openai-{name}", "    library: libpatchbay_openai.so",
                f"    config: {{base_url: '{url}', api: chat_completions, api_key: benchmark-key}}"]
            models.append((name, f"openai-{name}", None))
        for name, path, config in self.providers:
            lines += [
                f"  - name: openai-{name}", "    library: libpatchbay_openai.so",
                f"    config: {{base_url: 'http://127.0.0.1:{port}/{path}/v1', api_key: benchmark-key, {config}}}"]
            models.append((name, f"openai-{name}", None))
        if self.store:
            lines += ["  - name: history", "    library: libpatchbay_sqlite.so", f"    config: {{path: '{self.store}'}}"]
            lines += [f"storage: {{plugin: history, durability: {self.durability}}}"]
        lines += ["models:"]
        for name, provider, upstream in models:
            lines += [f"  - {{name: '{name}', provider: {provider}" + (f", upstream_model: '{upstream}'}}" if upstream else "}")]
        return "\n".join(lines) + "\n" + self.more

    def commits(self):
        """How often the server has made the disk commit."""
        return int.from_bytes(self.syncs.read_bytes(), "little")

"""Kills the server under load, again and again, and checks that nothing that was acknowledged is lost and nothing is half there.

    kill.py FOLDER [KILLS] [SEED]

FOLDER: where the executable and the plugins are. The moments of the kills are random; nothing is judged by them.
"""

import collections
import http.client
import json
import random
import resource
import signal
import sqlite3
import sys
import threading
import time

from patchbay import Server

CONFIGURATION = """
    plugins:
      - {name: scripted, library: libpatchbay_scripted.so}
      - {name: history, library: libpatchbay_sqlite.so, config: {path: ./patchbay.db}}
    models:
      - {name: "*", provider: scripted}
    storage: {plugin: history, checkpoint_interval: 20ms}
    background: {max_running: 8, on_restart: %s}
"""

TERMINAL = ("completed", "failed", "incomplete", "cancelled")
# How the last event of a stream begins.
ENDS = tuple(f'{{"type":"response.{end}"'.encode() for end in ("completed", "failed", "incomplete"))
# Turns of a chain before it is looked through and another is begun.
CHAIN = 40


def require(holds, *what):
    if not holds:
        raise AssertionError(" ".join(str(each) for each in what))


class Client:
    """One connection. Raises OSError or HTTPException when the server is gone."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def send(self, method, path, body=None):
        self.connection.request(
            method, "/v1" + path, None if body is None else json.dumps(body), {"Content-Type": "application/json"} if body is not None else {})
        return self.connection.getresponse()

    def ask(self, method, path, body=None):
        answer = self.send(method, path, body)
        data = answer.read()
        if answer.length not in (0, None):
            raise http.client.IncompleteRead(data)
        return answer.status, json.loads(data) if data else None

    def get(self, path):
        return self.ask("GET", path)

    def events(self, method, path, body=None):
        """The data of each event, as they come."""
        answer = self.send(method, path, body)
        if answer.status != 200:
            raise AssertionError(f"{method} {path}: {answer.status} {answer.read()}")
        frame = b""
        while line := answer.readline():
            if line.startswith(b"data: ") and line.endswith(b"\n"):
                frame = line[6:-1]
                yield frame
        # What reads lines says nothing of a body that ends too early.
        if not frame.startswith(ENDS):
            raise http.client.IncompleteRead(frame)


class Ledger:
    """What one worker was told, over all of the server's lives."""

    def __init__(self):
        # Responses that were acknowledged as they are, by id; the frames of those that were streamed.
        self.responses = {}
        self.streams = {}
        # The responses of the background that were acknowledged: what they say, and the last state that was seen.
        self.background = {}
        self.deleted = set()
        # Streams whose end was never seen, and what may be deleted.
        self.uncertain = set()
        # The chain: its newest id and the texts of its turns.
        self.chain = (None, [])
        # What is to be checked after the next start.
        self.fresh = set()


class Worker(threading.Thread):
    """Asks until the server is gone."""

    def __init__(self, server, ledger, seed, counts, killed):
        super().__init__(daemon=True)
        self.server, self.ledger, self.random, self.counts, self.killed = server, ledger, random.Random(seed), counts, killed
        self.wrong = None

    def run(self):
        client = Client(self.server)
        number = 0
        try:
            while True:
                number += 1
                turn = self.random.choices((self.whole, self.streamed, self.chained, self.in_background, self.delete), (3, 3, 4, 3, 1))[0]
                turn(client, f"{self.name} {number} {self.random.randrange(1 << 30)}")
        except (OSError, http.client.HTTPException) as error:
            if not self.killed.is_set():
                self.wrong = error
        except Exception as error:
            self.wrong = error

    def acknowledge(self, response):
        require(response["status"] == "completed", response)
        self.ledger.responses[response["id"]] = response
        self.ledger.fresh.add(response["id"])

    def whole(self, client, text, **more):
        status, response = client.ask("POST", "/responses", {"model": "echo", "input": text} | more)
        require(status == 200 and said(response) == text, status, response)
        self.acknowledge(response)
        self.counts["whole"] += 1
        return response

    def streamed(self, client, text, **more):
        frames, identifier = [], None
        for frame in client.events("POST", "/responses", {"model": "slow", "input": text + " every 3", "stream": True} | more):
            frames.append(frame)
            if identifier is None:
                identifier = json.loads(frame)["response"]["id"]
                self.ledger.uncertain.add(identifier)
                self.ledger.fresh.add(identifier)
        response = json.loads(frames[-1])["response"]
        self.acknowledge(response)
        self.ledger.uncertain.discard(identifier)
        self.ledger.streams[identifier] = frames
        self.counts["streamed"] += 1
        return response

    def chained(self, client, text):
        previous, texts = self.ledger.chain
        if len(texts) == CHAIN:
            look_through(client, self.ledger)
            previous, texts = None, []
        more = {"previous_response_id": previous} if previous else {}
        if self.random.random() < 0.5:
            response = self.whole(client, text, **more)
        else:
            response = self.streamed(client, text, **more)
            text += " every 3"
        self.ledger.chain = (response["id"], texts + [text])
        self.counts["chained"] += 1

    def in_background(self, client, text):
        text += f" of the background every {self.random.choice((1, 10, 40))}"
        status, response = client.ask("POST", "/responses", {"model": "slow", "input": text, "background": True})
        require(status == 200 and response["status"] in ("queued", "in_progress"), status, response)
        identifier = response["id"]
        self.ledger.background[identifier] = (text, None)
        self.ledger.fresh.add(identifier)
        self.counts["background"] += 1
        way = self.random.random()
        if way < 0.2:
            status, response = client.ask("POST", f"/responses/{identifier}/cancel", {})
            require(status == 200 and response["status"] in TERMINAL, status, response)
            self.ledger.background[identifier] = (text, response)
            self.counts["cancelled"] += response["status"] == "cancelled"
        elif way < 0.6:
            while response["status"] not in TERMINAL:
                status, response = client.get(f"/responses/{identifier}")
                require(status == 200, status, response)
                time.sleep(0.01)
            self.ledger.background[identifier] = (text, response)

    def delete(self, client, _):
        free = [each for each in self.ledger.responses if each != self.ledger.chain[0]]
        if not free:
            return
        identifier = free[-1]
        self.ledger.responses.pop(identifier)
        self.ledger.streams.pop(identifier, None)
        self.ledger.fresh.add(identifier)
        # Until it is acknowledged, it may be there or not.
        self.ledger.uncertain.add(identifier)
        status, _ = client.ask("DELETE", f"/responses/{identifier}")
        require(status == 200, status, identifier)
        self.ledger.uncertain.discard(identifier)
        self.ledger.deleted.add(identifier)
        self.counts["deleted"] += 1


def said(response):
    return "".join(part["text"] for item in response["output"] if item["type"] == "message" for part in item["content"])


def look_through(client, ledger):
    """What a model sees of a chain is all that was acknowledged of it, in its order."""
    previous, texts = ledger.chain
    if previous is None:
        return
    status, response = client.ask(
        "POST", "/responses", {"model": "dump", "input": "end", "previous_response_id": previous, "store": False})
    require(status == 200, status, response)
    seen = [part["text"] for item in json.loads(said(response))["input"] for part in item["content"]]
    require(seen == [each for text in texts for each in (text, text)] + ["end"], "chain", previous, seen, texts)


def check_response(client, identifier, response, frames):
    status, stored = client.get(f"/responses/{identifier}")
    require(status == 200 and stored == response, "acknowledged, and now", status, stored, response)
    status, page = client.get(f"/responses/{identifier}/input_items")
    # The newest first; each response here says its own input again.
    require(status == 200 and page["data"][0]["content"][0]["text"] == said(response), "input items", status, page)
    if frames:
        again = list(client.events("GET", f"/responses/{identifier}?stream=true"))
        require(again == frames, "another stream", identifier, again, frames)


def check_background(client, identifier, text, seen, restarts):
    deadline = time.monotonic() + 60
    while True:
        status, response = client.get(f"/responses/{identifier}")
        require(status == 200, "acknowledged in the background, and now", status, response)
        if response["status"] in TERMINAL:
            break
        require(restarts, "in limbo", response)
        require(time.monotonic() < deadline, "never made", response)
        time.sleep(0.01)
    if seen:
        require(response == seen, "ended, and now another", response, seen)
    if response["status"] == "completed":
        require(said(response) == text, "half there", response, text)
    elif response["status"] == "failed":
        require(response["error"]["code"] == "response_interrupted", "failed", response)
    else:
        # A cancellation whose answer didn't come.
        require(response["status"] == "cancelled", "ended", response)
    last = json.loads(list(client.events("GET", f"/responses/{identifier}?stream=true"))[-1])
    require(last["response"] == response, "another end of the stream", last, response)
    return response


def check(client, ledger, identifiers, restarts, streams):
    """What is there of these, against what was said of them. `streams`: whether the streams are taken up again as well."""
    for identifier in identifiers:
        if identifier in ledger.responses:
            frames = ledger.streams.get(identifier) if streams else None
            check_response(client, identifier, ledger.responses[identifier], frames)
        elif identifier in ledger.background:
            text, seen = ledger.background[identifier]
            ledger.background[identifier] = (text, check_background(client, identifier, text, seen, restarts))
        elif identifier in ledger.deleted:
            require(client.get(f"/responses/{identifier}")[0] == 404, "deleted, and there", identifier)
        elif identifier in ledger.uncertain:
            status, response = client.get(f"/responses/{identifier}")
            require(status in (200, 404), "uncertain", status, response)
            require(status == 404 or response["status"] in TERMINAL, "in limbo", response)


def check_records(client, path):
    """Every response in the store, acknowledged or not, can be read and has ended, with its input and its stream."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT id, kind FROM records WHERE hidden = 0").fetchall()
    kinds = collections.Counter(kind for _, kind in rows)
    for identifier, kind in rows:
        if not identifier.startswith("resp_"):
            continue
        status, response = client.get(f"/responses/{identifier}")
        require(status == 200 and response["status"] in TERMINAL, "a record", kind, status, response)
        status, page = client.get(f"/responses/{identifier}/input_items")
        require(status == 200 and page["data"], "its input", status, page)
    jobs = [identifier for identifier, _ in rows if identifier.startswith("job_")]
    require(not jobs, "jobs that nobody does", jobs)
    return kinds


def main():
    folder, kills, seed = sys.argv[1], int((sys.argv[2:] or ["100"])[0]), int((sys.argv[3:] or ["1"])[0])
    choose = random.Random(seed)
    ledgers = [Ledger() for _ in range(6)]
    counts = collections.Counter()
    begin = time.monotonic()
    with Server(folder, CONFIGURATION % "fail") as server:
        for number in range(kills):
            killed = threading.Event()
            workers = [Worker(server, ledger, choose.randrange(1 << 30), counts, killed) for ledger in ledgers]
            for worker in workers:
                worker.start()
            # At a random moment of the work, or of the start.
            wanted, patience = counts.total() + choose.randrange(40), time.monotonic() + (choose.random() if number % 5 else 0.02)
            while counts.total() < wanted and time.monotonic() < patience:
                time.sleep(choose.uniform(0, 0.005))
            killed.set()
            server.stop(signal.SIGKILL)
            for worker in workers:
                worker.join()
                if worker.wrong:
                    raise worker.wrong
            restarts = choose.random() < 0.5
            server.configure(CONFIGURATION % ("restart" if restarts else "fail"))
            server.start()
            client = Client(server)
            for ledger in ledgers:
                check(client, ledger, sorted(ledger.fresh), restarts, streams=number % 4 == 0)
                ledger.fresh.clear()
            if (number + 1) % 10 == 0:
                print(f"{number + 1} kills, {time.monotonic() - begin:.0f} s: {dict(counts)}", flush=True)
        client = Client(server)
        for ledger in ledgers:
            look_through(client, ledger)
            check(client, ledger, [*ledger.responses, *ledger.background, *ledger.deleted, *ledger.uncertain], False, streams=False)
        print(f"records: {dict(check_records(client, server.home + '/patchbay.db'))}")
    total = sum(len(ledger.responses) + len(ledger.background) + len(ledger.deleted) for ledger in ledgers)
    require(all(counts[each] >= kills // 2 for each in ("whole", "streamed", "chained", "background")), "too little load", counts)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{total} acknowledged responses, {kills} kills, {time.monotonic() - begin:.0f} s")
    print(f"CPU: {used.ru_utime + used.ru_stime:.0f} s of the servers, {time.process_time():.0f} s here")
    print("1 passed, 0 failed")


main()

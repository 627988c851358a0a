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
import sys
import threading
import time

from acknowledged import TERMINAL, Client, Conversation, Ledger, check, check_records, look_through, require, said
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

# Turns of a chain before it is looked through and another is begun.
CHAIN = 40


class Worker(threading.Thread):
    """Asks until the server is gone."""

    def __init__(self, server, ledger, conversation, seed, counts, killed):
        super().__init__(daemon=True)
        self.conversation = conversation
        self.server, self.ledger, self.random, self.counts, self.killed = server, ledger, random.Random(seed), counts, killed
        self.wrong = None

    def run(self):
        client = Client(self.server)
        number = 0
        try:
            while True:
                number += 1
                turns = (self.whole, self.streamed, self.chained, self.in_background, self.delete, self.conversed)
                turn = self.random.choices(turns, (3, 3, 4, 3, 1, 4))[0]
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

    def conversed(self, client, text):
        way = self.random.random()
        more = {"conversation": self.conversation.id}
        if way < 0.3:
            items = [{"role": "user", "content": "batch " + text}] * 3
            status, answer = client.ask("POST", f"{self.conversation.path}/items", {"items": items})
            require(status == 200, status, answer)
            self.conversation.batches.append("batch " + text)
        elif way < 0.5:
            self.in_background(client, text, **more)
        elif way < 0.75:
            self.whole(client, text, **more)
            self.conversation.turns.append(text)
        else:
            self.streamed(client, text, **more)
            self.conversation.turns.append(text + " every 3")
        self.counts["conversed"] += 1

    def in_background(self, client, text, **more):
        text += f" of the background every {self.random.choice((1, 10, 40))}"
        status, response = client.ask("POST", "/responses", {"model": "slow", "input": text, "background": True} | more)
        require(status == 200 and response["status"] in ("queued", "in_progress"), status, response)
        identifier = response["id"]
        self.ledger.background[identifier] = (text, None)
        if more:
            self.conversation.background[identifier] = text
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


def main():
    folder, kills, seed = sys.argv[1], int((sys.argv[2:] or ["100"])[0]), int((sys.argv[3:] or ["1"])[0])
    choose = random.Random(seed)
    ledgers = [Ledger() for _ in range(6)]
    counts = collections.Counter()
    begin = time.monotonic()
    with Server(folder, CONFIGURATION % "fail") as server:
        conversations = []
        for number in range(kills):
            if number % 10 == 0:
                conversations.append(Conversation(Client(server)))
            killed = threading.Event()
            workers = [Worker(server, ledger, conversations[-1], choose.randrange(1 << 30), counts, killed) for ledger in ledgers]
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
            conversations[-1].check(client)
            if (number + 1) % 10 == 0:
                print(f"{number + 1} kills, {time.monotonic() - begin:.0f} s: {dict(counts)}", flush=True)
        client = Client(server)
        for ledger in ledgers:
            look_through(client, ledger)
            check(client, ledger, [*ledger.responses, *ledger.background, *ledger.deleted, *ledger.uncertain], False, streams=False)
        for conversation in conversations:
            conversation.check(client)
        print(f"records: {dict(check_records(client, server.home + '/patchbay.db'))}")
    total = sum(len(ledger.responses) + len(ledger.background) + len(ledger.deleted) for ledger in ledgers)
    require(all(counts[each] >= kills // 2 for each in ("whole", "streamed", "chained", "background", "conversed")), "too little load", counts)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{total} acknowledged responses, {kills} kills, {time.monotonic() - begin:.0f} s")
    print(f"CPU: {used.ru_utime + used.ru_stime:.0f} s of the servers, {time.process_time():.0f} s here")
    print("1 passed, 0 failed")


main()

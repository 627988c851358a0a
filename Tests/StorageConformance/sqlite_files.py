#!/usr/bin/env python3
"""What the SQLite store does with the files that it finds: sqlite_files.py WRITER DRIVER LIBRARY"""
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile

writer, driver, library = (os.path.abspath(argument) for argument in sys.argv[1:4])
passed = failed = 0

VERSION_1 = """
CREATE TABLE owners(key INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE records(
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, owner INTEGER NOT NULL, kind TEXT NOT NULL,
  parent INTEGER, root INTEGER, created INTEGER NOT NULL, expires INTEGER NOT NULL,
  version INTEGER NOT NULL, status INTEGER NOT NULL, hidden INTEGER NOT NULL, value BLOB NOT NULL) STRICT;
CREATE INDEX children ON records(parent) WHERE parent IS NOT NULL;
CREATE INDEX listing ON records(owner, kind, created) WHERE hidden = 0;
CREATE INDEX expiring ON records(expires) WHERE expires > 0;
CREATE TABLE chains(root INTEGER PRIMARY KEY, used INTEGER NOT NULL) STRICT;
CREATE INDEX idle ON chains(used);
CREATE TABLE totals(records INTEGER NOT NULL, hidden INTEGER NOT NULL, value_bytes INTEGER NOT NULL) STRICT;
INSERT INTO totals VALUES(2, 1, 1598);
INSERT INTO owners VALUES(1, 'crash');
INSERT INTO chains VALUES(1, 5);
PRAGMA application_id = 1346527609;
PRAGMA user_version = 1;
"""
VERSION_2 = VERSION_1 + """
ALTER TABLE records ADD COLUMN blobs INTEGER NOT NULL DEFAULT 0;
CREATE TABLE blobs(key INTEGER PRIMARY KEY, owner INTEGER NOT NULL, hash TEXT NOT NULL, data BLOB NOT NULL, UNIQUE(owner, hash)) STRICT;
CREATE TABLE record_blobs(
  record INTEGER NOT NULL, place INTEGER NOT NULL, blob INTEGER NOT NULL, PRIMARY KEY(record, place)) STRICT, WITHOUT ROWID;
CREATE INDEX blob_uses ON record_blobs(blob);
PRAGMA user_version = 2;
"""
EINVALID, EUNSUPPORTED, EOVERLOADED, EDATALOSS, EIO = -2, -3, -8, -14, -15


def run(config, *arguments, **options):
    return subprocess.run([writer, library, config, *arguments], text=True, stdout=subprocess.PIPE, **options)


def check(name, condition, got=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
    print("ok     " if condition else "FAILED ", name, "" if condition else got)


def refuses(name, config, code, *words):
    result = run(config, "start")
    good = result.returncode == 1 and result.stdout.startswith(f"{code} ") and all(word in result.stdout for word in words)
    check(name, good, result.stdout)


def config_of(path, more=""):
    return '{"path": "%s"%s}' % (path, more)


with tempfile.TemporaryDirectory() as directory:
    good = f"{directory}/good.db"
    check("a new file is made", run(config_of(good), "start").returncode == 0)
    check("for its owner alone", stat.S_IMODE(os.stat(good).st_mode) == 0o600, oct(os.stat(good).st_mode))
    check("and opened again", run(config_of(good), "start").returncode == 0)
    check("no WAL is left behind", not os.path.exists(good + "-wal"))

    refuses("no path", "{}", EINVALID, "path")
    refuses(":memory:", config_of(":memory:"), EINVALID, "path", "libpatchbay_memory.so")
    refuses("an empty path", config_of(""), EINVALID, "path")
    refuses("a path that is no string", '{"path": 5}', EINVALID, "path")
    refuses("an unknown key", config_of(good, ', "pfad": 1'), EINVALID, "pfad")
    refuses("a number out of bounds", config_of(good, ', "readers": 99'), EINVALID, "readers")
    refuses("a number that is none", config_of(good, ', "max_value_bytes": "16MiB"'), EINVALID, "max_value_bytes")
    refuses("a folder that isn't there", config_of(f"{directory}/none/x.db"), EIO, "No such file")
    refuses("a folder as the file", config_of(directory), EIO)

    with open(f"{directory}/text.db", "w") as file:
        file.write("this is no database, but it is long enough to be looked at as one" * 20)
    refuses("a file that is no database", config_of(f"{directory}/text.db"), EDATALOSS, "not a database")

    with sqlite3.connect(f"{directory}/other.db") as other:
        other.execute("CREATE TABLE things(a)")
    other.close()
    before = open(f"{directory}/other.db", "rb").read()
    refuses("another program's database", config_of(f"{directory}/other.db"), EINVALID, "another program")
    check("which is left as it was", open(f"{directory}/other.db", "rb").read() == before)

    newer = f"{directory}/newer.db"
    run(config_of(newer), "start")
    with sqlite3.connect(newer) as database:
        database.execute("PRAGMA user_version = 7")
    database.close()
    refuses("a newer schema", config_of(newer), EUNSUPPORTED, "schema version 7", "newer")

    # A file as version 1 made it: two records of the program's, one of them hidden.
    old = f"{directory}/old.db"
    with sqlite3.connect(old) as database:
        database.executescript(VERSION_1)
        for turn, parent, root, hidden in (0, None, None, 1), (1, 1, 1, 0):
            id = f"r1.0.0.{turn}"
            value = (id.encode() * 200)[:799]
            row = (turn + 1, id, parent, root, hidden, value)
            database.execute("INSERT INTO records VALUES(?, ?, 1, 'response', ?, ?, 5, 0, 1, 2, ?, ?)", row)
    database.close()
    result = run(config_of(old), "verify", input="r1.0.0.1\n", stderr=subprocess.PIPE)
    check("a file of version 1 is brought up to date, with its records", result.returncode == 0, result.stderr)
    check("once", run(config_of(old), "verify", input="r1.0.0.1\n").returncode == 0)
    database = sqlite3.connect(old)
    version = database.execute("PRAGMA user_version").fetchone()[0]
    totals = database.execute("SELECT * FROM totals").fetchone()
    database.close()
    check("it has version 3, and counts as before", version == 3 and totals == (2, 1, 1598), f"{version}, {totals}")
    result = subprocess.run([driver, library, config_of(old), "--only", "blobs come back"], text=True, stdout=subprocess.PIPE)
    check("it takes blobs", result.returncode == 0 and "1 passed, 0 failed" in result.stdout, result.stdout)

    # A file as version 2 made it, of three owners: what each has is counted, a shared blob once.
    old = f"{directory}/old2.db"
    with sqlite3.connect(old) as database:
        database.executescript(VERSION_2)
        database.executescript("""
            INSERT INTO owners VALUES(2, 'other'), (3, 'nobody');
            INSERT INTO records VALUES
                (1, 'a-0', 1, 'response', NULL, NULL, 1, 0, 1, 2, 1, zeroblob(100), 0),
                (2, 'a-1', 1, 'response', 1, 1, 2, 0, 1, 2, 0, zeroblob(200), 2),
                (3, 'a-2', 1, 'response', 2, 1, 3, 0, 1, 2, 0, zeroblob(300), 1),
                (4, 'b-0', 2, 'response', NULL, NULL, 4, 0, 1, 2, 0, zeroblob(400), 1);
            INSERT INTO blobs VALUES(1, 1, 'aa', zeroblob(1000)), (2, 1, 'bb', zeroblob(2000)), (3, 2, 'aa', zeroblob(1000));
            INSERT INTO record_blobs VALUES(2, 0, 1), (2, 1, 2), (3, 0, 1), (4, 0, 3);
            INSERT INTO chains VALUES(4, 9);
            UPDATE totals SET records = 4, hidden = 1, value_bytes = 5000;
        """)
    database.close()
    check("a file of version 2 is brought up to date", run(config_of(old), "start").returncode == 0)
    database = sqlite3.connect(old)
    owners = database.execute("SELECT name, bytes FROM owners ORDER BY key").fetchall()
    chains = database.execute("SELECT root, used, owner FROM chains ORDER BY root").fetchall()
    database.close()
    check("its owners are counted", owners == [("crash", 3600), ("other", 1400), ("nobody", 0)], owners)
    check("its chains know their owners", chains == [(1, 5, 1), (4, 9, 2)], chains)

    damaged = f"{directory}/damaged.db"
    run(config_of(damaged), "start")
    with sqlite3.connect(damaged) as database:
        for i in range(300):
            database.execute(
                "INSERT INTO records(id, owner, kind, created, expires, version, status, hidden, value) VALUES(?, 1, 'x', 1, 0, 1, 0, 0, ?)",
                (f"id-{i}", b"v" * 500))
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    with open(damaged, "r+b") as file:
        for page in range(8, 40):
            file.seek(page * 4096)
            file.write(b"\xff" * 64)
    refuses("a damaged file", config_of(damaged), EDATALOSS, "damaged")

    # A chain whose records are missing is not looked at for ever.
    lost = f"{directory}/lost.db"
    run(config_of(lost), "start")
    with sqlite3.connect(lost) as database:
        database.execute("INSERT INTO chains VALUES(1000000, 0, 1)")
    database.close()
    result = subprocess.run([driver, library, config_of(lost), "--only", "a sweep evicts"], text=True, stdout=subprocess.PIPE)
    check("a chain without records is no obstacle", "1 passed, 0 failed" in result.stdout, result.stdout)
    database = sqlite3.connect(lost)
    check("and goes", database.execute("SELECT count(*) FROM chains WHERE root = 1000000").fetchone() == (0,))
    database.close()

    # Two hosts on one file: what one has acknowledged, the other reads; and a lock held too long is an error, not a hang.
    two = f"{directory}/two.db"
    process = subprocess.Popen([writer, library, config_of(two), "write", "1", "2"], stdout=subprocess.PIPE, text=True)
    ids = [process.stdout.readline() for _ in range(40)]
    result = run(config_of(two), "verify", input="".join(ids))
    check("a second host reads what the first has acknowledged", result.returncode == 0, result.stdout)
    process.kill()
    process.wait()
    holder = sqlite3.connect(two, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    result = run(config_of(two, ', "busy_timeout_ms": 50'), "write", "2", "1", stderr=subprocess.PIPE)
    check("a file locked by another process", result.returncode == 1 and str(EOVERLOADED) in result.stdout + result.stderr, result.stderr)
    holder.execute("ROLLBACK")
    holder.close()
    database = sqlite3.connect(two)
    database.execute("DELETE FROM blobs")
    database.commit()
    third = [line for line in ids if line.endswith(".2\n")][0]
    result = run(config_of(two), "verify", input=third, stderr=subprocess.PIPE)
    check("a record whose blob is missing is data loss, no shorter record", f"({EDATALOSS}," in result.stderr, result.stderr)
    root = [line for line in ids if line.split(".")[3] == "0\n"][0].strip()
    leaf = [line for line in ids if line.split(".")[:3] == root.split(".")[:3]][-1]
    database.execute("DELETE FROM records WHERE id = ?", (root,))
    database.commit()
    database.close()
    result = run(config_of(two), "verify", input=leaf, stderr=subprocess.PIPE)
    check("a chain whose root is missing is data loss", f"({EDATALOSS}," in result.stderr, result.stderr)

print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)

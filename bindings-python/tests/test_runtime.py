"""Behaviour at run time: panics, threads and memory."""

import gc
import importlib.util
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import hookseal
from hookseal import sign
from machine import missing
from samples import BENJI, BENJI_BODY, BENTI, BENTO, NOW, SALT, SECRET, TOKEN, benji_headers, bento

# PyO3 panics if Python has no memory for a dict or a list. Python keeps some freed ones for reuse, so the payload has
# many.
WITHOUT_MEMORY = """
import gc, _testcapi, hookseal
from hookseal import sign

receiver, headers = hookseal.Receiver.bento(bearer="s3cr3t"), sign.bento_bearer("s3cr3t")
body = b'{"events":[{"type":"a","email":"b","details":[%b]}]}' % b",".join([b'{"x":[]}'] * 100)

def read():
    return [event.data for event in receiver.receive(headers, body)]

expected = read()
gc.disable()
for failing in range(400):
    _testcapi.set_nomemory(failing, failing + 1)
    try:
        outcome = read()
    except Exception as error:
        outcome = error
    finally:
        _testcapi.remove_mem_hooks()
    print("right" if outcome == expected else f"{type(outcome).__name__} {outcome}")
assert read() == expected
"""


def test_a_panic_is_an_ordinary_exception() -> None:
    if importlib.util.find_spec("_testcapi") is None:
        missing("_testcapi", "install the testsuite of Python, such as apt-get install libpython3-testsuite")
    done = subprocess.run([sys.executable, "-c", WITHOUT_MEMORY], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "panicked" in done.stderr
    outcomes = set(done.stdout.splitlines())
    assert outcomes == {"right", "MemoryError ", "InternalError a bug in hookseal: the request was not handled"}


def test_eight_threads_share_a_receiver() -> None:
    def run(number: int) -> int:
        right = 0
        for turn in range(2_000):
            body = b'{"event":"transaction_created","entity_id":%d}' % (number * 10_000 + turn)
            headers = sign.benji(SALT, body, NOW)
            (event,) = BENJI.receive(headers, body, now=NOW)
            refused = BENJI.try_receive(headers, BENJI_BODY, now=NOW)
            right += event.subject.id == str(number * 10_000 + turn) and isinstance(
                refused, hookseal.SignatureMismatch
            )
        return right

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(run, range(8))) == [2_000] * 8


def test_eight_threads_share_an_event_and_an_iterator() -> None:
    delivery = bento(b'{"events":[%b]}' % b",".join(b'{"type":"t","email":"%d"}' % n for n in range(8_000)))
    events = iter(delivery)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: [event.subject.id for event in events], range(8)))
        ids = set(pool.map(lambda _: delivery[0].id, range(8)))
    assert sorted(int(each or -1) for part in taken for each in part) == list(range(8_000))
    assert len(ids) == 1


@pytest.fixture
def no_switching() -> Iterator[None]:
    """Makes a thread keep the GIL until it releases the GIL itself."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1_000)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("no_switching")
def test_a_large_body_is_checked_without_the_gil() -> None:
    body = BENJI_BODY[:-1] + b',"note":"' + b"x" * 40_000_000 + b'"}'
    receiver = hookseal.Receiver.benji(SALT, max_body_bytes=len(body))
    headers = sign.benji(SALT, body, NOW)
    progress, stop = [0], threading.Event()

    def make_progress() -> None:
        while not stop.is_set():
            progress[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=make_progress)
    thread.start()
    try:
        before = progress[0]
        receiver.receive(headers, body, now=NOW)
        after = progress[0]
        for _ in range(1_000):
            BENJI.receive(benji_headers(), BENJI_BODY, now=NOW)
        assert progress[0] == after, "a small body keeps the GIL"
    finally:
        stop.set()
        thread.join()
    assert after > before


STATUS = Path("/proc/self/status")
NEEDS_PROC = "it reads /proc, which Linux alone has"

# A character of ISO-8859-1 is one byte in a `str` and two bytes in a text of Rust, so the two can be told apart.
SIGNED_SECRETS = """
import sys
from hookseal import sign

def secret(number):
    return bytes(128 + (number * 37 + at * 11 + at * at // 3) % 128 for at in range(64 + 100 * number))

for number in range(1, 9):
    sign.benti(secret(number))
    sign.benti_handshake(secret(number), "abc")
    sign.bento_header("x-own", secret(number))
control = secret(0).decode("latin-1").encode()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not STATUS.exists(), reason=NEEDS_PROC)
def test_signing_leaves_no_text_of_a_secret_in_the_memory_of_rust() -> None:
    program: dict[str, Any] = {}
    exec(SIGNED_SECRETS.split("for number")[0], program)
    texts = [program["secret"](number).decode("latin-1").encode() for number in range(9)]
    with subprocess.Popen(
        [sys.executable, "-c", SIGNED_SECRETS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        memory = b"\0".join(written_memory(child.pid))
        child.communicate()

    def parts(text: bytes) -> int:
        return sum(text[at : at + 16] in memory for at in range(0, len(text) - 15, 16))

    control, *signed = (parts(text) for text in texts)
    assert control > 0, "what the program keeps is found"
    assert signed == [0] * 8


def written_memory(pid: int) -> Iterator[bytes]:
    """The memory that a program can write to."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            bounds, permissions, *_ = line.split()
            if permissions.startswith("rw"):
                start, end = (int(bound, 16) for bound in bounds.split("-"))
                memory.seek(start)
                yield memory.read(end - start)


def resident_bytes() -> int:
    """Resident bytes without pages of files, whose number depends on the machine's free memory."""
    return next(
        int(line.split()[1]) * 1024 for line in STATUS.read_text().splitlines() if line.startswith("RssAnon:")
    )


@pytest.mark.skipif(not STATUS.exists(), reason=NEEDS_PROC)
def test_deliveries_leave_no_memory_behind() -> None:
    benti = hookseal.Receiver.benti(SECRET)
    headers, secret = benji_headers(), sign.benti(SECRET)
    events = b'[{"id":1,"item":"ticket","action":"add","actor":5},{"id":1,"item":"ticket","action":7}]'

    def run(times: int) -> None:
        for _ in range(times):
            for event in BENJI.receive(headers, BENJI_BODY, now=NOW):
                _ = (
                    event.id,
                    event.subject.id,
                    event.time,
                    event.data,
                    event.raw,
                    event.to_cloudevent(),
                    hash(event),
                )
            delivery = benti.receive(secret, events, now=NOW)
            assert isinstance(delivery, hookseal.Delivery)
            _ = (delivery[0].actor, delivery.malformed, delivery.replay_key(), repr(delivery), list(delivery))
            BENJI.try_receive(headers, b"{}", now=NOW)
            BENJI.try_receive({}, bytearray(BENJI_BODY), now=NOW)
            hookseal.Receiver.benji([hookseal.Key(SALT, id="x")])

    run(5_000)
    gc.collect()
    counts, before = references(headers), resident_bytes()
    run(30_000)
    gc.collect()
    # If each turn kept a reference, there would be 30,000. None has other users, so the counts may differ a little.
    assert all(abs(now - then) < 100 for now, then in zip(references(headers), counts, strict=True))
    # If each turn left the smallest object behind, that would be a megabyte.
    assert resident_bytes() - before < 500_000


@pytest.mark.skipif(not STATUS.exists(), reason=NEEDS_PROC)
@pytest.mark.parametrize("form", [bytes, bytearray, memoryview, lambda body: memoryview(bytearray(body))[::2]])
@pytest.mark.parametrize("vendor", [BENJI, BENTI, BENTO], ids=["benji", "benti", "bento"])
def test_a_body_over_the_limit_is_not_copied(vendor: hookseal.Receiver[Any], form: Any) -> None:
    body = form(bytes(64 * 1024 * 1024))
    headers = {**benji_headers(), **sign.benti(SECRET), **sign.bento_bearer(TOKEN)}
    Path("/proc/self/clear_refs").write_text("5")
    before = peak_bytes()
    for refused, method, given in (
        (hookseal.PayloadTooLarge, "POST", headers),
        (hookseal.PayloadTooLarge, "POST", {**headers, "content-length": "5"}),
        (hookseal.PayloadTooLarge, "POST", {}),
        (hookseal.MethodNotAllowed, "PUT", headers),
        (hookseal.UnsupportedContentEncoding, "POST", {**headers, "content-encoding": "gzip"}),
        (hookseal.RepeatedHeader, "POST", {**headers, "content-encoding": ["identity", "identity"]}),
    ):
        assert type(vendor.try_receive(given, body, method=method, now=NOW)) is refused
        with pytest.raises(refused):
            vendor.receive(given, body, method=method, now=NOW)
    assert peak_bytes() - before < 16 * 1024 * 1024


def peak_bytes() -> int:
    return next(int(line.split()[1]) * 1024 for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))


def references(headers: dict[str, str]) -> list[int]:
    held = [BENJI, BENJI_BODY, headers, *headers.values(), None, hookseal.SignatureMismatch, "transaction.updated"]
    return [sys.getrefcount(each) for each in held]

"""Injects faults into the Python package. Each must give an ordinary exception or a clean exit."""

import gc
import subprocess
import sys

import hookseal

BODY = b'{"events":[' + b",".join(b'{"type":"$view","email":"a%d@example.com","n":[1,"x"]}' % n for n in range(20)) + b"]}"
RECEIVER = hookseal.Receiver.bento(bearer="secret")
HEADERS = {"authorization": "Bearer secret"}
RECORD = RECEIVER.receive(HEADERS, BODY).to_record()
KEY = RECEIVER.receive(HEADERS, BODY).replay_key()

tried = 0


def read_all(headers=HEADERS, body=BODY):
    received = RECEIVER.receive(headers, body)
    for event in received:
        (event.kind, event.name, event.id, event.subject, event.time, event.data, event.raw, event.to_cloudevent())
    return len(received)


def look_at_everything():
    key = hookseal.Key("secret", id="first", not_before=0)
    benti = hookseal.Receiver.benti(key)
    elements = b'{"item":"ticket","action":"add","id":1,"actor":5},' * 300
    delivery = benti.receive({"x-hook-signature": "secret"}, b"[" + elements + b'{"item":"ticket","action":7}]')
    handshake = benti.receive({"x-hook-signature": "secret", "x-inbenta-challenge": "challenge"}, b"", method="GET")
    event, malformed = delivery[299], delivery.malformed[0]
    for thing in (key, benti, delivery, delivery.assurance, event, event.subject, malformed, handshake):
        repr(thing), str(thing), hash(thing), thing == delivery[0], thing == 1
        for name in dir(thing):
            if not name.startswith("_"):
                getattr(thing, name)
    delivery.replay_key(), delivery.to_cloudevents(), event.replay_key(), event.to_cloudevent()


def be_refused():
    for method, headers, body in (
        ("PUT", HEADERS, BODY),
        ("POST", {}, BODY),
        ("POST", {"authorization": "Bearer other"}, BODY),
        ("POST", HEADERS, b'{"events":[{"type":1e'),
    ):
        refused = RECEIVER.try_receive(headers, body, method=method)
        _ = (refused.message, refused.headers)
        try:
            RECEIVER.receive(headers, body, method=method)
        except hookseal.Rejection:
            pass


def keep_records():
    delivery = RECEIVER.receive(HEADERS, BODY)
    recorded = hookseal.from_trusted_record(delivery.to_record())
    (repr(recorded), recorded.source, recorded.received_at, recorded.malformed, recorded.time, recorded.assurance)
    (recorded.key_id, recorded.body, recorded[0].raw, list(recorded), recorded.replay_key(), recorded.to_cloudevents())
    return recorded.to_record() == delivery.to_record()


def refuse_records():
    # In a short function: Python 3.11 never ends where it has no memory for the place of an `except` far down in one.
    for broken in ("", RECORD[:-9], RECORD.replace(":1,", ":2,", 1), RECORD.replace("bento", "benti", 1), "\ud800"):
        try:
            hookseal.from_trusted_record(broken)
        except hookseal.RecordError as error:
            _ = (str(error), error.code, error.version)


def claim_keys():
    guard = hookseal.ReplayGuard(2)
    for settle in (guard.release, guard.confirm):
        outcome = guard.claim(KEY)
        (repr(outcome), outcome.claim.key, guard.claim(KEY), settle(outcome.claim), settle(outcome.claim))
    return repr((guard, guard.claim(KEY), guard.held, guard.capacity))


def make_mistakes():
    received = RECEIVER.receive(HEADERS, BODY)
    for mistake in (
        lambda: hookseal.Receiver.benji([]),
        lambda: hookseal.Receiver.benji("salt", window="of"),
        lambda: hookseal.Receiver.benji("salt", require_signed_time=True, allow_missing_date=True),
        lambda: hookseal.Receiver.benti("secret", id_key=b"short"),
        lambda: hookseal.Receiver.bento(bearer="secret", replay_policy="other"),
        lambda: hookseal.Receiver.bento(),
        lambda: hookseal.Key(1),
        lambda: hookseal.sign.benji("", b""),
        lambda: RECEIVER.receive(HEADERS, "text"),
        lambda: RECEIVER.receive(None, BODY),
        lambda: RECEIVER.receive([(1, 2)], BODY),
        lambda: RECEIVER.receive(HEADERS, BODY, now=float("nan")),
        lambda: RECEIVER.check_head(1),
        lambda: received[20],
        lambda: hookseal.from_trusted_record(None),
        lambda: hookseal.ReplayGuard(0),
        lambda: hookseal.ReplayGuard(1, seed=b""),
        lambda: hookseal.ReplayGuard(1).claim(None),
        lambda: hookseal.ReplayGuard(1).claim(hookseal.ReplayKey("", 5)),
        lambda: hookseal.ReplayGuard(1).release(None),
        lambda: received.replay_key("strict"),
        received.__reduce__,
    ):
        try:
            mistake()
        except (TypeError, ValueError, IndexError):
            continue
        raise AssertionError("a mistake was not told")


def every_allocation_fails():
    """Makes Python's allocator refuse the n-th request and some or all later ones, for each n."""
    global tried
    try:
        import _testcapi
    except ImportError:
        print("left out: refused allocations in Python: this Python has no _testcapi, which makes allocations fail")
        return
    gc.disable()
    wrong = []
    works = (read_all, look_at_everything, keep_records, refuse_records, claim_keys, be_refused, make_mistakes)
    for work in works:
        result, start, in_a_row = work(), 0, 0
        # Some allocations may fail without effect before the last one.
        while in_a_row < 20:
            in_a_row += 1
            for stop in (start + 1 + start % 3, 0):
                tried += 1
                _testcapi.set_nomemory(start, stop)
                try:
                    outcome = work()
                except BaseException as error:  # noqa: BLE001
                    outcome = error
                finally:
                    _testcapi.remove_mem_hooks()
                if outcome != result:
                    in_a_row = 0
                    if not isinstance(outcome, Exception) or isinstance(outcome, AssertionError):
                        wrong.append(f"{work.__name__}, allocation {start}: {outcome!r}")
            start += 1
    gc.enable()
    assert not wrong, f"{len(wrong)} are no ordinary exception, such as {wrong[0]}"
    assert read_all() == 20, "the receiver works as before"


class Own(Exception):
    pass


def headers_that_raise():
    global tried
    for error in (Own(), KeyError("authorization"), MemoryError(), RecursionError(), KeyboardInterrupt(), SystemExit(3)):

        class Headers(dict):
            pass

        def fail(*_, error=error):
            raise error

        from collections.abc import Mapping

        class Raising(Mapping):
            __getitem__ = fail
            __iter__ = fail
            __len__ = fail

        class RaisingItems(Mapping):
            def __getitem__(self, name):
                return "Bearer secret"

            def __iter__(self):
                yield "authorization"
                fail()

            def __len__(self):
                return 1

            def items(self):
                yield ("authorization", "Bearer secret")
                fail()

        def generator():
            yield ("authorization", "Bearer secret")
            fail()

        for headers in (Raising(), RaisingItems(), generator()):
            tried += 1
            try:
                RECEIVER.receive(headers, BODY)
            except type(error):
                continue
            except TypeError:
                continue  # receivers do not accept this form of headers
            except hookseal.Rejection:
                raise AssertionError("a rejection for a mistake in the program") from None
            # The headers were read as far as necessary.
    assert read_all() == 20


def bodies_that_change_in_between():
    global tried
    from collections.abc import Mapping

    for change in (bytearray.clear, lambda body: body.extend(b"x" * 100_000), lambda body: body.reverse()):
        body = bytearray(BODY)

        class Changing(Mapping):
            def __getitem__(self, name):
                return self.items()[0][1]

            def __iter__(self):
                change(body)
                return iter(["authorization"])

            def __len__(self):
                return 1

            def items(self):
                change(body)
                return [("authorization", "Bearer secret")]

        tried += 1
        try:
            received = RECEIVER.receive(Changing(), body)
        except (hookseal.Rejection, BufferError):
            continue
        raws = [event.raw for event in received]
        change(body)
        assert raws == [event.raw for event in received], "an event changed after the check"
    view = memoryview(bytearray(BODY))
    view.release()
    tried += 1
    try:
        RECEIVER.receive(HEADERS, view)
    except ValueError:
        pass
    else:
        raise AssertionError("a released view was read")


EXITS = {
    "events in a global": "kept = list(received)",
    "an iterator half-way": "kept = iter(received); next(kept)",
    "events in a cycle": "kept = [*received]; kept.append(kept)",
    "events read by atexit": "import atexit; atexit.register(lambda: [event.data for event in received])",
    "events in a destructor": """
class Last:
    def __del__(self):
        self.events[0].kind, self.events[0].data
last = Last(); last.events = list(received)""",
    "threads that go on": """
import threading
def work():
    while True:
        for event in receiver.receive({'authorization': 'Bearer secret'}, body): event.data
for _ in range(4): threading.Thread(target=work, daemon=True).start()
import time; time.sleep(0.2)""",
    "a subinterpreter": """
try:
    import _interpreters as interpreters
except ImportError:  # before Python 3.13
    import _xxsubinterpreters as interpreters
one = interpreters.create()
# The import may be refused there.
try: interpreters.run_string(one, 'import hookseal')
except RuntimeError: pass""",
}


def interpreters_that_shut_down():
    global tried
    for name, program in EXITS.items():
        tried += 1
        start = (
            "import hookseal\nreceiver = hookseal.Receiver.bento(bearer='secret')\n"
            f"body = {BODY!r}\nreceived = receiver.receive({{'authorization': 'Bearer secret'}}, body)\n"
        )
        done = subprocess.run([sys.executable, "-c", start + program], capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"{name}: exit {done.returncode}\n{done.stderr}"
        assert "panick" not in done.stderr and "Fatal" not in done.stderr, f"{name}\n{done.stderr}"


def main():
    findings = 0
    for check in (every_allocation_fails, headers_that_raise, bodies_that_change_in_between, interpreters_that_shut_down):
        try:
            check()
        except AssertionError as error:
            findings += 1
            print(f"  {check.__name__}: {error}")
    print(f"{'faults in Python':22} {tried:13} faults  {findings} findings")
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()

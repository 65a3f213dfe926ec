"""Objects of the program's own classes, and objects that change while they are read."""

import gc
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

import hookseal
from hookseal import Key, Receiver, sign
from samples import (
    BENJI,
    BENJI_BODY,
    BENTI,
    ENTITY_ID,
    NOW,
    OTHER_BENJI_BODY,
    SALT,
    SECRET,
    TOKEN,
    benji_headers,
)

EVENTS = b'{"events":[{"type":"a","email":"x"},{"type":"c","email":"y"}]}'


class Lying:
    """Answers every method of a body with other bytes."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, _index: Any) -> Any:
        return b"lie"

    def __iter__(self) -> Iterator[int]:
        return iter(b"lie")

    def __bytes__(self) -> bytes:
        return OTHER_BENJI_BODY

    def __buffer__(self, _flags: int) -> memoryview:
        return memoryview(OTHER_BENJI_BODY)

    def __str__(self) -> str:
        return "lie"

    def __eq__(self, _other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 3

    def decode(self, *_arguments: Any) -> str:
        return "lie"

    def encode(self, *_arguments: Any) -> bytes:
        return b"lie"


class LyingBytes(Lying, bytes):
    pass


class LyingBytearray(Lying, bytearray):  # type: ignore[misc]
    pass


class LyingText(Lying, str):  # type: ignore[misc]
    pass


@pytest.mark.parametrize("form", [LyingBytes, LyingBytearray, lambda body: memoryview(LyingBytes(body))])
def test_a_body_is_kept_as_the_bytes_that_were_checked(form: Any) -> None:
    # From Python 3.12 on `memoryview` asks the program's class, and the view holds the answer.
    asked = form not in (LyingBytes, LyingBytearray) and sys.version_info >= (3, 12)
    held = OTHER_BENJI_BODY if asked else BENJI_BODY
    delivery = BENJI.receive(benji_headers(held), form(BENJI_BODY), now=NOW)
    raw = delivery[0].raw
    assert type(raw) is bytes
    assert raw == held
    assert delivery[0].data["entity_id"] in held.decode()
    bento = Receiver.bento(bearer=TOKEN)
    if not asked:
        of_several = bento.receive(sign.bento_bearer(TOKEN), form(EVENTS), now=NOW)
        raws = [event.raw for event in of_several]
        assert (raws, {type(raw) for raw in raws}) == ([EVENTS[11:35], EVENTS[36:60]], {bytes})


@pytest.mark.parametrize("form", [LyingBytes, LyingBytearray])
def test_the_limit_counts_the_bytes_that_a_body_holds(form: Any) -> None:
    body = form(bytes(BENJI.body_limit + 1))
    assert isinstance(BENJI.try_receive(benji_headers(), body, now=NOW), hookseal.PayloadTooLarge)


@pytest.mark.parametrize("form", [LyingBytes, LyingText])
def test_a_header_is_the_text_that_it_holds(form: Any) -> None:
    def of(text: str) -> Any:
        return form(text.encode() if form is LyingBytes else text)

    for headers in (
        [(of(name), of(value)) for name, value in benji_headers().items()],
        {name: of(value) for name, value in benji_headers().items()},
        {name: [of(value)] for name, value in benji_headers().items()},
    ):
        assert BENJI.receive(headers, BENJI_BODY, now=NOW)
    assert isinstance(
        BENJI.try_receive({**benji_headers(), "x-benji-signature": of("x")}, BENJI_BODY, now=NOW),
        hookseal.MalformedSignature,
    )


@pytest.mark.parametrize("form", [LyingBytes, LyingText])
def test_a_key_is_kept_as_the_secret_that_was_given(form: Any) -> None:
    def of(text: str) -> Any:
        return form(text.encode() if form is LyingBytes else text)

    secret = of(SALT)
    key = Key(secret, id=LyingText("2026"))
    assert type(key.id) is str
    assert (key.id, str(key.id), len(key.id)) == ("2026", "2026", 4)
    assert repr(key) == 'Key(id="2026")'
    gc.collect()
    holders = [holder for holder in gc.get_referrers(secret) if isinstance(holder, Key)]
    assert (holders, sys.getrefcount(secret)) == ([], 2)
    for keys in (key, secret, [secret]):
        assert Receiver.benji(keys).receive(benji_headers(), BENJI_BODY, now=NOW)
    assert sign.benji(secret, BENJI_BODY, NOW) == benji_headers()
    for ending in ("\n", " "):
        with pytest.raises(ValueError, match="the secret ends with"):
            Receiver.benji(of(SALT + ending))


def test_a_source_and_an_id_key_are_kept_as_they_were_given() -> None:
    receiver = Receiver.benji(SALT, source=LyingText("urn:a"), id_key=LyingBytes(b"k" * 32))
    same = Receiver.benji(SALT, source="urn:a", id_key=b"k" * 32)
    event, expected = (each.receive(benji_headers(), BENJI_BODY, now=NOW)[0] for each in (receiver, same))
    assert (type(event.source), event.source, event.id) == (str, "urn:a", expected.id)


class Growing(list[str]):
    """A list of header values that adds another header to a dict whenever it is read."""

    def __init__(self, headers: dict[str, Any], values: Iterable[str]) -> None:
        super().__init__(values)
        self.headers = headers

    def __iter__(self) -> Iterator[str]:
        self.headers[f"x-{len(self.headers)}"] = "x"
        return super().__iter__()


class Emptying(Growing):
    def __iter__(self) -> Iterator[str]:
        self.headers.clear()
        return super().__iter__()


@pytest.mark.parametrize("form", [Growing, Emptying])
def test_a_dict_that_changes_while_it_is_read_is_read_as_it_was(form: Any, capfd: pytest.CaptureFixture[str]) -> None:
    for call in (BENJI.receive, BENJI.try_receive, lambda headers, _body, now: BENJI.check_head(headers)):
        headers: dict[str, Any] = benji_headers()
        headers |= {name: form(headers, [value]) for name, value in headers.items()} | {"host": "x"}
        received = call(headers, BENJI_BODY, now=NOW)
        assert received is None or isinstance(received, hookseal.Delivery)
        # Two values of one header are found, however the dict changes.
        headers.update(benji_headers(), **{"X-Benji-Signature": form(headers, ["x"])})
        assert isinstance(BENJI.try_receive(headers, BENJI_BODY, now=NOW), hookseal.RepeatedHeader)
    assert capfd.readouterr().err == ""


class Live(Mapping[str, Any]):
    """A mapping that returns its own pairs, and grows when a value is read."""

    def __init__(self) -> None:
        self.headers: dict[str, Any] = {}
        self.headers |= {"x-benji-signature": Growing(self.headers, ["x"]), "host": "x"}

    def __getitem__(self, name: str) -> Any:
        return self.headers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.headers)

    def __len__(self) -> int:
        return len(self.headers)

    def items(self) -> Any:
        return self.headers.items()


class LiveDict(dict[str, Any]):
    """A dict of the program's own class, which is asked for its pairs."""

    def items(self) -> Any:
        for name in self:
            self[f"x-{len(self)}"] = "x"
            yield name, "x"


def test_a_mapping_that_changes_while_read_raises_an_ordinary_error(capfd: pytest.CaptureFixture[str]) -> None:
    for call in (BENJI.receive, BENJI.try_receive, lambda headers, _body, now: BENJI.check_head(headers)):
        for headers in (Live(), LiveDict({"x-benji-signature": "x"})):
            with pytest.raises(RuntimeError, match="dictionary changed size during iteration") as raised:
                call(headers, BENJI_BODY, now=NOW)
            assert type(raised.value) is RuntimeError
    assert capfd.readouterr().err == ""


def test_a_list_that_changes_while_it_is_read_is_read_as_python_reads_it(capfd: pytest.CaptureFixture[str]) -> None:
    class Shrinking(list[Any]):
        def __iter__(self) -> Iterator[Any]:
            for at in range(len(self)):
                yield self[at]
                self.clear()

    headers = Shrinking([["x-benji-signature", "x"], ["host", "x"]])
    with pytest.raises(IndexError):
        BENJI.receive(headers, BENJI_BODY, now=NOW)
    pairs: list[Any] = [*benji_headers().items()]
    pairs.append(("x-benji-signature", Emptying({}, [])))
    assert BENJI.receive(pairs, BENJI_BODY, now=NOW)
    assert capfd.readouterr().err == ""


def test_options_that_change_while_they_are_read_cause_no_panic(capfd: pytest.CaptureFixture[str]) -> None:
    class Number:
        def __index__(self) -> int:
            for options in gc.get_referrers(self):
                if isinstance(options, dict) and "max_events" in options:
                    options |= {f"x{number}": 7 for number in range(9)}
            return 7

    options: dict[str, Any] = {"max_events": Number(), "max_depth": Number()}
    assert Receiver.benti(SECRET, **options)
    assert capfd.readouterr().err == ""


def test_keys_that_change_while_they_are_read_raise_an_ordinary_error(capfd: pytest.CaptureFixture[str]) -> None:
    class Keys(list[Any]):
        def __iter__(self) -> Iterator[Any]:
            yield "a"
            self.clear()
            raise RuntimeError("changed")

    with pytest.raises(RuntimeError, match="changed"):
        Receiver.benji(Keys(["a", "b"]))
    assert capfd.readouterr().err == ""


@pytest.fixture
def switching() -> Iterator[None]:
    """Makes threads take turns as often as possible."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("switching")
@pytest.mark.parametrize("size", [3, 20_000], ids=["small", "checked without the GIL"])
def test_a_body_that_another_thread_changes_is_kept_as_it_was_checked(size: int) -> None:
    bodies = {
        "created": b'{"id":1,"item":"ticket","action":"add","x":"%b"}' % (b"x" * (size + 3)),
        "removed": b'{"id":1,"item":"ticket","action":"remove","x":"%b"}' % (b"x" * size),
    }
    body, headers = bytearray(bodies["created"]), dict(sign.benti(SECRET))
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            for each in bodies.values():
                body[:] = each
                headers[f"x-{len(headers)}"] = "x"
            while len(headers) > 50:
                headers.popitem()

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for given in (body, memoryview(body)) * 500:
            delivery = BENTI.receive(headers, given, now=NOW)
            assert isinstance(delivery, hookseal.Delivery)
            (event,) = delivery
            assert type(event.raw) is bytes
            assert event.raw == bodies[event.action]
    finally:
        stop.set()
        thread.join()


def test_a_released_memoryview_raises_an_ordinary_error() -> None:
    view = memoryview(bytearray(BENJI_BODY))
    view.release()
    with pytest.raises(ValueError, match="released"):
        BENJI.receive(benji_headers(), view, now=NOW)
    assert ENTITY_ID.encode() in BENJI_BODY

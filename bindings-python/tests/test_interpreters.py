"""Several interpreters in one process, as under mod_wsgi, and modules that one interpreter loads again."""

import subprocess
import sys

import pytest

# Interpreters that share one lock, as under mod_wsgi and uWSGI.
NEW_INTERPRETERS = """
import sys
if sys.version_info >= (3, 13):
    import _interpreters as interpreters
    def new(): return interpreters.create("legacy")
else:
    import _xxsubinterpreters as interpreters
    def new(): return interpreters.create(isolated=False)

USE = '''
try:
    import hookseal
except ImportError as error:
    print("refused:", error, flush=True)
else:
    receiver = hookseal.Receiver.benji("salt")
    (event,) = receiver.receive(hookseal.sign.benji("salt", BODY), BODY)
    try:
        receiver.receive({}, BODY)
    except hookseal.MissingSignature as rejection:
        print(event.kind, rejection.code, hookseal.ReplayKey("x", 1), flush=True)
'''.replace("BODY", repr(b'{"event":"transaction_created","entity_type":3,"entity_id":7}'))
"""
USED = "transaction.created missing_signature x"
REFUSED = (
    "refused: only one interpreter of a process can use hookseal, and another one has already loaded it: under "
    "mod_wsgi set WSGIApplicationGroup %{GLOBAL} for every application that uses hookseal, and give each application "
    "that must be separate a WSGIDaemonProcess; under uWSGI set single-interpreter"
)


def printed(program: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_the_error_of_a_second_interpreter_says_what_to_set() -> None:
    program = """
first, second = new(), new()
for interpreter in (first, second, first):
    interpreters.run_string(interpreter, USE)
exec(USE)
"""
    assert printed(NEW_INTERPRETERS + program) == [USED, REFUSED, USED, REFUSED]


def test_the_error_of_an_interpreter_beside_the_main_one_says_what_to_set() -> None:
    program = """
exec(USE)
second = new()
for _ in range(2):
    interpreters.run_string(second, USE)
interpreters.destroy(second)
exec(USE)
"""
    assert printed(NEW_INTERPRETERS + program) == [USED, REFUSED, REFUSED, USED]


def test_interpreters_are_refused_after_the_first_one_has_ended() -> None:
    program = """
first, second = new(), new()
interpreters.run_string(first, USE)
interpreters.destroy(first)
interpreters.run_string(second, USE)
interpreters.run_string(new(), USE)
exec(USE)
"""
    assert printed(NEW_INTERPRETERS + program) == [USED, REFUSED, REFUSED, REFUSED]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="before Python 3.12 no interpreter has a lock of its own")
def test_python_refuses_an_interpreter_with_its_own_lock() -> None:
    program = """
exec(USE)
interpreters.run_string(interpreters.create(), USE)
"""
    used, refused = printed(NEW_INTERPRETERS + program)
    assert used == USED
    assert "does not support loading in subinterpreters" in refused


LOADED_AGAIN = """
import importlib, pickle, sys
import hookseal, hookseal._stream, hookseal.flask

def check(*packages):
    one, another = packages[0], packages[-1]
    for package in packages:
        receiver = package.Receiver.benji("salt")
        assert type(receiver.try_receive({}, b"")) is package.MissingSignature
        for catching in packages:
            try:
                receiver.receive({}, b"")
            except catching.Rejection as rejection:
                assert type(pickle.loads(pickle.dumps(rejection))) is catching.MissingSignature
            try:
                receiver.receive({}, "text")
            except (catching.InternalError, TypeError):
                pass
        body = b'{"event":"transaction_created","entity_type":3,"entity_id":7}'
        key = receiver.receive(package.sign.benji("salt", body), body).replay_key()
        assert type(pickle.loads(pickle.dumps(key))) is one.ReplayKey is another.ReplayKey
    for name, kept in vars(one).items():
        assert not isinstance(kept, type) or kept is getattr(another, name), name
    assert len(one.Rejection.__subclasses__()) == 15

def loaded():
    return sorted(name for name in sys.modules if name.split(".")[0] == "hookseal")
"""


@pytest.mark.parametrize("used", [True, False], ids=["after a refusal", "before any refusal"])
def test_both_importers_catch_exceptions_of_a_package_that_is_loaded_again(used: bool) -> None:
    program = f"""
if {used}: check(hookseal)
first = hookseal
for name in loaded(): del sys.modules[name]
import hookseal, hookseal.flask
assert hookseal is not first
check(first, hookseal)
assert first.flask.Unreadable is hookseal.flask.Unreadable is hookseal._stream.Unreadable
"""
    assert printed(LOADED_AGAIN + program) == []


@pytest.mark.parametrize("used", [True, False], ids=["after a refusal", "before any refusal"])
def test_all_importers_catch_exceptions_of_a_reloaded_module(used: bool) -> None:
    program = f"""
from types import SimpleNamespace
if {used}: check(hookseal)
first = SimpleNamespace(**vars(hookseal))
for name in loaded():
    importlib.reload(sys.modules[name])
    check(first, hookseal)
    assert hookseal.flask.Unreadable is hookseal._stream.Unreadable, name
for name in loaded():
    del sys.modules[name]
    importlib.import_module(name)
    check(first, hookseal, sys.modules["hookseal"])
"""
    assert printed(LOADED_AGAIN + program) == []

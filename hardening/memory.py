#!/usr/bin/env python3
"""Searches the memory of a release program for the secrets that it has dropped.

    hardening/memory.py        # every scheme, with short and long secrets, and the controls

For each scheme the program in `memory/` builds a receiver, receives with it and drops it. In other cases it only signs,
only builds, or receives on one thread and drops on another. Its threads stay alive and make no further calls. Then all
writable memory of the program is searched for parts of the secrets, of HMAC's padded keys, and of the hash states after
them. A control keeps one of these on purpose, and must be found. Only Linux is supported, because /proc/PID/mem is
read.
"""

import base64
import os
import platform
import re
import struct
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
LENGTHS = (40, 100)  # shorter and longer than a block of SHA-256
RECEIVED = ("benji", "benji_body_only", "benti", "basic", "bearer", "header", "id_key", "benti_above_ascii")
SIGNED = ("sign_benji", "sign_benji_body_only", "sign_benti", "sign_basic", "sign_bearer", "sign_header")
BUILT = ("build_benji", "build_benti", "build_basic", "build_id_key")
ELSEWHERE = "_on_another_thread"
CASES = [(scheme, length) for scheme in RECEIVED + SIGNED + BUILT for length in LENGTHS] + [
    (scheme + ELSEWHERE, LENGTHS[1]) for scheme in ("benji", "benti", "basic")]
CONTROLS = [("control_receiver_kept", LENGTHS[0]), ("control_secret_kept", LENGTHS[0]),
            ("control_secret_on_the_stack", LENGTHS[0]), ("control" + ELSEWHERE, LENGTHS[1])]
PART_BYTES = 16  # the size of a vector register, and of the smallest part that is searched for
ZEROS = re.compile(rb"\0{64,}")


def primes():
    candidate = 2
    while True:
        if all(candidate % divisor for divisor in range(2, int(candidate**0.5) + 1)):
            yield candidate
        candidate += 1


def root_bits(number, root):
    """The first 32 bits of the fraction of a root, computed in whole numbers."""
    scaled, low, high = number << (32 * root), 0, number << 32
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**root <= scaled else (low, middle - 1)
    return low & 0xFFFFFFFF


FIRST_PRIMES = [prime for prime, _ in zip(primes(), range(64), strict=False)]
ROUND_CONSTANTS = [root_bits(prime, 3) for prime in FIRST_PRIMES]
INITIAL = [root_bits(prime, 2) for prime in FIRST_PRIMES[:8]]


def rotated(word, bits):
    return (word >> bits | word << (32 - bits)) & 0xFFFFFFFF


def compress(state, block):
    """SHA-256's compression function (FIPS 180-4, section 6.2.2), because Python's hashlib shows no state."""
    words = list(struct.unpack(">16I", block))
    for at in range(16, 64):
        before, after = words[at - 15], words[at - 2]
        sigma0 = rotated(before, 7) ^ rotated(before, 18) ^ before >> 3
        sigma1 = rotated(after, 17) ^ rotated(after, 19) ^ after >> 10
        words.append((words[at - 16] + sigma0 + words[at - 7] + sigma1) & 0xFFFFFFFF)
    a, b, c, d, e, f, g, h = state
    for constant, word in zip(ROUND_CONSTANTS, words, strict=True):
        sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
        first = (h + sum1 + (e & f ^ ~e & g) + constant + word) & 0xFFFFFFFF
        sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
        second = (sum0 + (a & b ^ a & c ^ b & c)) & 0xFFFFFFFF
        a, b, c, d, e, f, g, h = (first + second) & 0xFFFFFFFF, a, b, c, (d + first) & 0xFFFFFFFF, e, f, g
    return [(one + other) & 0xFFFFFFFF for one, other in zip(state, (a, b, c, d, e, f, g, h), strict=True)]


def sha256(message):
    padded = message + b"\x80" + bytes(-(len(message) + 9) % 64) + struct.pack(">Q", len(message) * 8)
    state = INITIAL
    for at in range(0, len(padded), 64):
        state = compress(state, padded[at : at + 64])
    return struct.pack(">8I", *state)


def secret(which, length, first=b""):
    """The secret that memory/src/main.rs makes."""
    return first + bytes(33 + (at * 7 + which * 13 + at * at % 11) % 90 for at in range(len(first), length))


def needles(scheme, length):
    """The bytes that must not be found, each with its name."""
    found = {}
    user = b"publishable:" if "basic" in scheme else b""
    for which in range(3):
        text = secret(which, length, b"\xe9" if scheme.endswith("above_ascii") else b"")
        key = sha256(text) if len(text) > 64 else text
        padded = key + bytes(64 - len(key))
        whole = {"secret": text, "key of a block": key}
        pads = (("inner", 0x36), ("outer", 0x5C))
        if scheme.endswith(ELSEWHERE):
            # SECURITY.md: a check does not wipe the stack of its thread. At most a state and the last hashed block
            # remain.
            whole, pads = {"secret": text[: 64 - len(user)]}, ()
        for name, pad in pads:
            block = bytes(byte ^ pad for byte in padded)
            whole[f"{name} block"] = block[: len(key)]
            state = compress(INITIAL, block)
            whole[f"{name} state"] = struct.pack("=8I", *state)
            whole[f"{name} state, big end first"] = struct.pack(">8I", *state)
            a, b, c, d, e, f, g, h = state
            whole[f"{name} state in SHA registers"] = struct.pack("=8I", f, e, b, a, h, g, d, c)
        if user:
            whole["encoded credentials"] = base64.b64encode(user + text)[16:]
        for name, value in whole.items():
            step = 4 if "state" in name else 1
            for at in range(0, len(value) - PART_BYTES + 1, step):
                found.setdefault(value[at : at + PART_BYTES], f"{name} of secret {which}, from byte {at}")
    return found


def regions(pid):
    """The memory that the program can write to, with its name."""
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        bounds, permissions, *rest = line.split(maxsplit=5)
        if permissions.startswith("rw"):
            start, end = (int(bound, 16) for bound in bounds.split("-"))
            yield start, end, rest[3] if len(rest) > 3 else "memory of no name"


def search(program, scheme, length):
    """All findings as lines of text."""
    named = needles(scheme, length)
    searched = re.compile(b"|".join(map(re.escape, named)), re.DOTALL)
    with subprocess.Popen([program, scheme, str(length)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if process.stdout.readline() != b"ready\n":
            sys.exit(f"memory: {scheme} did not run to its end")
        found = []
        with Path(f"/proc/{process.pid}/mem").open("rb", buffering=0) as memory:
            for start, end, name in regions(process.pid):
                memory.seek(start)
                content = b""
                while len(content) < end - start and (chunk := memory.read(end - start - len(content))):
                    content += chunk
                # Most memory was never written, and no searched part has so many zeros.
                content = ZEROS.sub(bytes(PART_BYTES), content)
                found += [f"{named[hit.group()]} in {name}" for hit in searched.finditer(content)]
        process.stdin.close()
    return found


def main():
    if platform.system() != "Linux":
        left_out = [HERE / "left_out.sh", "secrets in memory", "it reads /proc/PID/mem, which Linux alone has"]
        return sys.exit(subprocess.run(left_out, check=False).returncode)
    assert sha256(b"abc").hex().startswith("ba7816bf8f01cfea"), "the hash of this script"
    target = Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target")).resolve()
    subprocess.run(
        ["cargo", "build", "--quiet", "--locked", "--release", "--target-dir", target, "--package", "hookseal-memory"],
        cwd=HERE, check=True,
    )
    program, findings = target / "release" / "memory", 0
    with ProcessPoolExecutor() as pool:
        found_in = dict(zip(CASES + CONTROLS, pool.map(partial(search, program), *zip(*CASES + CONTROLS, strict=True)), strict=True))
    for scheme, length in CASES:
        found = found_in[scheme, length]
        findings += len(found)
        for line in found:
            print(f"memory: {scheme}, a secret of {length} bytes: {line}", file=sys.stderr)
    for control, length in CONTROLS:
        if not found_in[control, length]:
            sys.exit(f"memory: {control} was not found, so that the other cases prove nothing")
    print(f"{'secrets in memory':22} {len(CASES):>13} cases   {findings} findings; "
          f"{len(CONTROLS)} controls found")
    return sys.exit(findings > 0)


if __name__ == "__main__":
    main()

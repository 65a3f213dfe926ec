#!/usr/bin/env python3
"""Attacks a server of every framework that has an adapter over real sockets. It needs Linux and Python 3.11.

    hardening/hostile/attack.py                         every server, with every limit
    hardening/hostile/attack.py --quick                 a short form, at most 40 s
    hardening/hostile/attack.py --only express,hono     these servers
    hardening/hostile/attack.py --list                  lists the servers

No attacker has the salt. For each server and attack the script prints the peak of the memory above rest and the
processor time, both summed over all processes of the server. It fails if

- a refused request costs more than twice the body limit: the peak is above rest by more than that for each connection,
  plus the memory that the runtime may use (`Server.allowance`);
- a process of the server ends, a later genuine request is not answered with 204, or a later forged one not with 401;
- an attack without a genuine request is answered with 2xx, or any attack with 5xx;
- the server prints a stack trace or an error of its own.

A server is one line of SERVERS in frameworks.py. It takes webhooks of Benji at its path, and 50 connections at once.
The salt is in HOOKSEAL_SALT, and the body limit in bytes in HOOKSEAL_LIMIT. It answers a delivery with 204, and prints
its address: a line with `listening on 127.0.0.1:PORT`, or the line that gunicorn, uvicorn or Hypercorn prints.
"""

import argparse
import os
import sys

from attacks import ATTACKS
from frameworks import MIB, SERVERS, missing
from measure import attacked, running
from target import Failure


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="in small")
    parser.add_argument("--only", help="names of servers, with commas between")
    parser.add_argument("--attack", help="only attacks whose name holds this text")
    parser.add_argument("--python", default=sys.executable, help="the Python in which the servers run")
    parser.add_argument("--list", action="store_true", help="print the names of the servers")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(server.name for server in SERVERS))
        return 0
    names = {server.name for server in SERVERS if server.in_quick or arguments.only or not arguments.quick}
    chosen = set(arguments.only.split(",")) if arguments.only else names
    if unknown := chosen - names:
        parser.error(f"there is no server {', '.join(sorted(unknown))}")
    attacks = [
        attack
        for attack in ATTACKS
        if (attack.in_quick or not arguments.quick) and (arguments.attack is None or arguments.attack in attack.name)
    ]
    if not attacks:
        parser.error(f"there is no attack {arguments.attack}")

    limits = [64 * 1024] if arguments.quick else [64 * 1024, MIB]
    seconds, single_bytes = (0.2, 16 * 1024) if arguments.quick else (5.0, 64 * 1024)
    tried = findings = left_out = 0
    print(f"{'server':<24} {'limit':>8}  {'attack':<28} {'peak above rest':>16} {'processor':>10}")
    for server in SERVERS:
        if server.name not in chosen:
            continue
        if lacking := missing(server, arguments.python):
            left_out += 1
            print(f"{server.name:<24} left out: {', '.join(lacking)} is not there")
            continue
        for limit in limits:
            label = f"{server.name:<24} {limit // 1024:>4} KiB"
            try:
                with running(server, limit, seconds, single_bytes, arguments.python) as (target, pid, log):
                    for name, peak, processor, problem in attacked(target, pid, log, attacks):
                        tried += 1
                        findings += problem != ""
                        print(f"{label}  {name:<28} {peak / MIB:>12.1f} MiB {processor:>8.2f} s  {problem}", flush=True)
            except Failure as failure:
                findings += 1
                print(f"{label}  {failure}")
    print(f"{'hostile senders':<22} {tried:>13} attacks  {findings} findings" + (f", {left_out} servers left out" if left_out else ""))
    if left_out and os.environ.get("CI"):
        return 1
    return 1 if findings or not tried else 0


if __name__ == "__main__":
    sys.exit(main())

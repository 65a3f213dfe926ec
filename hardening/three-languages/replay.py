"""Reads vectors, one in each line, and prints those with another outcome in Python than the expected one."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bindings-python" / "tests"))
import vectors


def main():
    tried, findings, receivers = 0, 0, {}
    for line in sys.stdin:
        vector = vectors.checked(json.loads(line))
        expected = vectors.expected_of(vector)
        configuration = json.dumps([vector[name] for name in ("vendor", "keys", "options")], sort_keys=True)
        try:
            if configuration not in receivers:
                receivers[configuration] = vectors.receiver_of(vector)
            found = vectors.outcome_of(vectors.receive(receivers[configuration], vector), expected)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is a finding)
            found = f"{type(error).__name__}: {error}"
        tried += 1
        if not vectors.same(found, expected):
            findings += 1
            print(f"  expected {expected}\n  got      {found}\n  of       {line.strip()[:1500]}")
    print(f"{'the same in Python':22} {tried:13} inputs  {findings} findings")
    if tried == 0:
        sys.exit("the same in Python: there was nothing to try")
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()

"""The conformance vectors: how they are read, the receivers that they describe, and what those make of a request.

The tests and hardening/three-languages compare the same outcomes with it.
"""

import base64
import json
from pathlib import Path
from typing import Any

import hookseal

FOLDER = Path(__file__).parents[2] / "core" / "conformance"
KNOWN = {"name", "about", "vendor", "keys", "options", "method", "now", "headers", "body_base64", "expect"}

Json = Any


def read_all() -> list[Json]:
    """Every vector; an error where a file is missing, or has not as many vectors as it must have."""
    counts = json.loads((FOLDER / "counts.json").read_bytes())
    vendors = (FOLDER / vendor for vendor in ("benji", "benti", "bento"))
    topics = [path for vendor in vendors for path in sorted(vendor.rglob("*.json"))]
    read = {path.relative_to(FOLDER).with_suffix("").as_posix(): json.loads(path.read_bytes()) for path in topics}
    found = {topic: len(vectors) for topic, vectors in read.items()}
    if not found or found != counts:
        raise ValueError(f"other vectors than counts.json says: {sorted(found.items() ^ counts.items())}")
    return [checked(vector) for vectors in read.values() for vector in vectors]


def checked(vector: Json) -> Json:
    """The vector, if it has no field that nothing here looks at."""
    if unknown := vector.keys() - KNOWN:
        raise ValueError(f"{vector['name']} has the unknown fields {sorted(unknown)}")
    return vector


def key_of(key: Json) -> hookseal.Key:
    assert key.keys() <= {"secret", "secret_base64", "exact", "id", "not_before", "not_after"}
    secret = base64.b64decode(key["secret_base64"]) if "secret_base64" in key else key["secret"]
    validity = {name: key[name] / 1000 for name in ("not_before", "not_after") if name in key}
    return hookseal.Key(secret, exact=key.get("exact", False), id=key.get("id"), **validity)


def receiver_of(vector: Json) -> hookseal.Receiver[hookseal.Delivery | hookseal.Handshake]:
    keys, options = [key_of(key) for key in vector["keys"]], dict(vector.get("options", {}))
    if isinstance(options.get("window"), list):
        options["window"] = tuple(options["window"])
    match vector["vendor"]:
        case "benji":
            return hookseal.Receiver.benji(keys, **options)
        case "benti":
            return hookseal.Receiver.benti(keys, **options)
    ((scheme, name),) = options.pop("scheme").items()
    options[scheme] = keys if scheme == "bearer" else (name, keys)
    return hookseal.Receiver.bento(**options)

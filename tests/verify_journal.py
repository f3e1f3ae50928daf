#!/usr/bin/env python3
"""Checks the tree, the checkpoints and the rows of an audit bundle, written from the standards alone (RFC 6962, C2SP signed-note and
tlog-checkpoint, RFC 8785) and from docs/trust.md.

usage: verify_journal.py FOLDER [VKEY]     needs the package `cryptography`
"""
import base64
import hashlib
import json
import pathlib
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha256(data):
    return hashlib.sha256(data).digest()


def grown(peaks, leaf):
    """The roots of the complete subtrees after one more leaf, largest first, as (height, hash)."""
    height, digest = 0, leaf
    while peaks and peaks[-1][0] == height:
        digest = sha256(b"\x01" + peaks.pop()[1] + digest)
        height += 1
    peaks.append((height, digest))


def root(peaks):
    digest = peaks[-1][1]
    for _, left in reversed(peaks[:-1]):
        digest = sha256(b"\x01" + left + digest)
    return digest


def signed(note, vkey):
    """Size and root of a note that the key signed; nothing for any other."""
    name, key_hash, key = vkey.split("+", 2)
    key_hash, key = bytes.fromhex(key_hash), base64.b64decode(key)
    if key[0] != 1 or sha256(name.encode() + b"\n" + key)[:4] != key_hash:
        sys.exit("the verifier key is damaged")
    text, signatures = note.split("\n\n", 1)
    text += "\n"
    for line in signatures.splitlines():
        if not line.startswith(f"— {name} "):
            continue
        signature = base64.b64decode(line.rsplit(" ", 1)[1])
        if signature[:4] != key_hash:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], text.encode())
        except InvalidSignature:
            continue
        origin, size, digest = text.split("\n")[:3]
        if origin == name:
            return int(size), base64.b64decode(digest)
    return None


def key_of(vkey):
    """Name and public key of a verifier key."""
    name, key_hash, key = vkey.split("+", 2)
    key_hash, key = bytes.fromhex(key_hash), base64.b64decode(key)
    if key[0] != 1 or sha256(name.encode() + b"\n" + key)[:4] != key_hash:
        sys.exit("a verifier key is damaged")
    return name, Ed25519PublicKey.from_public_bytes(key[1:])


def chain(entries, known, of="journal", whose="journal's"):
    """The keys of a chain as (index of the announcing entry, key): each is announced by an entry that the key before it and the new one signed."""
    keys = []
    rotated = [e for e in entries if e["action"] == f"{of}.key_rotated" and e["resource_kind"] == f"{of}_key" and e["text"]]
    for entry in sorted(rotated, key=lambda e: (e["index"] is None, e["index"] or 0)):
        told = json.loads(entry["text"])["content"]
        keys = keys or [(-1, told["from"])]
        until = f"until {told['until']}\n" if "until" in told else ""
        statement = f"baiyi {of} key rotation v1\n{told['from']}\n{told['to']}\n{until}".encode()
        try:
            (old_name, old), (new_name, new) = key_of(told["from"]), key_of(told["to"])
            old.verify(base64.b64decode(told["signed_by_old"]), statement)
            new.verify(base64.b64decode(told["signed_by_new"]), statement)
        except InvalidSignature:
            sys.exit(f"the rotation of the {whose} key at index {entry['index']}: not signed by both keys")
        if told["from"] != keys[-1][1] or old_name != new_name or bool(until) != (of == "tokens"):
            sys.exit(f"the rotation of the {whose} key at index {entry['index']}: not signed by the key before it")
        keys.append((float("inf") if entry["index"] is None else entry["index"], told["to"]))
    keys = keys or [(-1, known)]
    if known and known not in [key for _, key in keys]:
        sys.exit("the known key is not among the journal's keys")
    return keys


def digest(salt, name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    whole = sha256(b"baiyi row 1\n" + salt + name.encode() + b"\n" + text.encode())
    return base64.urlsafe_b64encode(whole[:12]).decode().rstrip("=")


def rows_stand(journal, resources):
    """Every row is as the last entry on its resource recorded it; of several entries of one instant, as one of them did."""
    last = {}
    for entry in journal:
        at = (entry["resource_version"], entry["at"].rstrip("Z"))
        before, told = last.setdefault((entry["resource_kind"], entry["resource_id"]), [(0, ""), []])
        if at > before:
            told.clear()
        if at >= before:
            last[entry["resource_kind"], entry["resource_id"]][0] = at
            told.append(entry)
    compared = 0
    for resource in resources:
        columns, parts = resource["rows"]["columns"], resource["rows"].get("parts", {})
        wrong = None
        for entry in last.get((resource["kind"], resource["id"]), (None, []))[1]:
            recorded = json.loads(entry["text"])["content"].get("row") if entry["text"] else None
            if recorded is None:
                continue
            salt = base64.b64decode(entry["salt"])
            found = lambda name: parts.get(name[:-2], []) if name.endswith("[]") else columns.get(name, "no such column")
            differing = [name for name, told in recorded.items() if digest(salt, name, found(name)) != told]
            wrong = differing if wrong is None else min(wrong, differing, key=len)
        if wrong:
            sys.exit(f"{resource['kind']} {resource['id']}: {', '.join(wrong)} not as the journal recorded")
        compared += wrong is not None
    return compared


def main():
    folder = pathlib.Path(sys.argv[1])
    vkey = sys.argv[2] if len(sys.argv) > 2 else (folder / "verifier.txt").read_text().strip()
    rows = lambda name: [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").split("\n") if line]
    journal = rows("journal.jsonl")
    keys = chain(journal, vkey)
    chain(journal, None, "receipts", "receipts'")
    chain(journal, None, "tokens", "tokens'")
    paddings = [{**p, "id": "padding", "text": None, "leaf_hash": None} for p in rows("paddings.jsonl")]
    entries = sorted([e for e in journal if e["index"] is not None] + paddings, key=lambda e: e["index"])
    heads = {head["size"]: head for head in rows("checkpoints.jsonl")}
    peaks = []
    for expected, entry in enumerate(entries):
        if entry["index"] != expected:
            sys.exit(f"index {expected} is missing or twice")
        if entry["leaf_hash"] is None:
            leaf = sha256(b"\x00" + base64.b64decode(entry["salt"]) + b'{"action":"journal.padding"}')
        else:
            leaf = base64.b64decode(entry["leaf_hash"])
        if entry["text"] is not None and len(base64.b64decode(entry["salt"])) != 32:
            sys.exit(f"entry {entry['id']} at index {expected}: its salt has not 32 bytes")
        if entry["text"] is not None and sha256(b"\x00" + base64.b64decode(entry["salt"]) + entry["text"].encode()) != leaf:
            sys.exit(f"entry {entry['id']} at index {expected}: its text does not give its leaf")
        grown(peaks, leaf)
        head = heads.pop(expected + 1, None)
        key = [key for since, key in keys if since < expected + 1][-1]
        if head and signed(head["note"], key) != (expected + 1, root(peaks)):
            sys.exit(f"checkpoint of size {expected + 1}: not of this tree, or not signed with this key")
    if heads:
        sys.exit(f"checkpoint of size {min(heads)}: the journal has only {len(entries)} entries")
    compared = rows_stand(journal, rows("resources.jsonl"))
    print(f"{len(entries) - len(paddings)} entries and {len(paddings)} paddings agree with every checkpoint, {compared} rows with their entries")


main()

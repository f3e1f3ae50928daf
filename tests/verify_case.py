#!/usr/bin/env python3
"""Checks one tender of an audit bundle against what bidders and openers signed, written from docs/trust.md and the standards alone (RFC 6962, 8032, 8785 and
9591, C2SP age and signed-note). Who runs the server can change rows and entries together, and not these signatures.

usage: verify_case.py FOLDER TENDER_ID [--key VKEY] [--ciphertext FILE ...] [--receipt FILE ...] [--receipt-key VKEY]     needs the package `cryptography`

--key is the journal's newest verifier key as you know it from elsewhere, --ciphertext age files of the tender's bids, --receipt what bidders kept. The other
checkpoints, the keys before and the digests of rows are the affair of verify_journal.py: run that first.
"""
import argparse
import base64
import functools
import hashlib
import hmac
import json
import pathlib
import re
import sys

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

b64 = base64.b64decode
sha256 = lambda *parts: hashlib.sha256(b"".join(parts)).digest()
# Texts, integers, truth and null only: this is RFC 8785 for them.
jcs = lambda value: json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
hashed = lambda value: sha256(jcs(value).encode()).hex()
# Instants have more digits or fewer: without their last letter they are in the order of their texts.
when = lambda at: at.rstrip("Z")

# edwards25519 (RFC 8032): -x² + y² = 1 + D x² y² modulo P; a point is (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z; L is the prime order.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ZERO = (0, 1, 1, 0)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def mul(number, point):
    result = ZERO
    for bit in bin(number)[2:]:
        result = add(result, result)
        result = add(result, point) if bit == "1" else result
    return result


def encode(point):
    inverse = pow(point[2], -1, P)
    return (point[1] * inverse % P | (point[0] * inverse % P & 1) << 255).to_bytes(32, "little")


def decode(data):
    """The point that 32 bytes name, if it is of prime order: any other would tell something of a share that it is multiplied with."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number % 2**255 % P
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    x = x if x & 1 == sign else -x % P
    point = x, y, 1, x * y % P
    if len(data) != 32 or x * x % P != square or encode(point) == encode(ZERO) or encode(mul(L, point)) != encode(ZERO):
        raise ValueError("no point of prime order")
    return point


def montgomery(point):
    """The same point on curve25519, u = (1 + y) / (1 - y), as X25519 and age write it."""
    return ((point[2] + point[1]) * pow(point[2] - point[1], -1, P) % P).to_bytes(32, "little")


def lift(u):
    """A point with this u. Which of the two, ±, does not matter: their multiples have the same u."""
    number = int.from_bytes(u, "little")
    point = decode(((number - 1) * pow(number + 1, -1, P) % P).to_bytes(32, "little"))
    if montgomery(point) != u:
        raise ValueError("a point that is written in another way")
    return point


def sound(u):
    try:
        return lift(u)
    except ValueError:
        return None


def scalar(data):
    number = int.from_bytes(data, "little")
    if len(data) != 32 or number >= L:
        raise ValueError("no scalar")
    return number


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
total = lambda points: functools.reduce(add, points, ZERO)
less = lambda number, point, taken, other: add(mul(number, point), mul(L - taken, other))
challenge = lambda *parts: int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % L


def product(verifying, context, u, partial):
    """share · point with a proof (Chaum–Pedersen) that it has the logarithm of the verifying share: no opener contributes anything else."""
    value, claimed, response, lifted = decode(partial[:32]), scalar(partial[32:64]), scalar(partial[64:]), lift(u)
    points = verifying, value, less(response, BASE, claimed, verifying), less(response, lifted, claimed, value)
    parts = context, u, b"".join(map(encode, points))
    if challenge(b"baiyi-opener-proof-1", *(len(part).to_bytes(8, "big") + part for part in parts)) != claimed:
        raise ValueError("a proof does not hold")
    return value


def lagrange(points):
    """The value at zero of the polynomial through points at their positions."""
    weight = lambda own: functools.reduce(lambda w, other: w * other * pow(other - own, -1, L) % L, (p for p in points if p != own), 1)
    return total(mul(weight(own), point) for own, point in points.items())


def recipient(u):
    """age1…: Bech32 (BIP 173)."""
    bits, check = int.from_bytes(u, "big") << 4, 1
    data = [bits >> 5 * place & 31 for place in reversed(range(52))]
    for value in [ord(letter) >> 5 for letter in "age"] + [0] + [ord(letter) & 31 for letter in "age"] + data + [0] * 6:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator * (top >> place & 1)
    data += [(check ^ 1) >> 5 * place & 31 for place in reversed(range(6))]
    return "age1" + "".join("qpzry9x8gf2tvdw0s3jn54khce6mua7l"[value] for value in data)


derive = lambda key, salt, label: HKDF(SHA256(), 32, salt, label).derive(key)


def age_file(data):
    """Header, (point, body) of each X25519 stanza, MAC and payload of an age file (v1)."""
    (header, _, rest), padded = data.partition(b"\n---"), lambda text: b64(text + "=" * (-len(text) % 4))
    (mac, _, payload), lines = rest.partition(b"\n"), header.decode().split("\n")
    stanzas = [(padded(line[10:]), padded(body)) for line, body in zip(lines, lines[1:]) if line.startswith("-> X25519 ")]
    return header + b"\n---", stanzas, padded(mac.decode().strip()), payload


def points_of(data):
    """The points in a header that openers work on: those of prime order, four at most."""
    try:
        return [u for u, _ in age_file(data)[1] if sound(u)][:4]
    except ValueError:
        return []  # No age file.


def unsealed(data, secrets, group, file_key=None):
    """What an age file says to whoever knows its file key or the shared secrets of its X25519 stanzas by their points; None if it does not open."""
    try:
        header, stanzas, mac, payload = age_file(data)
        for u, body in stanzas if not file_key else []:
            try:
                wrapping = ChaCha20Poly1305(derive(secrets[u], u + group, b"age-encryption.org/v1/X25519"))
                file_key = wrapping.decrypt(bytes(12), body, None)
                break
            except (KeyError, InvalidTag):
                pass  # A stanza for somebody else is no fault.
        if not hmac.compare_digest(mac, hmac.digest(derive(file_key, b"", b"header"), header, "sha256")):
            return None
        stream, size = ChaCha20Poly1305(derive(file_key, payload[:16], b"payload")), 65536 + 16
        chunks = [payload[start:start + size] for start in range(16, len(payload), size)]
        return b"".join(stream.decrypt(n.to_bytes(11, "big") + bytes([n == len(chunks) - 1]), one, None) for n, one in enumerate(chunks))
    except (ValueError, TypeError, InvalidTag):
        return None


def unpadded(plain):
    """The content of a file that Padmé padded; what does not end so is content to its end."""
    length = int.from_bytes(plain[-16:-8], "big")
    exponent = (length + 16).bit_length() - 1
    step = 1 << exponent - exponent.bit_length()
    padded = plain[-8:] == b"baiyi-f1" and len(plain) == -(-(length + 16) // step) * step and not any(plain[length:-16])
    return plain[:length] if padded else plain


def signed(text, key, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(b64(signature or ""), text.encode())
        return True
    except (InvalidSignature, ValueError):
        return False


def note_text(note, vkey):
    """The text of a note that this key signed. The last empty line divides it from the signatures: a receipt has one of its own."""
    (text, lines), (name, key_hash, key) = note.rsplit("\n\n", 1), vkey.strip().split("+", 2)
    marks = [b64(line.split(" ")[2]) for line in lines.splitlines() if line.startswith(f"— {name} ")]
    right = any(mark[:4].hex() == key_hash and signed(text + "\n", b64(key)[1:], base64.b64encode(mark[4:])) for mark in marks)
    return text + "\n" if right and text.startswith(name + "\n") and sha256(name.encode(), b"\n", b64(key))[:4].hex() == key_hash else None


def tree(leaves):
    half = 1 << (len(leaves) - 1).bit_length() - 1 if leaves[1:] else 0
    return sha256(b"\x01", tree(leaves[:half]), tree(leaves[half:])) if half else leaves[0]


class Case:
    def __init__(self, given):
        rows = lambda name: [json.loads(line) for line in (pathlib.Path(given.folder) / name).read_text(encoding="utf-8").split("\n") if line]
        self.given, self.tender, self.faults, self.open, self.told = given, given.tender, [], [], {}
        self.journal, self.paddings, self.heads, resources = map(rows, ("journal.jsonl", "paddings.jsonl", "checkpoints.jsonl", "resources.jsonl"))
        self.rows = {(one["kind"], one["id"]): one["rows"] for one in resources}
        self.hold(len(self.rows) == len(resources), "a row is in the bundle twice")
        self.columns = lambda kind, id: self.rows.get((kind, id), {}).get("columns", {})
        self.parts = lambda kind, id, table: self.rows.get((kind, id), {}).get("parts", {}).get(table, [])
        of = lambda kind, column, ids: {id: one["columns"] for (name, id), one in self.rows.items() if name == kind and one["columns"][column] in ids}
        self.bids, self.lots, self.ceremonies = (of(kind, "tender_id", [self.tender]) for kind in ("bid", "lot", "opener_ceremony"))
        self.files = of("bid_attachment", "bid_id", self.bids)
        self.standing = {id for id, bid in self.bids.items() if bid["state"] not in ("replaced", "withdrawn")}
        self.closing = self.key = None
        self.members, self.products, self.secrets, self.group = {}, {}, {}, b""
        self.points, self.shut = [], {}

    def hold(self, right, otherwise):
        if not right:
            self.faults.append(otherwise)
        return right

    def said(self, action, id):
        """(instant, content) of the entries that tell of an action."""
        return self.told.get((action, id), [])

    def entries(self):
        about = {self.tender, *self.bids, *self.lots, *self.ceremonies, *self.files}
        about |= {row["signing_key_id"] for bid in self.bids for row in self.parts("bid", bid, "bid_signatures")}
        about |= {row["key_id"] for one in self.ceremonies for row in self.parts("opener_ceremony", one, "ceremony_members")}
        leaves, erased, waiting, count = {p["index"]: sha256(b"\0", b64(p["salt"]), b'{"action":"journal.padding"}') for p in self.paddings}, [], 0, 0
        vkey = self.given.key or (pathlib.Path(self.given.folder) / "verifier.txt").read_text()
        head = note_text(max(self.heads, key=lambda head: head["size"])["note"], vkey) if self.heads else None
        self.hold(head, "the newest checkpoint is not signed with the journal's key (after a rotation give the newest)")
        _, size, root = (head or "\n0\n").split("\n")[:3]
        for entry in self.journal:
            place, leaf, where = entry["index"], b64(entry["leaf_hash"]), f"entry {entry['id']} ({entry['action']})"
            if place is not None:
                self.hold(place not in leaves, f"{where}: its index {place} is there twice")
                leaves[place] = leaf
            if entry["resource_id"] not in about:
                continue
            if entry["text"] is None:
                erased.append(entry["id"])
                continue
            said = json.loads(entry["text"])
            self.hold(sha256(b"\0", b64(entry["salt"]), entry["text"].encode()) == leaf, f"{where}: its text does not give its leaf")
            columns = {name: value for name, value in entry.items() if name not in ("index", "text", "salt", "leaf_hash")}
            self.hold(jcs({**columns, "content": said["content"]}) == entry["text"], f"{where}: its columns differ from its text, or that is not canonical")
            self.told.setdefault((entry["action"], entry["resource_id"]), []).append((when(entry["at"]), said["content"]))
            count, waiting = count + 1, waiting + (place is None or place >= int(size))
        self.hold(self.columns("tender", self.tender), f"there is no tender {self.tender} in the bundle")
        right = head and tree([leaves.get(index, b"") for index in range(int(size))]) == b64(root)
        self.hold(right or not head, f"the newest checkpoint, of size {size}, is not of these leaves")
        self.open += [] if self.given.key else ["whether the journal's key is the real one: the folder's own was taken (--key)"]
        self.open += [f"what stood in erased entries: {', '.join(erased)}"] if erased else []
        self.open += [f"whether {waiting} of the entries come into the tree: they wait for the next checkpoint"] if waiting else []
        return f"{count} tell of this tender and give their leaves, in the tree of the newest checkpoint"

    def signatures_of_bids(self):
        prints, amended = {}, [(at, said["number"]) for at, said in self.said("tender.amended", self.tender)]
        for id, bid in self.bids.items():
            files = [one["ciphertext_sha256"] for one in sorted(self.files.values(), key=lambda one: one["position"] or 0) if one["bid_id"] == id]
            sealed = self.said("bid.sealed", id)[0][1] if len(self.said("bid.sealed", id)) == 1 else {}
            named = [sealed.get(name) for name in ("sequence", "ciphertext_sha256", "attachments_sha256")]
            right = named == [bid["sequence"], bid["ciphertext_sha256"], files] and bid["ciphertext"] == "sha256:" + bid["ciphertext_sha256"]
            self.hold(right, f"bid {id}: it has not one entry bid.sealed, or that names another sequence, ciphertext or file")
            facts = {name: bid[name] for name in ("tender_id", "lot_id", "organisation_id", "ciphertext_sha256", "sequence")}
            own = [one for one in self.bids.values() if all(one[name] == bid[name] for name in ("lot_id", "organisation_id"))]
            before = max((one for one in own if one["sequence"] < bid["sequence"]), key=lambda one: one["sequence"], default={"ciphertext_sha256": None})
            rows = {row["step"]: row for row in self.parts("bid", id, "bid_signatures")}
            for step, row in rows.items():
                where, key = f"bid {id}: the signature of its {step}", self.columns("signing_key", row["signing_key_id"])
                public, at = b64(key.get("public_key", "")), when(row["signed_at"])
                right = key.get("organisation_id") == bid["organisation_id"] and signed(jcs(row["statement"]), public, row["signature"])
                if self.hold(right, f"{where} is not one of its organisation's key"):
                    form = {"submission": "baiyi-bid-signature-1", "withdrawal": "baiyi-withdrawal-signature-1"}[step]
                    facts |= {"previous_sha256": before["ciphertext_sha256"], "format": form}
                    other = [name for name, value in facts.items() if row["statement"].get(name) != value]
                    # Of an amendment that came at this very instant, either may have been first.
                    least = max((number for since, number in amended if since < at), default=0)
                    most = max((number for since, number in amended if since <= at), default=0)
                    other += [] if least <= row["statement"].get("amendment", -1) <= most else ["amendment"]
                    other += sorted(set(row["statement"]) - set(facts) - {"amendment"})
                    self.hold(not other, f"{where} is over another {', '.join(other)}")
                    entries = lambda action: [since for since, said in self.said(action, row["signing_key_id"]) if said["public_key"] == key["public_key"]]
                    first = lambda action: min(entries(action), default="9")
                    counts = first("signing_key.confirmed") <= at <= first("signing_key.revoked")
                    self.hold(counts, f"{where}: its key was not confirmed by then, or was revoked")
                    prints[id] = sha256(public).hex()
            for step, action in (("submission", "bid.sealed"), ("withdrawal", "bid.withdrawn")):
                told = [(since, one["signature"], one["statement"]) for since, said in self.said(action, id) if (one := said.get("signature"))]
                found = [(when(row["signed_at"]), row["signature"], jcs(row["statement"])) for row in rows.values() if row["step"] == step]
                self.hold(told == found, f"bid {id}: its entry {action} tells of another signature than its row")
        unsigned = sorted(set(self.bids) - set(prints))
        self.open += [f"whose these unsigned bids are: {', '.join(unsigned)}"] if unsigned else []
        self.open += [f"whose these keys are; ask the bidders for their fingerprints: {', '.join(sorted(set(prints.values())))}"] if prints else []
        return f"{len(self.bids)} came, {len(prints)} of them signed by their organisations"

    def ceremony(self):
        alive = [(id, one) for id, one in self.ceremonies.items() if one["state"] != "abandoned"]
        if not alive or not alive[0][1]["transcript"]:
            self.open.append("what the server read before the opening, and whether it opened what was sealed: no openers hold the key")
            return "not complete" if alive else "none, the server holds the key"
        id, one = alive[0]
        hold = lambda right, otherwise: self.hold(right, f"the ceremony {id}: {otherwise}")
        by = lambda *names: lambda row: [row[name] for name in names]
        members = sorted(self.parts("opener_ceremony", id, "ceremony_members"), key=by("position"))
        shares = sorted(self.parts("opener_ceremony", id, "ceremony_shares"), key=by("sender", "receiver"))
        named = self.said("ceremony.named", id)
        if not hold(len(named) == len(alive) == 1, "the journal does not name its openers once, or it is not the only one"):
            return ""
        statement, transcript = named[0][1]["statement"], one["transcript"]
        said, t = hashed(statement), statement["threshold"]
        hold(said == transcript["ceremony"], "its transcript is not of the openers whom the journal names")
        seats = [{name: member[name] for name in ("account_id", "name", "position", "recipient", "signing_key", "unit_id")} for member in members]
        facts = statement["members"], statement["tender_id"], statement["ceremony_id"], t, len(seats)
        hold(facts == (seats, self.tender, id, one["threshold"], members[-1]["position"]), "its rows are not what its statement says")
        packages = [b64(member["package"]) for member in members]
        hold([sha256(package).hex() for package in packages] == transcript["round1"], "its transcript is of other first packages")
        dealt = [{"from": share["sender"], "to": share["receiver"], "sha256": sha256(b64(share["ciphertext"])).hex()} for share in shares]
        hold(dealt == transcript["round2"], "its transcript is of other sealed shares")
        keys, committed = {member["position"]: bytes.fromhex(member["signing_key"]) for member in members}, []
        for member, package in zip(members, packages):
            place, owner = member["position"], self.columns("opener_key", member["key_id"])
            first = f"baiyi-opener-round1-1\n{said}\n{place}\n{sha256(package).hex()}\n"
            last = f"baiyi-opener-transcript-1\n{hashed(transcript)}\n{place}\n"
            hold(signed(first, keys[place], member["package_signature"]), f"opener {place} did not sign its first package")
            hold(signed(last, keys[place], member["transcript_signature"]), f"opener {place} did not sign its transcript")
            mine = all(owner.get(name) == member[name] for name in ("account_id", "signing_key", "recipient"))
            hold(mine and self.said("opener_key.confirmed", member["key_id"]), f"opener {place} has another key than the one that was confirmed")
            # Format (5 bytes), t, t commitments, 64, and a proof (R, z) that the sender knows the first one's logarithm: nobody cancels another's part.
            points, known, z = [decode(package[6 + 32 * k:38 + 32 * k]) for k in range(t)], package[-64:-32], scalar(package[-32:])
            asked = challenge(b"FROST-ED25519-SHA512-v1dkg", place.to_bytes(32, "little"), package[6:38], known)
            proven = (package[5], len(package)) == (t, 71 + 32 * t) and encode(less(z, BASE, asked, points[0])) == known
            hold(proven, f"opener {place} did not prove that it knows what is behind its first package")
            committed.append(points)
        for share, one_dealt in zip(shares, dealt):
            text = f"baiyi-opener-round2-1\n{said}\n{hashed(transcript['round1'])}\n{share['sender']}\n{share['receiver']}\n{one_dealt['sha256']}\n"
            hold(signed(text, keys[share["sender"]], share["signature"]), f"opener {share['sender']} did not sign its share for {share['receiver']}")
        group, verifying = decode(bytes.fromhex(transcript["group_key"])), [decode(bytes.fromhex(key)) for key in transcript["verifying_shares"]]
        for place, found in enumerate(verifying, 1):
            follows = total(mul(place**k, point) for points in committed for k, point in enumerate(points))
            hold(encode(follows) == encode(found), f"the verifying share of opener {place} does not follow from the first packages")
        # Every t in a row lead to the group's key, so that all lie on one polynomial and any t open.
        runs = [{place + 1: verifying[place] for place in range(start, start + t)} for start in range(len(verifying) - t + 1)]
        right = runs and len(verifying) == len(members) and all(encode(lagrange(run)) == encode(group) for run in runs)
        hold(right, "its verifying shares do not make the group's key")
        self.group = montgomery(group)
        self.key, self.threshold = (id, hashed(transcript), recipient(self.group)), t
        hold(self.key[2] == transcript["recipient"] == one["recipient"], f"its recipient is not that of the group's key, {self.key[2]}")
        self.members = {place: (keys[place], verifying[place - 1]) for place in keys}
        prints = [sha256(f"baiyi-opener-fingerprint-1\n{seat['signing_key']}\n{seat['recipient']}\n".encode())[:16].hex() for seat in seats]
        self.open.append(f"whose the openers' keys are; ask them for their fingerprints: {', '.join(prints)}")
        return f"any {t} of {len(members)} openers hold the key of {self.key[2]}, and all signed how it was made"

    def closing_of_bids(self):
        hold = lambda right, otherwise: self.hold(right, f"the closing: {otherwise}")
        rows, told, opened = self.parts("tender", self.tender, "closings"), self.said("tender.closed", self.tender), self.said("tender.opened", self.tender)
        if not rows and not told:
            hold(not opened, "the tender was opened without one")
            self.open.append("everything from the closing on: there is none yet")
            return "none yet"
        if not hold(len(rows) == len(told) == 1, f"the journal names {len(told)} and the rows hold {len(rows)}"):
            return ""
        row, (at, said), closing, key = rows[0], told[0], rows[0]["content"], self.key or (None, None, rows[0]["content"]["recipient"])
        self.closing, self.root, listed = closing, sha256(b"baiyi-closing-1\n", jcs(closing).encode()).hex(), set()
        hold(self.root == row["root"] == said.get("root"), "its root is not the one that the journal names")
        names = [closing[name] for name in ("format", "tender_id", "ceremony_id", "transcript_sha256", "recipient")] + [row["ceremony_id"]]
        hold(names == ["baiyi-closing-1", self.tender, *key, key[0]], "it is of another tender, ceremony, transcript or recipient")
        right = closing["deadline"] == self.columns("tender", self.tender)["bid_deadline"] and when(closing["deadline"]) < at
        hold(right and all(at <= since for since, _ in opened), "it names another deadline than the tender, or does not lie between deadline and opening")
        opened_lots = {bid["lot_id"] for id, bid in self.bids.items() if self.said("bid.opened", id)}
        for lot in closing["lots"]:
            right = lot["lot_id"] in self.lots and lot["opens"] == (len(lot["bids"]) >= closing["least"])
            right = right and (lot["opens"] or lot["lot_id"] not in opened_lots)
            hold(right, f"lot {lot['lot_id']} is another tender's, or opens against its number of bids")
            for one in lot["bids"]:
                id, bid = one["bid_id"], self.bids.get(one["bid_id"])
                if not hold(bid, f"bid {id} is in it and is gone"):
                    continue
                hold(id in self.standing and id not in listed, f"bid {id} is in it twice, or is {bid['state']}")
                same = (one["sha256"], lot["lot_id"], closing["recipient"]) == (bid["ciphertext_sha256"], bid["lot_id"], bid["recipient"])
                hold(same, f"bid {id} stands with another ciphertext, lot or recipient than in it")
                files = sorted((file, found["ciphertext_sha256"]) for file, found in self.files.items() if found["bid_id"] == id)
                hold(sorted((file["attachment_id"], file["sha256"]) for file in one["files"]) == files, f"bid {id} stands with other files than in it")
                listed.add(id)
        for id, bid in self.bids.items():
            hold(id in listed or id not in self.standing, f"bid {id} is {bid['state']} and not in it")
            late = when(bid["received_at"]) >= when(closing["deadline"]) or any(since > at for since, _ in self.said("bid.sealed", id))
            hold(not late, f"bid {id} was sealed after it, or came after the deadline")
            gone = self.said("bid.replaced", id) + self.said("bid.withdrawn", id)
            hold(id in self.standing or gone and max(gone)[0] <= at, f"bid {id} is {bid['state']}, and no entry before it says so")
            due = id in listed and bid["lot_id"] in opened_lots
            hold(len(self.said("bid.opened", id)) == due, f"bid {id} was opened and is not in it, or is in it and was not opened with the others")
        return f"root {self.root} names {len(listed)} bids, exactly those that stand"

    def contributions(self):
        if not self.closing:
            return "none, there is no closing"
        self.points = [(lot["opens"], one["sha256"], [b64(point) for point in one["points"]])
                       for lot in self.closing["lots"] for bid in lot["bids"] for one in (bid, *bid["files"])]
        of = lambda opens: dict.fromkeys(point for own, _, named in self.points if own == opens for point in named)
        points, self.shut = list(of(True)), of(False)
        self.hold(not self.shut.keys() & points, "the closing: a point stands in a lot that stays shut, and would open something there")
        if not self.key:
            self.hold(not points and not self.shut, "the closing: it has points, and no openers who work on them")
            return "none, the server holds the key"
        for row in sorted(self.parts("tender", self.tender, "opening_contributions"), key=lambda row: row["position"]):
            place, partials = row["position"], b64(row["partials"])
            (key, verifying), context = self.members[place], f"baiyi-opener-contribution-1\n{self.root}\n{place}\n"
            told = "opening.contributed" if row["state"] == "accepted" else "opening.contribution_wrong"
            right = signed(f"{context}{sha256(partials).hex()}\n", key, row["signature"])
            right = right and row["signature"] in [said["signature"] for _, said in self.said(told, self.tender)]
            self.hold(right, f"opener {place} contributed something else, or not to this closing: its signature does not hold or is not the journal's")
            try:
                found = {point: product(verifying, context.encode(), point, partials[96 * n:96 * n + 96]) for n, point in enumerate(points)}
                wrong = None if len(partials) == 96 * len(points) else "for another number of points"
            except ValueError as because:
                wrong = because
            self.hold((wrong is None) == (row["state"] == "accepted"), f"opener {place}: its contribution is {row['state']}, and it is {wrong or 'right'}")
            self.products |= {} if wrong or not right else {place: found}
        enough, opened = len(self.products) >= self.threshold, [said["opened_with"] for _, said in self.said("tender.opened", self.tender)]
        self.hold(enough or opened != ["openers"] or not points, f"the tender was opened with {len(self.products)} of {self.threshold} contributions")
        if enough:
            chosen = list(self.products)[:self.threshold]
            self.secrets = {point: montgomery(lagrange({place: self.products[place][point] for place in chosen})) for point in points}
        return f"{len(self.products)} ({self.threshold} are needed), and their proofs hold for each of {len(points)} points"

    def read(self, bid, plain):
        """What a payload says, and for what it does not count."""
        fields, more = {"format", "nonce", "amendment", "price_fen", "offer", "attachments"}, {"consortium", "subcontracting", "declarations"}
        place = {name: bid[name] for name in ("tender_id", "lot_id", "organisation_id", "sequence")}
        try:
            payload = json.loads(plain.decode().rstrip())
            readable = fields | set(place) <= set(payload) <= fields | set(place) | more and isinstance(payload["price_fen"], int)
        except (ValueError, AttributeError, TypeError):
            readable = False
        if not readable:
            return {}, "unreadable"
        if payload["format"] != "baiyi-bid-1":
            return payload, "unknown_format"
        members = sorted(row["organisation_id"] for row in self.parts("bid", bid["id"], "bid_members"))
        bound = place == {name: payload[name] for name in place} and members == sorted(payload.get("consortium", []))
        return payload, None if bound and re.fullmatch("[0-9a-fA-F]{64}", payload["nonce"]) else "not_bound"

    def payloads(self):
        given, missing, count = {sha256(data).hex(): data for data in (pathlib.Path(name).read_bytes() for name in self.given.ciphertext)}, [], 0
        strangers = set(given) - {one["ciphertext_sha256"] for one in [*self.bids.values(), *self.files.values()]}
        self.hold(not strangers, f"given, and not of this tender: {', '.join(sorted(strangers))}")
        for opens, sha, named in [one for one in self.points if one[1] in given and self.key]:
            # A point that is left out is worked on by nobody, and its bid would be as unreadable as a damaged one.
            right = named == [point for point in points_of(given[sha]) if not opens or point not in self.shut]
            self.hold(right, f"the closing: it names other points than the header of the ciphertext {sha} has")
        by_reveals = "reveals" in [said["opened_with"] for _, said in self.said("tender.opened", self.tender)]
        for id, bid in self.bids.items():
            hold = lambda right, otherwise: self.hold(right, f"bid {id}: {otherwise}")
            if not self.said("bid.opened", id):
                continue
            told, row = self.said("bid.opened", id)[0][1], (self.parts("bid", id, "opened_bids") or [None])[0]
            hold(told["price_fen"] == (row and row["price_fen"]), "its entry bid.opened names another price than its row")
            shown = {one["attachment_id"]: one for one in self.parts("bid", id, "opened_attachments")}
            keys = {sha: b64(key) for reveal in self.parts("bid", id, "bid_reveals") for sha, key in reveal["file_keys"].items()}
            opens = lambda sha: unsealed(given[sha], {}, b"", keys.get(sha)) if by_reveals else unsealed(given[sha], self.secrets, self.group)
            sha, because = bid["ciphertext_sha256"], told["invalid_because"]
            if sha not in given or not (self.secrets or by_reveals):
                missing.append(id)
                continue
            plain, count = opens(sha), count + 1
            payload, wrong = self.read(bid, plain)
            wrong = "reveal_differs" if sha in keys and unsealed(given[sha], {}, b"", keys[sha]) != plain else wrong
            if wrong or because in ("unreadable", "unknown_format", "not_bound", "reveal_differs"):
                right = wrong == because and not row or (wrong, because) == (None, "not_bound")
                hold(right, f"its payload is {wrong or 'in order'}, and its rows and entry say {because or 'in order'}")
                self.open += [f"bid {id}: whether its files or its amendment are why it is not bound"] if right and not wrong else []
                continue
            price, ceiling = min(max(payload["price_fen"], 0), 10**12), self.lots[bid["lot_id"]]["ceiling_fen"]
            hold(price == row["price_fen"], f"its payload says {price} fen, and its row {row['price_fen']}")
            hold(told["state"] != "valid" or 0 < price <= ceiling, f"it is valid with {price} fen, and the ceiling is {ceiling}")
            # In a bundle a text that is JSON stands as what it says.
            offer = payload["offer"] if isinstance(row["offer"], str) else json.loads(payload["offer"])
            declared = [{"valid_to": None, "declaration_id": None, **one} for one in payload.get("declarations", [])]
            stated = [(one["subcontracting"], one["declarations"]) for one in self.parts("bid", id, "bid_statements")]
            same = offer == row["offer"] and stated == [(payload.get("subcontracting"), declared)]
            hold(same, "its rows show another offer, subcontracting or declaration than its payload")
            named = sorted(sha.lower() for sha in payload["attachments"])
            found = sorted(one["sha256"] for one in shown.values())
            hold(named == found == sorted(told["attachments_sha256"]), "its payload names other files than were opened")
            for file, one in shown.items():
                sha = self.files[file]["ciphertext_sha256"]
                content = opens(sha) if sha in given else None
                missing += [] if sha in given else [f"file {one['position']} of {id}"]
                right = sha not in given or content is not None and sha256(unpadded(content)).hex() == one["sha256"]
                hold(right, f"its file {one['position']} is not what its row names")
        self.open += [f"what these say, for want of ciphertext or key (--ciphertext): {', '.join(missing)}"] if missing else []
        return f"{count} bids, opened again with what openers or bidders gave, say what rows and entries say"

    def receipts(self):
        kept = pathlib.Path(self.given.folder) / "receipts-verifier.txt"
        vkey = self.given.receipt_key or (kept.read_text() if kept.exists() else "none++")
        for name in self.given.receipt:
            text = note_text(pathlib.Path(name).read_text(encoding="utf-8"), vkey) or ""
            said = dict(line.split(" ", 1) for line in text.partition("\ncheckpoint\n")[0].split("\n") if " " in line)
            if self.hold(text, f"receipt {name}: not signed with this key of receipts (--receipt-key)"):
                entry, bid = next((one for one in self.journal if one["id"] == said["entry"]), {}), self.bids.get(said["bid"], {})
                same = [entry.get(name) for name in ("text", "salt", "resource_id")] == [said["text"], said["salt"], said["bid"]]
                content = json.loads(said["text"])["content"]
                same = same and [content.get(name) for name in ("lot_id", "received_at")] == [said["lot"], said["received"]]
                right = same and bid.get("ciphertext_sha256") == said["sha256"] and said.get("index") in (None, str(entry["index"]))
                self.hold(right, f"receipt {name}: its bid or its entry is gone, or is another")
        self.open += [] if self.given.receipt else ["whether a bid was kept out of the journal: its bidder's receipt would show it (--receipt)"]
        return f"{len(self.given.receipt)} agree with bids and entries"


def main():
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("folder", "tender", "--key", "--receipt-key"):
        given.add_argument(name)
    for name in ("--ciphertext", "--receipt"):
        given.add_argument(name, nargs="+", action="extend", default=[])
    case = Case(given.parse_args())
    for check in (case.entries, case.signatures_of_bids, case.ceremony, case.closing_of_bids, case.contributions, case.payloads, case.receipts):
        name, before = check.__name__.replace("_", " "), len(case.faults)
        try:
            words = check()
        except (LookupError, TypeError, ValueError, AttributeError) as unread:
            case.faults.append(f"{name}: something is missing or cannot be read ({unread!r})")
        print(f"{name}: {words if len(case.faults) == before else f'{len(case.faults) - before} of the faults below'}")
    for one in case.open:
        print(f"not checked: {one}")
    if case.faults:
        sys.exit("\n".join(case.faults))
    print(f"the tender holds: {len(case.standing)} bids, {len(case.products)} contributions; {len(case.open)} things were not checked")


main()

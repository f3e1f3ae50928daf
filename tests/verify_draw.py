#!/usr/bin/env python3
"""Recomputes the record of a draw or of a ranking from docs/trust.md alone; the standard library suffices.

usage: verify_draw.py FILE     FILE is what GET /draws/{id} or GET /lots/{id}/ranking-record answered
"""
import fractions
import hashlib
import json
import sys
import uuid


def h(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def number(text):
    return uuid.UUID(text).bytes


def jcs(value):
    # Texts and integers only: this is RFC 8785 for them.
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def permutation(seed, count):
    order, block = list(range(count)), 0
    for last in range(count - 1, 0, -1):
        while True:
            value = int.from_bytes(h(b"baiyi/draw/block/v1\n", seed, block.to_bytes(8, "big"))[:8], "big")
            block += 1
            if value < 2**64 - 2**64 % (last + 1):
                break
        other = value % (last + 1)
        order[last], order[other] = order[other], order[last]
    return order


def draw(record):
    key = number(record["draw_id"])
    parts = []
    for one in record["contributions"]:
        assert one["nonce"], "a nonce is missing"
        parts.append(bytes.fromhex(one["nonce"]))
        assert h(b"baiyi/draw/commit/v1\n", key, number(one["unit_id"]), parts[-1]).hex() == one["commitment"], f"unit {one['unit_id']}: commitment"
    if record["checkpoint"]:
        parts.append(bytes.fromhex(record["checkpoint"]["root"]))
    assert len(parts) == 2, "two contributions make a seed"
    for one in record["contributions"]:
        assert one["pool_root"] == record["pool_root"], f"unit {one['unit_id']}: revealed to another pool"
    leaves = [bytes.fromhex(leaf) for leaf in record["pool"]]
    assert leaves == sorted(set(leaves)), "the pool is not in order"
    root = h(b"baiyi/draw/pool/v1\n", key, len(leaves).to_bytes(4, "big"), *leaves)
    assert root.hex() == record["pool_root"], "pool root"
    seed = h(b"baiyi/draw/seed/v1\n", key, root, *parts)
    assert seed.hex() == record["seed"], "seed"
    assert permutation(seed, len(leaves)) == record["order"], "order"
    for turn, one in enumerate(record["named"], 1):
        leaf = h(b"baiyi/draw/member/v1\n", key, bytes.fromhex(one["salt"]), number(one["member_id"]))
        assert one["turn"] == turn and leaf == leaves[record["order"][turn - 1]], f"turn {turn}"
        assert (one["outcome"] == "passed_over") == (one["passed_because"] is not None), f"turn {turn}: cause"
    return f"{len(leaves)} in the pool, {len(record['named'])} named: the permutation follows"


def ranking(record):
    weights = {one["position"]: one["weight_bp"] for one in record["criteria"]}
    price_weight = sum(one["weight_bp"] for one in record["criteria"] if one["kind"] == "price")
    sheets = []
    for sheet in record["sheets"]:
        scores = sorted(sheet["scores"], key=lambda one: (number(one["bid_id"]), one["position"], one["points_bp"]))
        if sheet["commitment"]:
            hidden = h(b"baiyi/sheet/scores/v1\n", bytes.fromhex(sheet["scores_key"]), jcs({"lot_id": record["lot_id"], "scores": scores}))
            assert h(b"baiyi/sheet/v1\n", hidden, bytes.fromhex(sheet["words_hash"])).hex() == sheet["commitment"], "a commitment"
        points = {(one["bid_id"], one["position"]): one["points_bp"] for one in scores}
        for one in sheet["amendments"]:
            assert points[one["bid_id"], one["position"]] == one["before_bp"], "an amendment"
            points[one["bid_id"], one["position"]] = one["after_bp"]
        sheets.append(points)
    half_up = lambda value: (2 * value + 1) // 2
    lowest = min(offer["price_fen"] for offer in record["offers"])
    totals = []
    for offer in record["offers"]:
        price = int(half_up(fractions.Fraction(lowest * 10000, offer["price_fen"])))
        quality = sum(weights[position] * value for points in sheets for (bid, position), value in points.items() if bid == offer["bid_id"])
        total = price
        if record["method"] == "weighted":
            total = int(half_up(fractions.Fraction(quality + len(sheets) * price_weight * price, len(sheets) * 10000)))
        first = -total if record["method"] == "weighted" else 0
        totals.append((first, offer["price_fen"], offer["bid_id"], price, total))
    written = {one["bid_id"]: (one["place"], one["price_points_bp"], one["points_bp"]) for one in record["ranking"]}
    assert len(written) == len(totals), "the ranking has other bids"
    for first, fen, bid, price, total in totals:
        place = 1 + sum(other[:2] < (first, fen) for other in totals)
        assert written[bid] == (place, price, total), f"bid {bid}: {(place, price, total)} follows"
    return f"{len(sheets)} sheets, {len(totals)} bids: the ranking follows"


def main():
    record = json.load(open(sys.argv[1], encoding="utf-8"))
    check = {"baiyi/draw/v1": draw, "baiyi/ranking/v1": ranking}[record["format"]]
    try:
        print(check(record))
    except AssertionError as fault:
        sys.exit(f"does not follow: {fault}")


main()

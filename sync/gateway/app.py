"""The gateway's four addresses. The signed header is the authorisation; answers are signed over the counter's nonce.

``POST /v1/enrol`` · ``POST /v1/sync`` · ``GET /v1/position`` · ``GET /v1/health``.
"""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import jsonschema
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from forms.problem import Problem
from sync import wire
from sync.events import Event
from sync.gateway import admission
from sync.gateway.ledger import Held, Ledger
from sync.gateway.writer import Writer

SILENCE = 30.0
"""Seconds without a byte of the body before a request is given up."""
_FEED_EVENTS = 400
_TEXT, _COUNT = {"type": "string", "maxLength": 200}, {"type": "integer", "minimum": 0}
_HEADER = {
    "type": "object",
    "required": ["v", "counter", "epoch", "logs", "feed", "gateway_epoch", "leases", "nonce"],
    "properties": {
        "v": {"const": 1},
        "counter": _TEXT,
        "epoch": _TEXT,
        "feed": _COUNT,
        "gateway_epoch": _TEXT,
        "nonce": _TEXT,
        "leases": {"type": "array", "items": {"type": "array", "prefixItems": [_COUNT, _COUNT, _TEXT], "minItems": 3}},
        "logs": {
            "type": "array",
            "maxItems": 1000,
            "items": {
                "type": "object",
                "required": ["epoch", "to", "base"],
                "properties": {
                    "epoch": _TEXT,
                    "to": _COUNT,
                    "base": {"type": "object", "required": ["number", "hash"], "properties": {"number": _COUNT, "hash": _TEXT}},
                },
            },
        },
    },
}
_STATUS = {"counter_unknown": 404, "signature_wrong": 403, "log_forked": 409, "enrol_code_used": 409, "enrol_code_unknown": 404}


@dataclass
class _Visit:
    """One sync request: who, what they claim, and the groups they sent that are on their way to the disk."""

    header: dict[str, Any]
    commune: str
    futures: list["Future[Held]"] = field(default_factory=list)

    @property
    def counter(self) -> str:
        return str(self.header["counter"])

    @property
    def nonce(self) -> str:
        return str(self.header["nonce"])


class Gateway:
    """The Starlette application over a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.writer = Writer(ledger)
        self.app = Starlette(
            routes=[
                Route("/v1/health", self.health, methods=["GET"]),
                Route("/v1/enrol", self.enrol, methods=["POST"]),
                Route("/v1/position", self.position, methods=["GET"]),
                Route("/v1/sync", self.sync, methods=["POST"]),
            ]
        )

    async def health(self, request: Request) -> Response:
        """For idle probing only: proves nothing."""
        return JSONResponse({"service": "motcua gateway", "v": 1})

    async def enrol(self, request: Request) -> Response:
        """A one-time code and a public key -> counter id, profile, ranges, gateway key; signed."""
        try:
            wanted = await request.json()
            reply = await run_in_threadpool(admission.enrol, self.ledger, wanted)
        except Problem as problem:
            return _plain(problem)
        except ValueError:
            return _plain(Problem("frame_malformed"))
        return JSONResponse(admission.signed(self.ledger, reply, wanted["public_key"]))

    async def position(self, request: Request) -> Response:
        """The signed acknowledgement alone, to go on after a cut."""
        try:
            payload = base64.b64decode(request.headers.get("x-motcua", ""), validate=True)
            visit = _claims(wire.Frame("H", payload))
        except (ValueError, Problem):
            return _plain(Problem("frame_malformed"))
        try:
            await run_in_threadpool(self._admit, visit, payload)
        except Problem as problem:
            return self._refusal(problem, visit.nonce)
        return Response(self._acknowledgement(visit), media_type="application/octet-stream")

    async def sync(self, request: Request) -> Response:
        """Frames in, committed as they arrive; acknowledgement, feed and trailer out."""
        reader, visit = wire.FrameReader(), None
        try:
            async for chunk in _chunks(request):
                for frame in reader.feed(chunk):
                    if visit is None:
                        visit = _claims(frame)
                        await run_in_threadpool(self._admit, visit, frame.payload)
                    else:
                        group = _group_of(frame, visit)
                        visit.futures.append(await self._submit(visit, group))
            if visit is None or not reader.empty:
                raise Problem("frame_malformed")
            await self._durable(visit)
        except ClientDisconnect:
            # What came is kept; nobody is there to be told.
            if visit:
                await self._durable(visit, quiet=True)
            return Response(status_code=400)
        except Problem as problem:
            return self._refusal(problem, visit.nonce if visit else "")
        return StreamingResponse(self._answer(visit), media_type="application/octet-stream")

    async def _submit(self, visit: _Visit, group: wire.Group) -> "Future[Held]":
        return await run_in_threadpool(self.writer.submit, visit.commune, group)

    async def _durable(self, visit: _Visit, quiet: bool = False) -> None:
        """Wait until every group is on the disk. :raises Problem: the first group's that was not taken."""
        done = [asyncio.wrap_future(f) for f in visit.futures]
        results = await asyncio.gather(*done, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not quiet:
                raise result

    def _admit(self, visit: _Visit, payload: bytes) -> None:
        """Who is there: the signature must be the enrolled key's, and no log may have forked."""
        key, visit.commune = self.ledger.counter(visit.counter)
        wire.check_header(payload, key)
        self.ledger.keep_leases(visit.commune, visit.counter, visit.header["leases"])
        for log in visit.header["logs"]:
            self.ledger.check_base(visit.counter, log["base"]["number"], log["base"]["hash"], log["epoch"])

    def _acknowledgement(self, visit: _Visit) -> bytes:
        logs = []
        for log in visit.header["logs"]:
            held = self.ledger.held(visit.counter, str(log["epoch"]))
            logs.append({"epoch": log["epoch"], "number": held.number, "head": held.head})
        value = {
            "counter": visit.counter,
            "logs": logs,
            "gateway_epoch": self.ledger.epoch,
            "feed_head": self.ledger.feed_head(visit.commune),
            "time": _now_ms(),
        }
        return wire.answer("A", value, visit.nonce, self.ledger.key)

    async def _answer(self, visit: _Visit) -> AsyncIterator[bytes]:
        yield await run_in_threadpool(self._acknowledgement, visit)
        known = visit.header.get("gateway_epoch") in (self.ledger.epoch, None)
        after = int(visit.header.get("feed", 0)) if known else 0
        while True:
            piece, upto = await run_in_threadpool(self._feed_piece, visit, after)
            if upto == after:
                break
            yield piece
            after = upto
        yield await run_in_threadpool(self._trailer, visit)

    def _feed_piece(self, visit: _Visit, after: int) -> tuple[bytes, int]:
        """One ``F`` frame: runs of consecutive events of one log, without what the counter itself holds."""
        entries = self.ledger.feed(visit.commune, after, _FEED_EVENTS)
        if not entries:
            return b"", after
        upto = entries[-1][0]
        holds = {str(log["epoch"]): int(log["to"]) for log in visit.header["logs"]}
        wanted = [e for _, e in entries if e.counter != visit.counter or e.number > holds.get(e.epoch, 0)]
        runs = [wire.Group(tuple(r), self.ledger.secrets_of(r)).as_json() for r in _runs(wanted)]
        value = {"from": after, "to": upto, "runs": runs}
        return wire.answer("F", value, visit.nonce, self.ledger.key), upto

    def _trailer(self, visit: _Visit) -> bytes:
        epoch = str(visit.header["epoch"])
        with self.ledger.writing() as db:
            ranges = self.ledger.leases(db, visit.commune, visit.counter, epoch)
        value = {
            "epoch": epoch,
            "leases": ranges,
            "profile": self.ledger.profile(visit.commune),
            "time": _now_ms(),
        }
        return wire.answer("T", value, visit.nonce, self.ledger.key)

    def _refusal(self, problem: Problem, nonce: str) -> Response:
        """A problem the counter can trust, and the line is closed so that it stops sending."""
        body = wire.answer("P", {"problem": problem.code, "details": problem.details}, nonce, self.ledger.key)
        headers = {"connection": "close"}
        return Response(body, _STATUS.get(problem.code, 400), headers, media_type="application/octet-stream")


def _claims(frame: wire.Frame) -> _Visit:
    """What a header says, in the shape it must have. :raises Problem: ``frame_malformed``."""
    if frame.kind != "H":
        raise Problem("frame_malformed")
    header = wire.read_header(frame.payload)
    try:
        jsonschema.validate(header, _HEADER)
    except jsonschema.ValidationError as error:
        raise Problem("frame_malformed") from error
    return _Visit(header, "")


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes; a line that went silent is a disconnect."""
    stream = request.stream()
    while True:
        try:
            chunk = await asyncio.wait_for(anext(stream), SILENCE)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise ClientDisconnect() from None
        if chunk:
            yield chunk


def _group_of(frame: wire.Frame, visit: _Visit) -> wire.Group:
    """A counter speaks for itself only. :raises Problem: ``frame_malformed``, ``chain_broken``."""
    if frame.kind != "G":
        raise Problem("frame_malformed")
    group = wire.Group.from_json(wire.unpack(frame.payload))
    if group.first.counter != visit.counter:
        raise Problem("frame_malformed")
    return group


def _runs(events: list[Event]) -> list[list[Event]]:
    runs: list[list[Event]] = []
    for event in events:
        last = runs[-1][-1] if runs else None
        if last and (last.counter, last.epoch, last.number + 1) == (event.counter, event.epoch, event.number):
            runs[-1].append(event)
        else:
            runs.append([event])
    return runs


def _plain(problem: Problem) -> Response:
    body = {"problem": problem.code, "details": problem.details}
    return JSONResponse(body, _STATUS.get(problem.code, 400), headers={"connection": "close"})


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

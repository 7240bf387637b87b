"""The gateway's addresses. The signed header is the authorisation; answers are signed over the counter's nonce.

``POST /v1/enrol`` · ``POST /v1/sync`` · ``GET /v1/position`` · ``GET /v1/health``; for receiving systems, which cannot sign,
``GET /v1/files/{dossier}/{sha256}`` (``files``: the address is the authorisation) and ``POST /v1/filed`` (``incoming``: a token).
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from forms.problem import Problem
from forms.working_days import VIETNAM
from sync.events import canonical
from sync.gateway import admission, files, incoming
from sync.gateway.ledger import Ledger
from sync.gateway.visit import Visit
from sync.gateway.writer import Writer

SILENCE = 30.0
"""Seconds without a byte of the body before a request is given up."""
_LULL = 1.0
"""Seconds without a byte before what is gathered of a scan is written: a line that fell silent may not come back."""
_MOST_ENROL = 16 << 10
"""Bytes of a request to enrol."""
_BUSY_OPEN = 600
"""Requests open at once above which a new one is asked to come again."""
_RETRY = 5
"""Seconds after which it should."""
_UNKEPT = {"cache-control": "no-store"}
_STATUS = {
    "counter_unknown": 404,
    "counter_revoked": 403,
    "signature_wrong": 403,
    "log_forked": 409,
    "enrol_code_used": 409,
    "enrol_code_unknown": 404,
    "not_let_in": 403,
    "link_wrong": 403,
    "link_expired": 410,
    "scan_unknown": 404,
    "gateway_busy": 503,
}


class Gateway:
    """The Starlette application over a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.writer = Writer(ledger)
        ledger.known.active = True
        self._open = 0
        self.app = Starlette(
            routes=[
                Route("/v1/health", self.health, methods=["GET"]),
                Route("/v1/enrol", self.enrol, methods=["POST"]),
                Route("/v1/position", self.position, methods=["GET"]),
                Route("/v1/sync", self.sync, methods=["POST"]),
                Route("/v1/files/{dossier}/{sha256}", self.file, methods=["GET"]),
                Route("/v1/filed", self.filed, methods=["POST"]),
            ]
        )

    async def health(self, request: Request) -> Response:
        """For idle probing only: proves nothing."""
        return JSONResponse({"service": "motcua gateway", "v": 2})

    async def enrol(self, request: Request) -> Response:
        """A one-time code and a public key -> counter id, profile, ranges, gateway key; signed."""
        try:
            wanted = await _asked(request)
            reply = await run_in_threadpool(admission.enrol, self.ledger, wanted)
        except Problem as problem:
            return _plain(problem)
        return JSONResponse(admission.signed(self.ledger, reply, wanted["public_key"]))

    async def position(self, request: Request) -> Response:
        """The signed acknowledgement alone, to go on after a cut."""
        visit = self._visit()
        try:
            visit.admit(base64.b64decode(request.headers.get("x-motcua", ""), validate=True))
        except (ValueError, Problem) as error:
            return self._refusal(visit, error if isinstance(error, Problem) else Problem("frame_malformed"))
        return Response(visit.acknowledgement(), media_type="application/octet-stream")

    async def sync(self, request: Request) -> Response:
        """Frames in, committed as they arrive; acknowledgement, feed and trailer out."""
        visit = self._visit()
        if self._open >= _BUSY_OPEN:
            return self._refusal(visit, Problem("gateway_busy"))
        self._open += 1
        try:
            await self._take(request, visit)
            await _durable(visit)
        except ClientDisconnect:
            # What came is kept; nobody is there to be told.
            visit.flush()
            await _durable(visit, quiet=True)
            return Response(status_code=400)
        except Problem as problem:
            return self._refusal(visit, problem)
        finally:
            self._open -= 1
        if visit.brief:
            return Response(b"".join(visit.answer()), media_type="application/octet-stream")
        return StreamingResponse(iterate_in_threadpool(visit.answer()), media_type="application/octet-stream")

    async def file(self, request: Request) -> Response:
        """A scan, for whoever has its address."""
        part, asked = request.path_params, request.query_params
        given = (part["dossier"], part["sha256"], asked.get("until", ""), asked.get("sig", ""), datetime.now(VIETNAM))
        try:
            found = await run_in_threadpool(files.open_link, self.ledger, *given)
        except Problem as problem:
            return _plain(problem)
        headers = _UNKEPT | {
            "content-length": str(found.size),
            "content-disposition": f'attachment; filename="{found.name}"',
            "x-content-type-options": "nosniff",
        }
        return StreamingResponse(iterate_in_threadpool(found.pieces()), headers=headers, media_type=found.kind)

    async def filed(self, request: Request) -> Response:
        """Dossiers filed online, from a receiving system: durable before it is told so, in its own manner."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            body = await _body(request, incoming.MOST_BYTES)
            unit, word = request.query_params.get("MaDinhDanhDV", ""), token if kind.lower() == "bearer" else ""
            await run_in_threadpool(incoming.take, self.ledger.data, unit, word, body)
        except Problem as problem:
            return JSONResponse({"error_code": -1, "message": problem.code}, _STATUS.get(problem.code, 400), _UNKEPT)
        return JSONResponse({"error_code": 0, "message": "Tiếp nhận thành công"}, headers=_UNKEPT)

    def _visit(self) -> Visit:
        return Visit(self.ledger, self.writer.submit, self.writer.submit_scan)

    async def _take(self, request: Request, visit: Visit) -> None:
        """The body as it comes; a line that went silent is a disconnect."""
        clock = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(SILENCE) as limit, _lull(visit) as heard:
                async for chunk in request.stream():
                    limit.reschedule(clock() + SILENCE)
                    visit.take(chunk)
                    heard()
                    while self.writer.busy:
                        await asyncio.sleep(0.02)  # the line waits, not the loop: other requests go on
        except TimeoutError:
            raise ClientDisconnect() from None
        visit.finish()

    def _refusal(self, visit: Visit, problem: Problem) -> Response:
        """The line is closed, so that the counter stops sending."""
        headers = {"connection": "close"} | ({"retry-after": str(_RETRY)} if problem.code == "gateway_busy" else {})
        status = _STATUS.get(problem.code, 400)
        return Response(visit.refusal(problem), status, headers, media_type="application/octet-stream")


async def _asked(request: Request) -> Any:
    """The body of an enrolment, from anybody. :raises Problem: ``frame_malformed``: no JSON that could be signed, or too long."""
    body = await _body(request, _MOST_ENROL)
    try:
        wanted = json.loads(body)
        canonical(wanted)
    except (ValueError, RecursionError) as error:
        raise Problem("frame_malformed") from error
    return wanted


async def _body(request: Request, most: int) -> bytes:
    """:raises Problem: ``frame_malformed``: it is longer than that."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Problem("frame_malformed")
    return bytes(body)


async def _durable(visit: Visit, quiet: bool = False) -> None:
    """Wait until every job is on the disk. :raises Problem: the first group's that was not taken."""
    results = await asyncio.gather(*[asyncio.wrap_future(job) for job in visit.jobs], return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not quiet:
            raise result


@asynccontextmanager
async def _lull(visit: Visit) -> AsyncIterator[Callable[[], None]]:
    """Writes what is gathered of a scan when nothing came for a moment: a line that fell silent may not come back. What it
    gives is to be called at each chunk."""
    loop, waiting = asyncio.get_running_loop(), None

    def heard() -> None:
        nonlocal waiting
        if waiting:
            waiting.cancel()
        waiting = loop.call_later(_LULL, visit.flush) if visit.gathering else None

    try:
        yield heard
    finally:
        if waiting:
            waiting.cancel()


def _plain(problem: Problem) -> Response:
    body = {"problem": problem.code, "details": problem.details}
    return JSONResponse(body, _STATUS.get(problem.code, 400), headers=_UNKEPT | {"connection": "close"})

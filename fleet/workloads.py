"""Uploaded networks: stored by digest, named once, removed without harm to what was measured."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import BooleanField, F, Func, JSONField, Q, QuerySet, Sum, Value
from django.utils import timezone

from benchmarks.specs import RunSpec
from benchmarks.uploads.checked import (
    Upload,
    UploadError,
    check_files,
    check_name,
    check_onnx,
    shape_of,
)
from benchmarks.uploads.library import Pair, uploaded
from benchmarks.uploads.store import Store, store_folder
from benchmarks.workloads import OWN, Workload
from fleet.lifecycle.run import ENDED
from fleet.models import Run, UploadedWorkload

MAX_TOTAL_BYTES = 20 * 2**30  # of all uploaded networks together
_CHECKING = Lock()
_LOCK = 0x6E657473  # of Postgres's advisory locks; any number that nobody else uses


class InUse(Exception):
    """A network cannot be removed now."""


@dataclass(frozen=True, slots=True)
class PostgresLibrary:
    """What runs may name beside our own workloads."""

    def find(self, name: str) -> Workload | None:
        """Return an uploaded network; a removed one too, because stored runs name it."""
        row = UploadedWorkload.objects.filter(name=name).first()
        return None if row is None else as_workload(row)

    def names(self) -> list[str]:
        """Return what a new run may name."""
        return list(present().values_list("name", flat=True))


LIBRARY = PostgresLibrary()


def as_workload(row: UploadedWorkload) -> Workload:
    """Return a row as a workload whose files are read when they are needed."""
    pair = Pair(store_folder(), row.param_sha256, row.bin_sha256)
    return uploaded(
        row.name,
        pair,
        source=row.source,
        shape=row.shape,
        macs=row.macs,
        bin_bytes=row.bin_bytes,
    )


def present() -> "QuerySet[UploadedWorkload]":
    """Return the networks that new runs may name."""
    return UploadedWorkload.objects.filter(removed_at=None)


def take_in(
    name: str, files: Mapping[str, bytes], input_shape: str, by: AbstractBaseUser | None
) -> tuple[UploadedWorkload, bool]:
    """Check what somebody uploaded, and store it. Raises UploadError, and then nothing was stored.

    `files` has `param` and `bin`, or `onnx`; each a whole file.
    """
    check_name(name)
    refuse_taken_name(name)
    shape = shape_of(input_shape)
    with _CHECKING:  # each may need a gigabyte
        if set(files) == {"onnx"}:
            return add(check_onnx(name, files["onnx"], shape), by)
        for wanted, other in (("bin", "param"), ("param", "bin")):
            if set(files) == {other}:
                raise UploadError(f"the .{other} is here; choose its .{wanted} as well", wanted)
        if set(files) != {"param", "bin"}:
            given = " and ".join(f".{kind}" for kind in sorted(files)) or "no file"
            raise UploadError(f"{given}: choose a .param and its .bin, or one .onnx", "param")
        return add(check_files(name, files["param"], files["bin"], shape), by)


def add(upload: Upload, by: AbstractBaseUser | None) -> tuple[UploadedWorkload, bool]:
    """Store a checked network; return its row and whether it is new. Raises UploadError.

    The same content under the same name again changes nothing, and brings a removed one back.
    """
    refuse_taken_name(upload.name)
    digests = {name: sha256(data).hexdigest() for name, data in _files(upload).items()}
    with transaction.atomic():
        _alone()
        row = UploadedWorkload.objects.filter(name=upload.name).first()
        if row is not None and (row.param_sha256, row.bin_sha256) != tuple(digests.values()):
            raise _taken(row)
        _refuse_too_much(upload)
        store = Store(store_folder())
        for data in _files(upload).values():
            store.put(data)
        if row is None:
            return UploadedWorkload.objects.create(**_columns(upload, by), **digests), True
        UploadedWorkload.objects.filter(pk=row.pk).update(removed_at=None)
    return row, False


def refuse_taken_name(name: str) -> None:
    """Raise UploadError for the name of one of our own workloads."""
    if name in OWN:
        raise UploadError(
            f"{name} is one of Simmer's own workloads: choose another name, such as {name}-mine",
            "name",
        )


def remove(row: UploadedWorkload) -> str:
    """Take a network away; return what became of it. Raises InUse while runs wait for it.

    One that no run ever named is gone with its files. Otherwise no new run may name it, and its
    name and files stay, so that stored runs can be read and judged again.
    """
    with transaction.atomic():
        _alone()
        row = UploadedWorkload.objects.select_for_update().get(pk=row.pk)
        named = _runs_naming(row.name)
        waiting = list(named.exclude(state__in=ENDED).values_list("pk", flat=True)[:5])
        if waiting:
            numbers = ", ".join(map(str, waiting))
            raise InUse(f"{row.name} is needed by run {numbers}: cancel it or wait for its end")
        if named.exists():
            row.removed_at = timezone.now()
            row.save(update_fields=["removed_at"])
            return "kept for its runs"
        row.delete()
        _drop_files(row)
    return "gone"


def hold(specs: Iterable[RunSpec]) -> list[str]:
    """Lock the uploads that new runs name until those are stored; return the names that are gone.

    Call it inside the transaction that stores the runs: a removal at the same moment waits.
    """
    loads = (load for spec in specs for load in spec.benchmark.loads())
    named = {name for load in loads for name in load.workloads} - set(OWN)
    held = present().select_for_update().filter(name__in=named) if named else ()
    return sorted(named - {row.name for row in held})


def _alone() -> None:
    """Let one transaction at a time add or remove networks: they may share files."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


def _files(upload: Upload) -> dict[str, bytes]:
    return {"param_sha256": upload.param, "bin_sha256": upload.bin}


def _refuse_too_much(upload: Upload) -> None:
    used = UploadedWorkload.objects.aggregate(all=Sum(F("param_bytes") + F("bin_bytes")))["all"]
    if (used or 0) + len(upload.bin) > MAX_TOTAL_BYTES:
        raise UploadError(
            f"all uploads together may have {MAX_TOTAL_BYTES / 2**30:.0f} GiB: "
            "remove some that no run has used",
            "onnx" if upload.source == "onnx" else "bin",
        )


def _columns(upload: Upload, by: AbstractBaseUser | None) -> dict[str, Any]:
    return {
        "name": upload.name,
        "param_bytes": len(upload.param),
        "bin_bytes": len(upload.bin),
        "source": upload.source,
        "source_sha256": upload.source_sha256,
        "note": upload.note,
        "shape": list(upload.shape),
        "layers": dict(Counter(layer.type for layer in upload.network.layers)),
        "macs": upload.network.macs,
        "created_by_id": by.pk if by else None,
    }


def _taken(row: UploadedWorkload) -> UploadError:
    who = f" by {row.created_by}" if row.created_by else ""
    return UploadError(
        f"the name {row.name} belongs to another network, uploaded {row.created_at:%Y-%m-%d %H:%M} "
        f"UTC{who}; runs refer to networks by name, so no name is ever given to other content: "
        f"choose another, such as {row.name}-2",
        "name",
    )


def _in_a_row(name: str) -> str:
    """Return the pattern that finds a name in `my-large=76+my-small=65:70:300`."""
    return f"(^|[+]){name.replace('.', '[.]')}="


def _runs_naming(name: str) -> "QuerySet[Run]":
    """Return the runs whose benchmark has this name anywhere among its parameters.

    A name was checked when it was given: letters, digits, `_`, `.` and `-`.
    """
    names_it = Func(
        F("spec_json"),
        Value(f'$.benchmark.** ? (@ == $name || @ like_regex "{_in_a_row(name)}")'),
        Value({"name": name}, JSONField()),
        function="jsonb_path_exists",
        output_field=BooleanField(),
    )
    return Run.objects.filter(names_it)


def _drop_files(row: UploadedWorkload) -> None:
    """Delete the files of a row that is gone, unless another network has the same ones."""
    for digest in (row.param_sha256, row.bin_sha256):
        others = UploadedWorkload.objects.filter(Q(param_sha256=digest) | Q(bin_sha256=digest))
        if not others.exists():
            Store(store_folder()).remove(digest)

"""What the figures were taken on."""

import os
import platform
import tempfile
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

from devora_admin.core import mongo
from devora_admin.ops.benchmarks.measure import interleave


def machine() -> dict[str, Any]:
    server = mongo.client().server_info()
    return {
        "cpu": _cpu(),
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "load": round(psutil.getloadavg()[0], 2),
        "fsync_ms": round(_fsync_ms(), 3),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "mongodb": server["version"],
    }


def data() -> dict[str, Any]:
    """Sizes in bytes, as `collStats` tells them."""
    db = mongo.database()
    found = db.command("collStats", "projects")
    return {
        "database": db.name,
        "projects": found["count"],
        "customers": db.users.estimated_document_count(),
        "bytes": found["size"],
        "bytes_on_disk": found["storageSize"],
        "index_bytes": found["totalIndexSize"],
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _fsync_ms() -> float:
    """What the disk takes to keep 4 KB: every durable write waits for it."""
    with tempfile.NamedTemporaryFile(dir=settings.DATA_DIR) as file:

        def keep() -> None:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())

        return interleave({"fsync": keep}, rounds=50)["fsync"].p50


def describe(found: dict[str, Any], size: dict[str, Any]) -> list[str]:
    return [
        f"Machine: {found['cpu']}, {found['cores']} cores, {found['memory_gb']} GB, load "
        f"{found['load']}, fsync {found['fsync_ms']:.2f} ms; {found['system']}; "
        f"Python {found['python']}; MongoDB {found['mongodb']}",
        f"Data: {size['database']}, {size['projects']:,} projects of {size['customers']:,} "
        f"customers, {size['bytes'] / 2**20:,.0f} MB ({size['bytes_on_disk'] / 2**20:,.0f} on "
        f"disk, indexes {size['index_bytes'] / 2**20:,.0f})",
    ]

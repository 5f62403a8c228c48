"""What every child of the farm is told through its environment."""

import shutil
import sys

from fleet.local.datadir import DataDir
from fleet.local.postgres import DATABASE
from fleet.local.valkey import Valkey

PYTHON = sys.executable
HOST_NAME = "local"  # one data directory is one farm on one host, whatever it is called today


def environment(data: DataDir, valkey: Valkey, adb_port: int) -> dict[str, str]:
    """Return the variables that settings and clients read."""
    return {
        "SIMMER_DATA": str(data.root),
        "SIMMER_DB_HOST": str(data.postgres_sockets),
        "SIMMER_DB_NAME": DATABASE,
        "SIMMER_DB_USER": "app",
        "SIMMER_VALKEY_URL": valkey.url,
        "SIMMER_BROKER_URL": valkey.broker_url,
        "SIMMER_SECRET_KEY_FILE": str(data.secret_key),
        "SIMMER_HOST_NAME": HOST_NAME,
        "SIMMER_VIRTUAL_CONTROL": str(data.control_socket),
        "ANDROID_ADB_SERVER_PORT": str(adb_port),
        # adbutils would start a server of its own when ours is away.
        "ADBUTILS_ADB_PATH": shutil.which("true") or "true",
        "DJANGO_SETTINGS_MODULE": "fleet.settings",
        "PYTHONUNBUFFERED": "1",
        # Many small processes share few cores: a thread pool in each would only fight.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }

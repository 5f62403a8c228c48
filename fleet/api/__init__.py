"""The REST API: one router per resource, tokens or a login at every door but health."""

from ninja import NinjaAPI

from fleet.api import (
    benchmarks,
    devices,
    errors,
    experiments,
    health,
    imports,
    reports,
    runs,
    tokens,
    trace,
    workloads,
)
from fleet.api.auth import AUTH, reader

api = NinjaAPI(
    title="Simmer",
    version="1",
    description="A farm of phones as a measuring instrument for on-device machine learning.",
    auth=AUTH,
    docs_decorator=reader,
    urls_namespace="api",
)
errors.install(api)
for module in (
    *(health, devices, benchmarks, workloads),
    *(runs, trace, experiments, reports, imports, tokens),
):
    api.add_router("", module.router)

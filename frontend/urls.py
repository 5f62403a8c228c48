"""The addresses of the pages; REST and websockets have their own."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from frontend.views import (
    comparison,
    documentation,
    experiment,
    fleet,
    login,
    new_experiment,
    new_run,
    phone_catalog,
    run,
    runs,
    upload,
    workloads,
)

urlpatterns = [
    path("", fleet.fleet, name="fleet"),
    path("devices/<int:pk>/card", fleet.device_card, name="device_card"),
    path("runs/", runs.runs, name="runs"),
    path("runs/new", new_run.new_run, name="new_run"),
    path("runs/new/fields", new_run.fields, name="new_run_fields"),
    path("runs/new/preview", new_run.preview, name="new_run_preview"),
    path("runs/<int:pk>/", run.run, name="run"),
    path("runs/<int:pk>/status", run.status, name="run_status"),
    path("runs/<int:pk>/cancellation", run.cancellation, name="run_cancellation"),
    path("runs/<int:pk>/analysis", run.analysis, name="run_analysis"),
    path("reports/comparison", comparison.comparison, name="comparison"),
    path("reports/comparison.html", comparison.comparison_file, name="comparison_file"),
    path("experiments/", experiment.experiments, name="experiments"),
    path("experiments/new", new_experiment.new_experiment, name="new_experiment"),
    path("experiments/new/preview", new_experiment.preview, name="new_experiment_preview"),
    path("experiments/<int:pk>/", experiment.experiment, name="experiment"),
    path("experiments/<int:pk>/status", experiment.status, name="experiment_status"),
    path(
        "experiments/<int:pk>/cancellation",
        experiment.cancellation,
        name="experiment_cancellation",
    ),
    path("phones/", phone_catalog.catalog, name="phone_catalog"),
    path("phones/<slug:name>/", phone_catalog.phone, name="catalog_phone"),
    path("benchmarks/", documentation.benchmarks, name="benchmarks"),
    path("benchmarks/<slug:name>/", documentation.benchmark, name="benchmark"),
    path("policies/<slug:name>/", documentation.policy, name="policy"),
    path("workloads/upload", upload.upload, name="upload"),
    path("workloads/<int:pk>/removal", upload.removal, name="upload_removal"),
    path("workloads/", workloads.workloads, name="workloads"),
    path("workloads/<str:name>/", workloads.workload, name="workload"),
    path("login", login.Login.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
]

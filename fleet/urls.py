"""Every address of the farm."""

from django.contrib import admin
from django.urls import include, path

from fleet.api import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("backstage/", admin.site.urls),
    path("", include("frontend.urls")),
]

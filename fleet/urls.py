"""Every address of the farm."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, include, path

from fleet.api import api

api_patterns, app_name, namespace = api.urls
for pattern in api_patterns:
    # Tokens open the API; the login page would be a strange answer to a CI job. What describes the
    # API asks for a token or a login by itself.
    if isinstance(pattern, URLPattern):
        login_not_required(pattern.callback)

urlpatterns = [
    path("api/v1/", (api_patterns, app_name, namespace)),
    path("backstage/", admin.site.urls),
    path("", include("frontend.urls")),
]

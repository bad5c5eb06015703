"""Addresses: the admin at the root, the API under /api/v1/, the links of
alerts under /l/."""

from django.contrib import admin
from django.urls import include, path

from .errors import missing
from .metrics import metrics

handler400 = "routing_admin.errors.bad_request"
handler403 = "routing_admin.errors.permission_denied"
handler404 = "routing_admin.errors.not_found"
handler500 = "routing_admin.errors.server_error"

urlpatterns = [
    path("api/v1/", include("leads.api.urls")),
    # The admin sends every address it does not know to its sign-in page.
    path("api/<path:rest>", missing),
    path("l/", include("leads.links.urls")),
    path("metrics", metrics),
    path("", admin.site.urls),
]

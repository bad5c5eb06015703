"""The API's own description: the OpenAPI document and pages to read and try it, for anybody."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.views import APIView

from .problems import failure_response


class Described(APIView):
    """Answers anybody, and failures as the rest of the API does."""

    authentication_classes = ()
    permission_classes = ()

    def handle_exception(self, error: Exception) -> HttpResponse:  # type: ignore[override]
        """Return the problem document of a failure."""
        return failure_response(self.request, error)


class SchemaView(Described, SpectacularAPIView):
    """`schema/`: OpenAPI 3, as YAML or (`?format=json`) as JSON."""


class DocsView(Described, SpectacularSwaggerSplitView):
    """`docs/`: pages that load nothing from elsewhere; script and page apart, for the policy."""

    url_name = "api-schema"

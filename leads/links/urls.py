"""Addresses of the links of alerts."""

from django.urls import path

from .views import LinkView

urlpatterns = [path("<str:token>/", LinkView.as_view(), name="leads-link")]

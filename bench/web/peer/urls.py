"""The peer's addresses."""

from django.contrib.auth.views import LoginView
from django.urls import path
from sheets.views import SheetList

urlpatterns = [
    path("sheets", SheetList.as_view(), name="sheets"),
    path("session/new", LoginView.as_view(), name="login"),
]

"""The list, for those who are signed in."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import ListView

from sheets.models import Sheet


class SheetList(LoginRequiredMixin, ListView):
    queryset = Sheet.objects.select_related("department")
    template_name = "sheets/list.html"

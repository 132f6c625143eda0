"""What the peer's list shows."""

from django.db import models


class Department(models.Model):
    name = models.CharField(max_length=100, unique=True)


class State(models.TextChoices):
    DRAFT = "draft", "下書き"
    SUBMITTED = "submitted", "提出"
    RETURNED = "returned", "差戻し"
    RECEIVED = "received", "受付"
    FIXED = "fixed", "確定"


class Sheet(models.Model):
    reference = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200)
    department = models.ForeignKey(Department, on_delete=models.PROTECT)
    start = models.CharField(max_length=10, choices=State)
    midterm = models.CharField(max_length=10, choices=State)
    yearend = models.CharField(max_length=10, choices=State)
    rating = models.CharField(max_length=2, blank=True)
    updated = models.DateTimeField()

    class Meta:
        ordering = ["reference"]
